import { describe, expect, test } from 'bun:test'
import { formatFinding } from '../api/finding.ts'
import { codex } from './codex.ts'
import { fileOf, task } from './fixtures.ts'

const SERVERS = [
  { name: 'mail', url: 'https://mail.example.com/mcp' },
  { name: 'git.hub', command: 'srv' },
]

function configOf(allowedTools?: string[]) {
  const rendered = codex.render(task({ allowedTools, mcpServers: SERVERS }))
  return { config: fileOf(rendered, 'config.toml'), warnings: rendered.warnings.map(formatFinding) }
}

describe('codex', () => {
  const sandboxes: { allowedTools?: string[]; want: string; off: string[] }[] = [
    { want: 'danger-full-access', off: [] },
    { allowedTools: [], want: 'read-only', off: ['shell_tool', 'unified_exec', 'view_image', 'multi_agent', 'goals'] },
    { allowedTools: ['exec_command', 'view_image'], want: 'danger-full-access', off: ['multi_agent', 'goals'] },
    {
      allowedTools: ['apply_patch', 'spawn_agent', 'create_goal'],
      want: 'danger-full-access',
      off: ['shell_tool', 'unified_exec', 'view_image'],
    },
  ]
  for (const { allowedTools, want, off } of sandboxes)
    test(`${allowedTools ? `allowed ${allowedTools.join(', ') || 'nothing'}` : 'without a limit'}: ${want}`, () => {
      const { config } = configOf(allowedTools)
      expect(config).toContain(`sandbox_mode = "${want}"\n`)
      expect([...config.matchAll(/^(\w+) = false$/gm)].map(([, name]) => name)).toEqual([
        'check_for_update_on_startup',
        'enabled',
        'enabled',
        'plugins',
        ...off,
      ])
      expect(config.includes('web_search = "disabled"')).toBe(allowedTools !== undefined)
    })

  const servers: { allowedTools?: string[]; mail?: string; hub?: string }[] = [
    { mail: '', hub: '' },
    { allowedTools: ['mcp__mail__send', 'mcp__mail__read'], mail: 'enabled_tools = ["send", "read"]\n' },
    { allowedTools: ['mcp__git_hub', 'mcp__mail__*'], mail: '', hub: '' },
    { allowedTools: ['mcp__mailbox__send'] },
  ]
  for (const { allowedTools, mail, hub } of servers)
    test(`servers with ${allowedTools ?? 'no limit'}`, () => {
      const { config } = configOf(allowedTools)
      const approve = 'default_tools_approval_mode = "approve"\n'
      expect(config.includes('[mcp_servers.mail]')).toBe(mail !== undefined)
      expect(config.includes('[mcp_servers.git_hub]')).toBe(hub !== undefined)
      if (mail !== undefined) expect(config).toContain(`url = "https://mail.example.com/mcp"\n${mail}${approve}`)
      if (hub !== undefined) expect(config).toContain(`env_vars = []\n${hub}${approve}`)
    })

  test('says which tools it cannot be told', () =>
    expect(configOf(['Read', 'web_search', 'mcp__mail__get_*']).warnings).toEqual(
      ['"Read"', '"mcp__mail__get_*"'].map(
        (tool) =>
          `spec.roleRef: the AgentRole allows ${tool}, which Codex cannot be told, so that it stays forbidden; what it can be told is exec_command, view_image, spawn_agent, create_goal, apply_patch, web_search, mcp__SERVER, mcp__SERVER__TOOL`,
      ),
    ))
})
