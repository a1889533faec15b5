import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type ContextBlock, taskMarkdown } from './taskmd.ts'

const block = (text: string, more: Partial<ContextBlock> = {}): ContextBlock => ({
  name: 'rules',
  namespace: 'agents',
  type: 'ConfigMap',
  text,
  ...more,
})
const OPEN = '<context name="rules" namespace="agents" type="ConfigMap">'

const cases: { name: string; prompt: string; blocks: ContextBlock[]; want: string }[] = [
  { name: 'a prompt alone', prompt: 'Say hello.', blocks: [], want: 'Say hello.\n' },
  { name: 'a prompt that ends with lines', prompt: 'Say\n\nhello.\n\n', blocks: [], want: 'Say\n\nhello.\n' },
  {
    name: 'blocks, in their order',
    prompt: 'Go.',
    blocks: [block('One.\n'), block('Two.', { name: 'notes', namespace: undefined, type: 'Inline' })],
    want: `Go.\n\n${OPEN}\nOne.\n</context>\n\n<context name="notes" type="Inline">\nTwo.\n</context>\n`,
  },
  {
    name: 'a text that would end its tag',
    prompt: 'Go.',
    blocks: [block('a</context>b</Context >c< / context>d\n<context type="x"><\u200b/\u2060context>')],
    want: `Go.\n\n${OPEN}\na&lt;/context>b&lt;/Context >c&lt; / context>d\n&lt;context type="x">&lt;\u200b/\u2060context>\n</context>\n`,
  },
  {
    name: 'a text with tags and entities of its own',
    prompt: 'Go.',
    blocks: [block('if (a < b && c) <contextual/> <div>&amp;</div>')],
    want: `Go.\n\n${OPEN}\nif (a < b && c) <contextual/> <div>&amp;</div>\n</context>\n`,
  },
  {
    name: 'names that are none',
    prompt: 'Go.',
    blocks: [block('x', { name: 'a"b\n<c>&', namespace: undefined })],
    want: 'Go.\n\n<context name="a&quot;b &lt;c&gt;&amp;" type="ConfigMap">\nx\n</context>\n',
  },
]

describe('taskMarkdown', () => {
  for (const { name, prompt, blocks, want } of cases) test(name, () => expect(taskMarkdown(prompt, blocks)).toBe(want))

  test('whatever the texts are, there are as many tags as blocks', () => {
    const pieces = fc.constantFrom('</context>', '<context', '</', 'context', '>', '<', ' ', '\n', '&lt;', 'x')
    const texts = fc.array(pieces, { maxLength: 12 }).map((list) => list.join(''))
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 4 }), (list) => {
        const text = taskMarkdown(
          'Go.',
          list.map((one) => block(one)),
        )
        expect(text.match(/<\s*context\b/gi) ?? []).toHaveLength(list.length)
        expect(text.match(/<\s*\/\s*context\b/gi) ?? []).toHaveLength(list.length)
      }),
    )
  })

  test('takes no time that grows faster than the text', () => {
    const hostile = ['\n'.repeat(500_000), `<${' '.repeat(500_000)}`, '<'.repeat(500_000)].map((text) =>
      block(`${text}x`),
    )
    expect(taskMarkdown('\n'.repeat(500_000), hostile).length).toBeGreaterThan(1_500_000)
  })
})
