import { describe, expect, test } from 'bun:test'
import { formatFinding } from '../api/finding.ts'
import { fileOf, task } from './fixtures.ts'
import { gemini } from './gemini.ts'

describe('gemini', () => {
  test('asks nobody where nothing limits it', () => {
    const { start } = gemini.render(task())
    expect(start?.args).toEqual(['--output-format', 'stream-json', '--skip-trust', '--approval-mode', 'yolo'])
    expect(start?.copies).toEqual(
      ['settings.json', 'GEMINI.md'].map((name) => ({
        from: `/etc/agentjob/${name}`,
        to: `/home/agent/.gemini/${name}`,
      })),
    )
  })

  test('forbids everything but what is allowed, each in a rule of its own', () => {
    const allowedTools = ['read_file', 'run_shell_command(git log)', 'mcp_git.hub_*', 'Bash(git *)']
    const rendered = gemini.render(task({ allowedTools }))
    expect(rendered.start?.args.slice(3)).toEqual([
      ...['--approval-mode', 'default', '--admin-policy', '/etc/agentjob/policy.toml'],
    ])
    const allow = 'decision = "allow"\npriority = 100\n'
    expect(fileOf(rendered, 'policy.toml')).toBe(
      [
        '[[rule]]\ntoolName = "*"\ndecision = "deny"\npriority = 1\n',
        `[[rule]]\ntoolName = "read_file"\n${allow}`,
        `[[rule]]\ntoolName = "run_shell_command"\ncommandPrefix = "git log"\n${allow}`,
        `[[rule]]\ntoolName = "mcp_git.hub_*"\n${allow}`,
      ].join(''),
    )
    expect(rendered.warnings.map(formatFinding)).toEqual([
      'spec.roleRef: the AgentRole allows "Bash(git *)", which Gemini CLI cannot be told, so that it stays forbidden; what it can be told is TOOL, run_shell_command(PREFIX), mcp_SERVER_TOOL and mcp_SERVER_*',
    ])
  })

  test('says where it would take a text for a variable', () => {
    const env = [
      { name: 'A', value: '$HOME' },
      { name: 'B', value: '5 $ and $(x)' },
    ]
    const headers = [{ name: 'X', value: 'a${B}' }]
    const mcpServers = [
      { name: 's', command: 'x', args: ['$HOME'], env },
      { name: 't', url: 'https://x/$y', headers },
    ]
    const rendered = gemini.render(task({ mcpServers }))
    expect(rendered.warnings.map(formatFinding)).toEqual([
      'spec.mcpServerRefs: McpServer "s" has a "$" in A; Gemini CLI takes what follows for a variable',
      'spec.mcpServerRefs: McpServer "t" has a "$" in X; Gemini CLI takes what follows for a variable',
    ])
    const { s, t } = JSON.parse(fileOf(rendered, 'settings.json')).mcpServers
    expect([s.args, t.httpUrl]).toEqual([['${AGENTJOB_DOLLAR:-$}HOME'], 'https://x/${AGENTJOB_DOLLAR:-$}y'])
  })
})
