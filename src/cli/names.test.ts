import { expect, test } from 'bun:test'
import { parseName, parseNamespace } from './names.ts'

test.each([
  ['hello', 'hello'],
  ['aj/hello', 'hello'],
  ['AgentJob/hello', 'hello'],
  ['agentjobs/hello', 'hello'],
  ['agentjob.agentjob.io/hello', 'hello'],
  ['agentjobs.agentjob.io/hello', 'hello'],
])('%s is the AgentJob %s', (given, want) => expect(parseName(given)).toBe(want))

test.each(['', '/', 'aj/', '/hello', 'pod/hello', 'aj/a/b', '../..'])('"%s" is none', (given) =>
  expect(() => parseName(given)).toThrow('such as hello or aj/hello'),
)

test.each(['team', 'a', '0-1', 'x'.repeat(63)])('%s can be a namespace', (given) =>
  expect(parseNamespace(given)).toBe(given),
)
test.each(['', 'Team', '../x', '-a', 'a-', 'a.b', 'x'.repeat(64)])('"%s" cannot', (given) =>
  expect(() => parseNamespace(given)).toThrow('a namespace'),
)
