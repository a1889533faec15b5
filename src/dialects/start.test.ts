import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { asItIs, startCommand } from './start.ts'

const START = { program: 'agent', args: ['-p', '$(HOME)'] }

describe('startCommand', () => {
  test('names the folder, what stdin is, and the program with its arguments', () => {
    const { command, args } = startCommand(START, '/workspace')
    expect([command.slice(0, 2), command.length]).toEqual([['sh', '-c'], 4])
    expect(args).toEqual(['/workspace', '/dev/null', '--', 'agent', '-p', '$$(HOME)'])
  })

  test('copies and escapes first', () => {
    const copies = [{ from: '/a', to: '/b' }]
    const { args } = startCommand({ ...START, stdin: '/p', copies, escaped: ['X'] }, '/workspace')
    expect(args.slice(0, 8)).toEqual(['/workspace', '/p', 'copy', '/a', '/b', 'escape', 'X', '--'])
  })

  test('takes program and further arguments of a runtime, whose variables Kubernetes fills in', () => {
    const { args } = startCommand(START, '/w', { command: ['npx', 'agent'], args: ['--key=$(KEY)'] })
    expect(args.slice(3)).toEqual(['npx', 'agent', '-p', '$$(HOME)', '--key=$(KEY)'])
  })

  test('is the same text for everybody', () => {
    const other = startCommand({ program: 'x', args: ['y'], stdin: '/z', escaped: ['A'] }, '/v')
    expect(other.command).toEqual(startCommand(START, '/workspace').command)
  })
})

/** Kubernetes' own expansion: third_party/forked/golang/expansion/expand.go */
function expanded(text: string, variables: Record<string, string>): string {
  let out = ''
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '$' || at + 1 === text.length) out += text[at]
    else if (text[at + 1] === '$') {
      out += '$'
      at++
    } else if (text[at + 1] === '(') {
      const end = text.indexOf(')', at)
      if (end < 0) out += text[at]
      else {
        const name = text.slice(at + 2, end)
        out += variables[name] ?? `$(${name})`
        at = end
      }
    } else out += text[at]
  }
  return out
}

test('asItIs: whatever the text is, Kubernetes leaves it as it was', () => {
  const texts = fc.array(fc.constantFrom('$', '(', ')', 'HOME', '$(HOME)', '$$', '$(', 'x'), { maxLength: 12 })
  fc.assert(
    fc.property(texts, (list) => {
      const text = list.join('')
      expect(expanded(asItIs(text), { HOME: 'secret', '': 'secret' })).toBe(text)
    }),
  )
})
