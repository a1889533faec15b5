import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Script } from '../dialects/answers.ts'

/** A program as the tests start it, with a model on loopback. */
export interface Program {
  /** Its file. */
  name: string
  dialect: Dialect['name']
  model: string
  /** What an AgentRuntime says beside the dialect. */
  env(url: string): Record<string, string>
  args?(url: string): string[]
  /** Tools of an AgentRole, and those that the model is offered then; it may be offered others without one. */
  allowedTools: string[]
  offered: string[]
  /** A call of its shell, and of an allowed tool of the MCP server. */
  shell(command: string): NonNullable<Script['tool']>
  /** A call that writes the file `made` without a shell. */
  write: NonNullable<Script['tool']>
  mcp: NonNullable<Script['tool']>
  /** What it has to count for the one answer of the fake model. */
  usage: object
}

const ANTHROPIC = { inputTokens: 11, outputTokens: 7, cacheReadTokens: 5, cacheWriteTokens: 3, costUSD: '0.00015075' }

export const PROGRAMS: Program[] = [
  {
    name: 'claude',
    dialect: 'claude-code',
    model: 'claude-sonnet-4-5',
    env: (url) => ({ ANTHROPIC_API_KEY: 'key', ANTHROPIC_BASE_URL: url }),
    allowedTools: ['Read', 'Bash(git *)', 'mcp__git_hub__*', 'mcp__remote__ping'],
    offered: ['Bash', 'Read', 'mcp__git_hub__hello', 'mcp__remote__ping'],
    shell: (command) => ({ name: 'Bash', input: { command, description: 'x' } }),
    write: { name: 'Write', input: { file_path: 'made', content: 'x' } },
    mcp: { name: 'mcp__git_hub__hello', input: {} },
    usage: { ...ANTHROPIC, turns: 1 },
  },
  {
    name: 'codex',
    dialect: 'codex',
    model: 'gpt-5.5',
    env: () => ({ CODEX_API_KEY: 'key' }),
    args: (url) => [
      ...['-c', 'model_provider="fake"'],
      ...['-c', `model_providers.fake={name="fake",base_url="${url}/v1",env_key="CODEX_API_KEY",wire_api="responses"}`],
    ],
    allowedTools: ['view_image', 'mcp__git_hub', 'mcp__remote__ping'],
    // the model searches for the tools of MCP servers; apply_patch has no switch, and nothing to write to
    offered: [
      ...['apply_patch', 'list_mcp_resource_templates', 'list_mcp_resources', 'read_mcp_resource'],
      ...['request_user_input', 'tool_search', 'view_image'],
    ],
    shell: (cmd) => ({ name: 'exec_command', input: { cmd } }),
    write: { name: 'apply_patch', input: '*** Begin Patch\n*** Add File: made\n+x\n*** End Patch\n' },
    mcp: { name: 'hello', namespace: 'mcp__git_hub', input: {} },
    usage: { inputTokens: 6, outputTokens: 7, cacheReadTokens: 5, cacheWriteTokens: 0 },
  },
  {
    name: 'gemini',
    dialect: 'gemini',
    model: 'gemini-2.5-flash',
    env: (url) => ({ GEMINI_API_KEY: 'key', GOOGLE_GEMINI_BASE_URL: url }),
    allowedTools: ['read_file', 'run_shell_command(git)', 'mcp_git.hub_*', 'mcp_remote_ping'],
    offered: ['mcp_git.hub_hello', 'mcp_remote_ping', 'read_file', 'run_shell_command'],
    shell: (command) => ({ name: 'run_shell_command', input: { command, description: 'x' } }),
    write: { name: 'write_file', input: { file_path: 'made', content: 'x' } },
    mcp: { name: 'mcp_git.hub_hello', input: {} },
    usage: { inputTokens: 6, outputTokens: 7, cacheReadTokens: 5 },
  },
  {
    name: 'opencode',
    dialect: 'opencode',
    model: 'anthropic/claude-sonnet-4-5',
    env: (url) => ({ ANTHROPIC_API_KEY: 'key', ANTHROPIC_BASE_URL: `${url}/v1` }),
    allowedTools: ['read', 'bash(git *)', 'git_hub_*', 'remote_ping'],
    offered: ['bash', 'git_hub_hello', 'read', 'remote_ping'],
    shell: (command) => ({ name: 'bash', input: { command, description: 'x' } }),
    write: { name: 'write', input: { filePath: 'made', content: 'x' } },
    mcp: { name: 'git_hub_hello', input: {} },
    usage: { ...ANTHROPIC, turns: 1 },
  },
  {
    name: 'goose',
    dialect: 'goose',
    model: 'claude-sonnet-4-5',
    env: (url) => ({ GOOSE_PROVIDER: 'anthropic', ANTHROPIC_API_KEY: 'key', ANTHROPIC_HOST: url }),
    allowedTools: ['edit', 'git_hub__*', 'remote__ping'],
    offered: ['analyze', 'edit', 'git_hub__hello', 'load_skill', 'remote__ping'],
    shell: (command) => ({ name: 'shell', input: { command } }),
    write: { name: 'write', input: { path: 'made', content: 'x' } },
    mcp: { name: 'git_hub__hello', input: {} },
    usage: ANTHROPIC,
  },
]
