import { expect, test } from 'bun:test'
import { type Fillings, fill, PLACEHOLDERS, placeholdersIn } from './placeholders.ts'

const FILLINGS = Object.fromEntries(PLACEHOLDERS.map((name) => [name, `<${name}>`])) as Fillings

const cases: { template: string; names: string[]; want?: string }[] = [
  { template: '', names: [], want: '' },
  { template: '{{prompt}}', names: ['prompt'], want: '<prompt>' },
  { template: 'a {{ model }}{{name}} b', names: ['model', 'name'], want: 'a <model><name> b' },
  { template: '{prompt} { {prompt} } {{}', names: [], want: '{prompt} { {prompt} } {{}' },
  { template: '{{{prompt}}}', names: ['prompt'], want: '{<prompt>}' },
  { template: '{{promt}} {{}} {{Prompt}}', names: ['promt', '', 'Prompt'] },
  { template: '{{constructor}} {{__proto__}}', names: ['constructor', '__proto__'] },
]

for (const { template, names, want = template } of cases)
  test(`placeholders of ${JSON.stringify(template)}`, () => {
    expect(placeholdersIn(template)).toEqual(names)
    expect(fill(template, FILLINGS)).toBe(want)
  })

test('what is filled in is no template', () =>
  expect(fill('{{prompt}}', { ...FILLINGS, prompt: '{{model}} $& $1' })).toBe('{{model}} $& $1'))
