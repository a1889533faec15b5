import { changed, lines, membersOf, parseFlags, refuse, textsOf } from './refuse.mjs'

/** opencode: https://opencode.ai/v1/docs/cli */
const FLAGS = {
  ...{ '--auto': 'switch', '--continue': 'switch' },
  ...{ '--format': 'value', '--title': 'value', '--model': 'value', '--agent': 'value' },
}
/** https://opencode.ai/v1/docs/config */
const KEYS = ['$schema', 'autoupdate', 'share', 'model', 'instructions', 'permission', 'mcp']

export const opencode = {
  read({ argv: [command, ...argv], env, stdin, read, exists }) {
    if (command !== 'run') refuse(`without run it wants a terminal, and got ${command}`)
    const { flags, positionals } = parseFlags(argv, FLAGS)
    if (positionals.length) refuse(`a prompt as an argument: ${positionals}`)
    if (flags['--format'] !== 'json') refuse('it is asked for no output that a machine reads')
    if (!flags['--title']) refuse('it would ask the model for a title')
    for (const name of ['AUTOUPDATE', 'MODELS_FETCH', 'LSP_DOWNLOAD', 'DEFAULT_PLUGINS'])
      if (env[`OPENCODE_DISABLE_${name}`] !== '1')
        refuse(`it would fetch something: OPENCODE_DISABLE_${name} is not set`)
    const config = membersOf(JSON.parse(filledIn(read(env.OPENCODE_CONFIG), env, read)), 'opencode.json', KEYS)
    const isLimited = config.permission !== undefined
    if (isLimited === Boolean(flags['--auto'])) refuse('it would ask, or allow what it should not')
    if (isLimited && env.OPENCODE_DISABLE_PROJECT_CONFIG !== '1') refuse('a project could allow itself more')
    const [file] = textsOf(config.instructions, 'instructions').filter(exists)
    return {
      prompt: stdin,
      ...(flags['--continue'] ? { resumes: true } : {}),
      ...(file === undefined ? {} : { instructions: read(file) }),
      ...(config.model === undefined ? {} : { model: config.model }),
      ...(isLimited ? { allowed: allowedBy(config.permission) } : {}),
      servers: Object.fromEntries(
        Object.entries(config.mcp ?? {}).map(([name, server]) => [name, serverOf(name, server)]),
      ),
    }
  },
  print: (result) =>
    lines(
      { type: 'step_start', timestamp: 1, sessionID: SESSION, part: { type: 'step-start' } },
      { type: 'text', timestamp: 1, sessionID: SESSION, part: { type: 'text', text: result } },
      {
        type: 'step_finish',
        timestamp: 1,
        sessionID: SESSION,
        part: { type: 'step-finish', reason: 'stop', tokens: TOKENS, cost: 0.00015075 },
      },
    ),
  fail: (message) => ({
    stdout: lines({
      type: 'error',
      timestamp: 1,
      sessionID: SESSION,
      error: { name: 'APIError', data: { message, statusCode: 400, isRetryable: false } },
    }),
    stderr: '',
    code: 1,
  }),
}

/** Variables and files go into the text before it is JSON: a quote in one of them is a quote of the file's. */
const filledIn = (text, env, read) =>
  text
    .replace(/\{env:([^}]+)\}/g, (_, name) => env[name] ?? '')
    .replace(/\{file:([^}]+)\}/g, (_, path) => JSON.stringify(read(path)).slice(1, -1))

/** https://opencode.ai/v1/docs/permissions */
function allowedBy(permission) {
  const [[first, decision] = [], ...rules] = Object.entries(permission)
  if (first !== '*') refuse('what is first is not what holds for everything')
  return [
    ...(decision === 'allow' ? ['*'] : []),
    ...rules.flatMap(([tool, rule]) => {
      if (rule === 'allow') return [tool]
      const [[all, none] = [], ...patterns] = Object.entries(rule)
      if (all !== '*' || none !== 'deny') refuse(`${tool}: nothing is denied`)
      return patterns.map(([pattern, one]) => (one === 'allow' ? `${tool}(${pattern})` : refuse(`${pattern}: ${one}`)))
    }),
  ]
}

function serverOf(name, server) {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) refuse(`no name for a server: ${name}`)
  if (!server.enabled) refuse(`${name} is not enabled`)
  if (server.type === 'remote') {
    membersOf(server, name, ['type', 'url', 'enabled', 'oauth', 'headers'], ['url'])
    if (server.oauth !== false) refuse(`${name} would want a browser`)
    return { url: server.url, headers: changed(server.headers, 'headers') }
  }
  membersOf(server, name, ['type', 'command', 'enabled', 'environment'], ['command'])
  if (server.type !== 'local') refuse(`there is no type ${server.type}`)
  const [command, ...args] = textsOf(server.command, 'command')
  return { command, args, env: changed(server.environment, 'environment') }
}

const SESSION = 'ses_e0014a7c5ffeoUOpvkhJS7YQCS'
const TOKENS = { total: 26, input: 11, output: 7, reasoning: 0, cache: { write: 3, read: 5 } }
