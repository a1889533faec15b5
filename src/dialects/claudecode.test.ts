import { expect, test } from 'bun:test'
import { claudeCode } from './claudecode.ts'
import { fileOf, task } from './fixtures.ts'
import type { Task } from './task.ts'

const START = ['-p', '--output-format', 'stream-json', '--verbose', '--settings', '/etc/agentjob/settings.json']

const cases: { name: string; given: Partial<Task>; args: string[]; settings: object }[] = [
  { name: 'no limit', given: {}, args: ['--dangerously-skip-permissions'], settings: {} },
  {
    name: 'a role, and which tools exist at all',
    given: { allowedTools: ['Read', 'Bash(git *)', 'Bash(ls)', 'mcp__mail__*', '--model', ' x'], model: 'opus' },
    args: ['--permission-mode', 'dontAsk', '--tools', 'Read', 'Bash'],
    settings: {
      model: 'opus',
      permissions: {
        defaultMode: 'dontAsk',
        allow: ['Read', 'Bash(git *)', 'Bash(ls)', 'mcp__mail__*', '--model', ' x'],
      },
    },
  },
  {
    name: 'a role without tools',
    given: { allowedTools: [] },
    args: ['--permission-mode', 'dontAsk', '--tools', ''],
    settings: { permissions: { defaultMode: 'dontAsk', allow: [] } },
  },
]

for (const { name, given, args, settings } of cases)
  test(`claude-code: ${name}`, () => {
    const rendered = claudeCode.render(task(given))
    expect(rendered.start?.args).toEqual([...START, ...args, '--strict-mcp-config'])
    expect(JSON.parse(fileOf(rendered, 'settings.json'))).toEqual(settings)
  })
