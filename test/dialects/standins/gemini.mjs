import { changed, lines, membersOf, needsKey, parseFlags, refuse, textsOf } from './refuse.mjs'
import { parseToml } from './toml.mjs'

/** Gemini CLI: https://geminicli.com/docs/cli/headless */
const FLAGS = {
  '--skip-trust': 'switch',
  '--output-format': 'value',
  '--approval-mode': 'value',
  '--admin-policy': 'value',
  '--model': 'value',
  '--resume': 'value',
}
/** https://geminicli.com/docs/reference/configuration */
const KEYS = ['general', 'security', 'privacy', 'telemetry', 'model', 'mcpServers']

export const gemini = {
  read({ argv, env, stdin, read }) {
    const { flags, positionals } = parseFlags(argv, FLAGS)
    if (positionals.length) refuse(`a prompt as an argument: ${positionals}`)
    if (flags['--output-format'] !== 'stream-json') refuse('it is asked for no output that tells of errors')
    if (!flags['--skip-trust']) refuse('it does not trust the folder')
    needsKey(env, 'GEMINI_API_KEY')
    const home = `${env.HOME}/.gemini`
    const settings = membersOf(JSON.parse(read(`${home}/settings.json`)), 'settings', KEYS)
    if (settings.security?.auth?.selectedType !== 'gemini-api-key') refuse('it would ask how to log in')
    if (settings.privacy?.usageStatisticsEnabled !== false) refuse('it would tell of its use')
    const policy = flags['--admin-policy']
    if (flags['--approval-mode'] !== (policy ? 'default' : 'yolo')) refuse(`${flags['--approval-mode']}: it would ask`)
    return {
      prompt: stdin,
      ...(flags['--resume'] === 'latest' ? { resumes: true } : {}),
      instructions: read(`${home}/GEMINI.md`),
      ...(settings.model === undefined ? {} : { model: settings.model.name }),
      ...(policy ? { allowed: allowedBy(parseToml(read(policy))) } : {}),
      servers: Object.fromEntries(
        Object.entries(settings.mcpServers ?? {}).map(([name, server]) => [name, serverOf(name, server, env)]),
      ),
    }
  },
  print: (result) =>
    lines(
      { type: 'init', timestamp: 'T', session_id: 'ac34564d-0000-4000-8000-000000000000', model: 'gemini' },
      { type: 'message', timestamp: 'T', role: 'user', content: 'hi' },
      { type: 'message', timestamp: 'T', role: 'assistant', content: result.slice(0, 1), delta: true },
      { type: 'message', timestamp: 'T', role: 'assistant', content: result.slice(1), delta: true },
      {
        type: 'result',
        status: 'success',
        stats: { total_tokens: 18, input_tokens: 11, output_tokens: 7, cached: 5, input: 6, tool_calls: 0, models: {} },
      },
    ),
  fail: (message) => ({
    stdout: lines({
      type: 'result',
      status: 'error',
      error: { type: 'unknown', message: `[API Error: ${message}]` },
      stats: {},
    }),
    stderr: 'YOLO mode is enabled. All tool calls will be automatically approved.\n',
    code: 400 % 256,
  }),
}

/** What is allowed where the rule below all others denies everything. https://geminicli.com/docs/reference/policy-engine */
function allowedBy(policy) {
  const [first, ...rules] = membersOf(policy, 'policy', ['rule'], ['rule']).rule
  if (first.toolName !== '*' || first.decision !== 'deny') refuse('nothing is denied')
  return rules.map((rule) => {
    membersOf(rule, 'rule', ['toolName', 'commandPrefix', 'decision', 'priority'], ['toolName'])
    if (rule.decision !== 'allow' || !(rule.priority > first.priority && rule.priority < 1000))
      refuse('no rule that allows')
    return rule.commandPrefix === undefined ? rule.toolName : `${rule.toolName}(${rule.commandPrefix})`
  })
}

function serverOf(name, server, env) {
  const once = (text) =>
    text.replace(
      /\$(?:(\w+)|\{([^}]+?)(?::-([^}]*))?\})/g,
      (whole, bare, braced, otherwise) => env[bare ?? braced] ?? otherwise ?? whole,
    )
  // variables and headers are looked through a second time
  const twice = (text) => once(once(text))
  if (server.httpUrl !== undefined) {
    membersOf(server, name, ['httpUrl', 'headers'])
    return { url: once(server.httpUrl), headers: changed(server.headers, 'headers', twice) }
  }
  membersOf(server, name, ['command', 'args', 'env'], ['command'])
  const args = textsOf(server.args, 'args').map(once)
  return { command: once(server.command), args, env: changed(server.env, 'env', twice) }
}
