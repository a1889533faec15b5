import { changed, lines, membersOf, needsKey, parseFlags, refuse, textsOf } from './refuse.mjs'

/** Goose: https://goose-docs.ai/docs/guides/goose-cli-commands */
const FLAGS = {
  ...{ '--quiet': 'switch', '--resume': 'switch' },
  ...{ '--output-format': 'value', '--name': 'value', '--recipe': 'value' },
}
/** https://goose-docs.ai/docs/guides/recipes/recipe-reference */
const KEYS = ['version', 'title', 'description', 'instructions', 'prompt', 'settings', 'extensions']
const DEVELOPER = ['edit', 'read_image', 'shell', 'tree', 'write']

export const goose = {
  read({ argv: [command, ...argv], env, read }) {
    if (command !== 'run') refuse(`without run it wants a terminal, and got ${command}`)
    const { flags, positionals } = parseFlags(argv, FLAGS)
    if (positionals.length) refuse(`it takes no arguments, and got ${positionals}`)
    if (!flags['--quiet'] || flags['--output-format'] !== 'stream-json')
      refuse('it would print more than a machine reads')
    if (!flags['--name']) refuse('nobody would find its session again')
    needsKey(env, 'GOOSE_PROVIDER')
    if (env.GOOSE_MODE !== 'auto') refuse('it would ask')
    for (const name of ['GOOSE_STATE_MACHINE', 'GOOSE_DISABLE_SESSION_NAMING'])
      if (env[name] !== 'true') refuse(`${name} is not set`)
    const text = read(flags['--recipe'])
    const [opened] = /\{[{%#]/.exec(text) ?? []
    if (opened) refuse(`the recipe is a template: it has ${opened}`)
    const recipe = membersOf(JSON.parse(text), 'recipe', KEYS, ['version', 'title', 'description', 'prompt'])
    const extensions = recipe.extensions ?? []
    const [developer] = extensions.filter(({ type }) => type === 'builtin')
    return {
      prompt: recipe.prompt,
      ...(flags['--resume'] ? { resumes: true } : {}),
      ...(recipe.instructions === undefined ? {} : { instructions: recipe.instructions }),
      ...(recipe.settings === undefined
        ? {}
        : { model: membersOf(recipe.settings, 'settings', ['goose_model']).goose_model }),
      developer: developer ? toolsOf(developer) : [],
      servers: Object.fromEntries(
        extensions.filter((one) => one !== developer).map((one) => [one.name, serverOf(one, env)]),
      ),
    }
  },
  print: (result) =>
    lines(
      message('assistant', [
        { type: 'toolRequest', id: 'toolu_1', toolCall: { status: 'success', value: { name: 'shell' } } },
      ]),
      message('user', [{ type: 'toolResponse', id: 'toolu_1', toolResult: { status: 'success', value: {} } }]),
      message('assistant', [{ type: 'text', text: result }]),
      {
        type: 'complete',
        ...{ total_tokens: 26, input_tokens: 19, output_tokens: 7 },
        ...{ cache_read_input_tokens: 5, cache_write_input_tokens: 3, cost_usd: 0.00015075 },
      },
    ),
  fail: (text) => ({ stdout: lines({ type: 'error', error: text }), stderr: '', code: 1 }),
}

function toolsOf(extension) {
  membersOf(extension, 'developer', ['type', 'name', 'available_tools'], ['name'])
  if (extension.name !== 'developer') refuse(`${extension.name} is not built in`)
  const tools = textsOf(extension.available_tools ?? DEVELOPER, 'available_tools')
  for (const tool of tools) if (!DEVELOPER.includes(tool)) refuse(`developer has no ${tool}`)
  return tools
}

const SHARED = ['type', 'name', 'description', 'available_tools', 'env_keys']

function serverOf(extension, env) {
  const { type, name, available_tools: available, env_keys } = extension
  if (!/^[a-z0-9_-]+$/.test(name)) refuse(`no name for an extension: ${name}`)
  const tools = available === undefined ? {} : { tools: textsOf(available, 'available_tools') }
  const keys = textsOf(env_keys, 'env_keys')
  if (type === 'streamable_http') {
    membersOf(extension, name, [...SHARED, 'uri', 'headers'], ['uri'])
    const expanded = (text) =>
      text.replace(/\$(?:(\w+)|\{(\w+)\})/g, (whole, bare, braced) =>
        keys.includes(bare ?? braced) ? (env[bare ?? braced] ?? whole) : whole,
      )
    return { url: extension.uri, headers: changed(extension.headers, 'headers', expanded), ...tools }
  }
  membersOf(extension, name, [...SHARED, 'cmd', 'args', 'envs'], ['cmd'])
  if (type !== 'stdio') refuse(`there is no type ${type}`)
  const passed = Object.fromEntries(keys.map((key) => [key, env[key]]))
  return {
    command: extension.cmd,
    args: textsOf(extension.args, 'args'),
    env: { ...changed(extension.envs, 'envs'), ...passed },
    ...tools,
  }
}

const message = (role, content) => ({ type: 'message', message: { id: 'msg_1', role, created: 1, content } })
