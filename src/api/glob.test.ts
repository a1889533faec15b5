import { describe, expect, test } from 'bun:test'
import { GLOB, matchesGlob } from './glob.ts'

const REGISTRY = 'registry.example.com'
const cases: { pattern: string; yes?: string[]; no?: string[] }[] = [
  { pattern: 'claude', yes: ['claude'], no: ['claude-2', 'aclaude', 'Claude', 'a/claude', 'claude/a', ''] },
  { pattern: 'claude-*', yes: ['claude-', 'claude-sonnet-5'], no: ['claude', 'x-claude-', 'claude-/a'] },
  { pattern: '*', yes: ['', 'a', 'a:1@sha256:b'], no: ['a/b'] },
  { pattern: '**', yes: ['a', 'a/b', 'a/b/c'] },
  {
    pattern: `${REGISTRY}/team/*`,
    yes: [`${REGISTRY}/team/agent`, `${REGISTRY}/team/agent:1`, `${REGISTRY}/team/agent@sha256:0`],
    no: [
      `${REGISTRY}/team-evil/agent`,
      `${REGISTRY}/team/agent/deeper`,
      `${REGISTRY}/team`,
      `${REGISTRY}/other/team/agent`,
      `evil.example.net/${REGISTRY}/team/agent`,
      `${REGISTRY}.evil.test/team/agent`,
      `${REGISTRY}:5000/team/agent`,
    ],
  },
  // a word goes on, a path does not
  {
    pattern: `${REGISTRY}/team*`,
    yes: [`${REGISTRY}/team`, `${REGISTRY}/team:1`, `${REGISTRY}/team-evil`],
    no: [`${REGISTRY}/team/agent`, `${REGISTRY}/team-evil/agent`],
  },
  {
    pattern: `${REGISTRY}/**`,
    yes: [`${REGISTRY}/a`, `${REGISTRY}/a/b/c:1`],
    no: [REGISTRY, `${REGISTRY}.evil.test/a`, `evil.test/${REGISTRY}/a`],
  },
  { pattern: 'a/**/z', yes: ['a/b/z', 'a/b/c/z', 'a/z/z'], no: ['a/z', 'a/b', 'b/a/b/z'] },
  { pattern: '**/agent:*', yes: ['x/agent:1', 'x/y/agent:'], no: ['agent:1', 'x/agent'] },
  { pattern: '*a*b*', yes: ['ab', 'xaxbx', 'aab'], no: ['ba', 'a'] },
  { pattern: 'a*a', yes: ['aa', 'aba'], no: ['a'] },
  { pattern: 'a*bc*c', yes: ['abcc', 'abcxc'], no: ['abc'] },
  { pattern: 'a.c', yes: ['a.c'], no: ['abc'] },
]
for (const { pattern, yes = [], no = [] } of cases) {
  test.each(yes)(`${pattern} stands for "%s"`, (text) => expect(matchesGlob(pattern, text)).toBe(true))
  test.each(no)(`${pattern} does not stand for "%s"`, (text) => expect(matchesGlob(pattern, text)).toBe(false))
}

describe('what a pattern is', () => {
  test.each(cases.map(({ pattern }) => pattern))('%s', (pattern) => expect(GLOB.test(pattern)).toBe(true))
  test.each(['', '/', 'a/', '/a', 'a//b', 'a**', '**a', 'a/b**', '***', 'a b', 'a\n', 'ä', 'a[bc]', '{a,b}', ']'])(
    'not "%s"',
    (text) => expect(GLOB.test(text)).toBe(false),
  )
})

test('no pattern takes long', () => {
  const started = performance.now()
  expect(matchesGlob(`${'**/'.repeat(84)}b`, `${'a/'.repeat(500)}a`)).toBe(false)
  expect(matchesGlob(`${'a*'.repeat(127)}b`, 'a'.repeat(1024))).toBe(false)
  expect(GLOB.test(`${'a*'.repeat(127)} `)).toBe(false)
  expect(performance.now() - started).toBeLessThan(1000)
})
