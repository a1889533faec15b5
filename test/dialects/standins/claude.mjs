import { changed, lines, membersOf, needsKey, parseFlags, refuse, textsOf } from './refuse.mjs'

/** Claude Code: https://code.claude.com/docs/en/cli-reference */
const FLAGS = {
  '-p': 'switch',
  '--verbose': 'switch',
  '--dangerously-skip-permissions': 'switch',
  '--strict-mcp-config': 'switch',
  '--model': 'value',
  '--max-turns': 'value',
  '--output-format': 'value',
  '--permission-mode': 'value',
  '--settings': 'value',
  '--append-system-prompt-file': 'value',
  '--resume': 'value',
  '--continue': 'switch',
  '--mcp-config': 'values',
  '--tools': 'values',
  '--allowedTools': 'values',
}
const MODES = ['acceptEdits', 'auto', 'bypassPermissions', 'manual', 'dontAsk', 'plan']

export const claude = {
  read({ argv, env, stdin, read }) {
    const { flags, positionals } = parseFlags(argv, FLAGS)
    if (positionals.length) refuse(`a prompt as an argument: ${positionals}`)
    if (!flags['-p']) refuse('without -p it wants a terminal')
    if (flags['--output-format'] !== 'stream-json' || !flags['--verbose'])
      refuse('it is asked for no output that a machine reads; stream-json needs --verbose')
    needsKey(env, 'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN')
    if (env.CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC !== '1') refuse('it would talk to others than the model')
    const settings = membersOf(JSON.parse(read(flags['--settings'])), 'settings', ['model', 'permissions', 'env'])
    const permissions =
      settings.permissions && membersOf(settings.permissions, 'permissions', ['defaultMode', 'allow', 'deny'])
    for (const mode of [flags['--permission-mode'], permissions?.defaultMode])
      if (mode !== undefined && !MODES.includes(mode)) refuse(`there is no mode ${mode}`)
    const isLimited = !flags['--dangerously-skip-permissions']
    if (isLimited && (flags['--permission-mode'] !== 'dontAsk' || !flags['--tools']))
      refuse('it would ask, or use what is not allowed')
    const instructions = flags['--append-system-prompt-file']
    return {
      prompt: stdin,
      ...(flags['--continue'] ? { resumes: true } : {}),
      ...(instructions ? { instructions: read(instructions) } : {}),
      ...(settings.model === undefined ? {} : { model: settings.model }),
      ...(isLimited
        ? { allowed: textsOf(permissions?.allow, 'allow'), builtIns: flags['--tools'].filter(Boolean) }
        : {}),
      servers: Object.assign(
        {},
        ...(flags['--mcp-config'] ?? []).map((file) => serversOf(JSON.parse(read(file)), env)),
      ),
    }
  },
  print: (result) =>
    lines(
      { type: 'system', subtype: 'init', session_id: SESSION, cwd: '/', tools: [], mcp_servers: [] },
      {
        type: 'assistant',
        message: { role: 'assistant', content: [{ type: 'text', text: result }] },
        session_id: SESSION,
      },
      { ...END, subtype: 'success', is_error: false, result },
    ),
  fail: (message) => ({
    stdout: lines({
      ...END,
      subtype: 'success',
      is_error: true,
      api_error_status: 400,
      result: `API Error: 400 ${message}`,
    }),
    stderr: '',
    code: 1,
  }),
}

function serversOf(config, env) {
  const { mcpServers } = membersOf(config, 'mcp.json', ['mcpServers'], ['mcpServers'])
  // https://code.claude.com/docs/en/mcp#environment-variable-expansion-in-mcp-json
  const expanded = (text) =>
    text.replace(/\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g, (whole, name, otherwise) => env[name] ?? otherwise ?? whole)
  return Object.fromEntries(
    Object.entries(mcpServers).map(([name, server]) => {
      if (!/^[A-Za-z0-9_-]+$/.test(name)) refuse(`no name for a server: ${name}`)
      if (server.type === 'http') {
        membersOf(server, name, ['type', 'url', 'headers'], ['url'])
        return [name, { url: expanded(server.url), headers: changed(server.headers, 'headers', expanded) }]
      }
      membersOf(server, name, ['type', 'command', 'args', 'env'], ['command'])
      if (server.type !== 'stdio') refuse(`there is no type ${server.type}`)
      const args = textsOf(server.args, 'args').map(expanded)
      return [name, { command: expanded(server.command), args, env: changed(server.env, 'env', expanded) }]
    }),
  )
}

const SESSION = 'db4b3c1e-0000-4000-8000-000000000000'
const END = {
  type: 'result',
  session_id: SESSION,
  num_turns: 1,
  duration_ms: 621,
  total_cost_usd: 0.00015075,
  usage: { input_tokens: 11, cache_creation_input_tokens: 3, cache_read_input_tokens: 5, output_tokens: 7 },
  permission_denials: [],
}
