import { describe, expect, test } from 'bun:test'
import { fileOf, task } from './fixtures.ts'
import { opencode } from './opencode.ts'
import type { Task } from './task.ts'

function render(given: Partial<Task>) {
  const rendered = opencode.render(task(given))
  const variables = Object.fromEntries(rendered.env.map(({ name, value }) => [name, value]))
  return { ...rendered, variables, config: JSON.parse(fileOf(rendered, 'opencode.json')) }
}

describe('opencode', () => {
  const permissions: { name: string; allowedTools?: string[]; want?: object; args: string[] }[] = [
    { name: 'no limit', args: ['--auto'] },
    { name: 'nothing', allowedTools: [], want: { '*': 'deny' }, args: [] },
    {
      name: 'tools, patterns, and a tool with both',
      allowedTools: ['read', 'bash(git *)', 'bash(cd (x))', 'edit(*.md)', 'edit', 'edit(*.ts)', 'mail_*'],
      want: {
        '*': 'deny',
        read: 'allow',
        bash: { '*': 'deny', 'git *': 'allow', 'cd (x)': 'allow' },
        edit: 'allow',
        'mail_*': 'allow',
      },
      args: [],
    },
  ]
  for (const { name, allowedTools, want, args } of permissions)
    test(`permissions: ${name}`, () => {
      const { config, start, variables } = render({ allowedTools })
      expect(JSON.stringify(config.permission)).toBe(JSON.stringify(want) as string)
      expect(start?.args).toEqual(['run', '--format', 'json', '--title', 'agentjob', ...args])
      expect(variables.OPENCODE_DISABLE_PROJECT_CONFIG).toBe(allowedTools && '1')
      expect(config.instructions).toEqual(allowedTools && ['/workspace/AGENTS.md'])
    })

  test('the rule for everything comes first, whatever the others are called', () =>
    expect(Object.keys(render({ allowedTools: ['$x', ' y', '__proto__'] }).config.permission)[0]).toBe('*'))

  test('braces that are meant stand in a variable, secrets are escaped', () => {
    const headers = [
      { name: 'X', value: '{env:HOME}{x}' },
      { name: 'Authorization', variable: 'MCP_T_AUTHORIZATION' },
    ]
    const { config, variables, start } = render({
      model: '{file:/x}',
      mcpServers: [{ name: 't', url: 'https://x', headers }],
    })
    expect(config.model).toBe('{env:AGENTJOB_BRACE}file:/x}')
    expect(config.mcp.t.headers).toEqual({
      X: '{env:AGENTJOB_BRACE}env:HOME}{x}',
      Authorization: '{env:MCP_T_AUTHORIZATION}',
    })
    expect(variables.AGENTJOB_BRACE).toBe('\\u007b')
    expect(start?.escaped).toEqual(['MCP_T_AUTHORIZATION'])
    expect(render({}).variables.AGENTJOB_BRACE).toBeUndefined()
  })
})
