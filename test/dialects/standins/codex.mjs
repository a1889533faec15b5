import { changed, lines, membersOf, needsKey, parseFlags, refuse, textsOf } from './refuse.mjs'
import { parseToml } from './toml.mjs'

/** Codex CLI: https://developers.openai.com/codex/cli/reference */
const FLAGS = { '--json': 'switch', '--skip-git-repo-check': 'switch', '-C': 'value', '-c': 'value', '-m': 'value' }
const RESUME = { '--last': 'switch' }
/** https://developers.openai.com/codex/config-reference; what it does not know it refuses with --strict-config */
const KEYS = [
  ...['model', 'developer_instructions', 'approval_policy', 'sandbox_mode', 'check_for_update_on_startup'],
  ...['cli_auth_credentials_store', 'web_search', 'analytics', 'feedback', 'history', 'shell_environment_policy'],
  ...['features', 'mcp_servers'],
]
const FEATURES = ['plugins', 'shell_tool', 'unified_exec', 'view_image', 'multi_agent', 'goals']
const SANDBOXES = ['read-only', 'workspace-write', 'danger-full-access']

export const codex = {
  read({ argv: [command, ...argv], env, stdin, read, cwd }) {
    if (command !== 'exec') refuse(`without exec it wants a terminal, and got ${command}`)
    // flags of exec such as -C are not known behind resume
    const at = argv.indexOf('resume')
    const { flags, positionals } = parseFlags(at < 0 ? argv : argv.slice(0, at), FLAGS)
    const resume = at < 0 ? undefined : parseFlags(argv.slice(at + 1), RESUME)
    if (resume && (positionals.length || !resume.flags['--last'])) refuse('it would ask which session')
    if ((resume?.positionals ?? positionals).join() !== '-') refuse('the prompt does not come by stdin')
    if (!flags['--json'] || !flags['--skip-git-repo-check']) refuse('it would print text, or want a repository')
    if (flags['-C'] !== cwd) refuse(`${flags['-C']} is not where it is`)
    needsKey(env, 'CODEX_API_KEY')
    const config = membersOf(parseToml(read(`${env.CODEX_HOME}/config.toml`)), 'config.toml', KEYS)
    if (config.approval_policy !== 'never') refuse('it would ask')
    if (!SANDBOXES.includes(config.sandbox_mode)) refuse(`there is no sandbox ${config.sandbox_mode}`)
    const features = membersOf(config.features ?? {}, 'features', FEATURES)
    return {
      prompt: stdin,
      ...(resume ? { resumes: true } : {}),
      ...(config.developer_instructions === undefined ? {} : { instructions: config.developer_instructions }),
      ...(config.model === undefined ? {} : { model: config.model }),
      sandbox: config.sandbox_mode,
      off: Object.keys(features).sort(),
      servers: Object.fromEntries(
        Object.entries(config.mcp_servers ?? {}).map(([name, server]) => [name, serverOf(name, server, env)]),
      ),
    }
  },
  print: (result) =>
    lines(
      { type: 'thread.started', thread_id: '01a1ff85-0000-7000-8000-000000000000' },
      { type: 'turn.started' },
      { type: 'item.completed', item: { id: 'item_0', type: 'error', message: 'Model metadata not found.' } },
      { type: 'item.completed', item: { id: 'item_1', type: 'agent_message', text: result } },
      {
        type: 'turn.completed',
        usage: { input_tokens: 11, cached_input_tokens: 5, cache_write_input_tokens: 0, output_tokens: 7 },
      },
    ),
  fail: (message) => ({
    stdout: lines({ type: 'error', message }, { type: 'turn.failed', error: { message } }),
    stderr: '',
    code: 1,
  }),
}

const SHARED = ['enabled_tools', 'default_tools_approval_mode']

function serverOf(name, server, env) {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) refuse(`no name for a server: ${name}`)
  if (server.default_tools_approval_mode !== 'approve') refuse(`${name}: it would ask for each tool`)
  const tools = server.enabled_tools === undefined ? {} : { tools: textsOf(server.enabled_tools, 'enabled_tools') }
  const passed = (names) => Object.fromEntries(names.map((variable) => [variable, env[variable]]))
  if (server.url !== undefined) {
    membersOf(server, name, ['url', 'http_headers', 'env_http_headers', ...SHARED])
    const secret = changed(server.env_http_headers, 'env_http_headers', (variable) => env[variable])
    return { url: server.url, headers: { ...changed(server.http_headers, 'http_headers'), ...secret }, ...tools }
  }
  membersOf(server, name, ['command', 'args', 'env', 'env_vars', ...SHARED], ['command'])
  const variables = { ...changed(server.env, 'env'), ...passed(textsOf(server.env_vars, 'env_vars')) }
  return { command: server.command, args: textsOf(server.args, 'args'), env: variables, ...tools }
}
