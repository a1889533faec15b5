import type { Finding } from '../api/finding.ts'
import type { Dialect } from './dialect.ts'
import { GO_ON, instructionsOf } from './instructions.ts'
import { readCodex } from './output/codex.ts'
import { plainOutput } from './start.ts'
import { literals, serverName, stdioServer, variables } from './stdio.ts'
import type { McpServer, Task } from './task.ts'
import { type Toml, toml } from './toml.ts'
import { noSuchTool, serverTools } from './tools.ts'

/**
 * Codex CLI, 0.169: `codex exec`. It writes beside its configuration, so that the file is copied into CODEX_HOME.
 * https://developers.openai.com/codex/noninteractive, /codex/config-reference, /codex/mcp; docs/exec.md of openai/codex
 */
export const codex: Dialect = {
  name: 'codex',
  render(task) {
    const { paths } = task
    const home = `${paths.home}/.codex`
    const files = { prompt: `${paths.files}/prompt.md`, config: `${paths.files}/config.toml` }
    const servers = task.mcpServers.map((server) => mcpServer(server, task.allowedTools))
    const args = ['exec', '--json', '--skip-git-repo-check', '-C', paths.workspaceDir]
    // the newest session of the folder that it works in
    const resumed = {
      folder: home,
      session: { files: 'sessions/*/*/*/rollout-*.jsonl', holds: '"role":"user"' },
      args: [...args, 'resume', '--last', '-'],
      stdin: `${paths.files}/continue.md`,
    }
    return {
      start: {
        program: 'codex',
        args: [...args, '-'],
        stdin: files.prompt,
        copies: [{ from: files.config, to: `${home}/config.toml` }],
        resumed: task.resumes ? resumed : undefined,
      },
      env: [...plainOutput(paths.tmp), { name: 'CODEX_HOME', value: home }],
      files: [
        { path: files.prompt, text: task.prompt },
        ...(task.resumes ? [{ path: resumed.stdin, text: GO_ON }] : []),
        { path: files.config, text: toml(config(task, Object.assign({}, ...servers.map(({ table }) => table)))) },
      ],
      skills: `${paths.home}/.agents/skills`,
      errors: servers.flatMap(({ errors }) => errors),
      warnings: (task.allowedTools ?? []).flatMap(unknown),
    }
  },
  readOutput: readCodex,
}

function config(task: Task, servers: Toml): Toml {
  const limited = task.allowedTools !== undefined
  const allowed = (tool: string) => !limited || task.allowedTools?.includes(tool) === true
  return {
    model: task.model,
    developer_instructions: instructionsOf(task),
    approval_policy: 'never',
    // its own sandbox wants namespaces that a pod has not; without one a shell may do whatever the pod may
    sandbox_mode: allowed('exec_command') || allowed('apply_patch') ? 'danger-full-access' : 'read-only',
    check_for_update_on_startup: false,
    cli_auth_credentials_store: 'file',
    web_search: allowed('web_search') ? undefined : 'disabled',
    analytics: { enabled: false },
    feedback: { enabled: false },
    history: { persistence: 'none' },
    // of the key of the model and the secrets of MCP servers a shell has no need
    shell_environment_policy: { exclude: ['CODEX_API_KEY', 'OPENAI_API_KEY', 'MCP_*'] },
    features: {
      // a catalogue that is fetched at each start
      plugins: false,
      ...(limited ? switchedOff(allowed) : {}),
    },
    mcp_servers: servers,
  }
}

/** There is no list of allowed tools; there are switches for features, by the tools that they bring. */
const FEATURES: Record<string, string[]> = {
  exec_command: ['shell_tool', 'unified_exec'],
  view_image: ['view_image'],
  spawn_agent: ['multi_agent'],
  create_goal: ['goals'],
}
const OTHERS = ['apply_patch', 'web_search']

const switchedOff = (allowed: (tool: string) => boolean): Toml =>
  Object.fromEntries(
    Object.entries(FEATURES).flatMap(([tool, features]) =>
      allowed(tool) ? [] : features.map((feature) => [feature, false]),
    ),
  )

function unknown(tool: string): Finding[] {
  const known = [...Object.keys(FEATURES), ...OTHERS]
  if (known.includes(tool) || /^mcp__[^*]+(__\*)?$/.test(tool)) return []
  return [noSuchTool('Codex', tool, [...known, 'mcp__SERVER', 'mcp__SERVER__TOOL'].join(', '))]
}

function mcpServer(server: McpServer, allowedTools: string[] | undefined) {
  const name = serverName(server.name)
  const tools = serverTools(`mcp__${name}`, allowedTools)
  if (tools?.length === 0) return { table: {}, errors: [] }
  const shared = { enabled_tools: tools?.[0] === '*' ? undefined : tools, default_tools_approval_mode: 'approve' }
  if (server.command === undefined) {
    const table: Toml = {
      url: server.url,
      http_headers: literals(server.headers),
      env_http_headers: variables(server.headers),
      ...shared,
    }
    return { table: { [name]: table }, errors: [] }
  }
  const { command, args, env, variables: passed, errors } = stdioServer(server)
  return { table: { [name]: { command, args, env, env_vars: passed, ...shared } as Toml }, errors }
}
