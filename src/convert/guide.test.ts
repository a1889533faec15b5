import { expect, test } from 'bun:test'
import { guides, withTables } from './guide.ts'

const [THURKUBE] = guides as [string, string]
const NAMES = [
  'metadata',
  'AgentJob',
  'AgentRuntime',
  'AgentAuth',
  'AgentRole',
  'AgentSkill',
  'McpServer',
  'Repository',
  'ClusterAccess',
]
const PLACES = NAMES.map((name) => `<!-- fields of ${name} -->\nSTALE\n<!-- end of ${name} -->\n`).join('between\n')

test('tables go where their places are, and are stable there', () => {
  const guide = withTables(THURKUBE, `before\n${PLACES}behind`)
  expect(guide).toStartWith('before\n<!-- fields of metadata -->\n| field | becomes | differs |\n')
  expect(guide).toEndWith('<!-- end of ClusterAccess -->\nbehind')
  expect(guide).toContain('\n| `spec.repo`, `spec.name`, `spec.ref` | the same |  |\n')
  expect(guide).toContain(
    '\n| `spec.suspend` | `spec.suspend` | running pods are left alone; agentjob stop ends a run |\n',
  )
  expect(guide).not.toContain('STALE')
  expect(withTables(THURKUBE, guide)).toBe(guide)
})

test('a guide without a place for a table is told', () =>
  expect(() => withTables(THURKUBE, PLACES.replaceAll('AgentSkill', 'Skill'))).toThrow(
    'docs/guides/from-thurkube.md: there is no <!-- fields of AgentSkill --> with an <!-- end of AgentSkill --> behind it',
  ))

test('any other page is as it is', () => expect(withTables('README.md', 'text')).toBe('text'))
