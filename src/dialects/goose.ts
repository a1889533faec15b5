import type { Finding } from '../api/finding.ts'
import { canonicalJson } from '../api/hash.ts'
import type { Dialect } from './dialect.ts'
import { GO_ON, instructionsOf } from './instructions.ts'
import { readGoose } from './output/goose.ts'
import { plain } from './quoted.ts'
import { plainOutput } from './start.ts'
import { literals, serverName, stdioServer, variables } from './stdio.ts'
import type { McpServer, Task } from './task.ts'
import { noSuchTool, serverTools } from './tools.ts'

/**
 * Goose, 1.52: `goose run` with a recipe, the one way in which it offers no other tools than those that are named.
 * https://goose-docs.ai/docs/guides/recipes/recipe-reference, /docs/guides/running-tasks, /docs/guides/environment-variables,
 * /docs/guides/goose-cli-commands
 */
export const goose: Dialect = {
  name: 'goose',
  render(task) {
    const { paths } = task
    const recipe = `${paths.files}/recipe.json`
    const servers = task.mcpServers.map((server) => extension(server, task.allowedTools))
    const extensions = [...developer(task.allowedTools), ...servers.flatMap(({ table }) => table ?? [])]
    const args = ['run', '--quiet', '--output-format', 'stream-json', '--name', 'agentjob']
    // tools and model are the recipe's, and so is the prompt
    const again = `${paths.files}/continue.json`
    const resumed = {
      folder: `${paths.home}/.local`,
      session: { files: 'share/goose/sessions/sessions.db*', holds: '"type":"text"' },
      args: [...args, '--resume', '--recipe', again],
    }
    return {
      start: {
        program: 'goose',
        args: [...args, '--recipe', recipe],
        resumed: task.resumes ? resumed : undefined,
        // without them it starts no extension that names them
        present: task.mcpServers.flatMap(({ env, headers }) =>
          [env, headers].flatMap((list) => Object.values(variables(list))),
        ),
      },
      env: [...plainOutput(paths.tmp), ...Object.entries(SETTINGS).map(([name, value]) => ({ name, value }))],
      files: [
        { path: recipe, text: untemplated(recipeOf(task, extensions)) },
        ...(task.resumes ? [{ path: again, text: untemplated(recipeOf({ ...task, prompt: GO_ON }, extensions)) }] : []),
      ],
      skills: `${paths.home}/.agents/skills`,
      errors: servers.flatMap(({ errors }) => errors),
      warnings: (task.allowedTools ?? []).flatMap((tool) => unknown(tool, task.mcpServers)),
    }
  },
  readOutput: readGoose,
}

const SETTINGS = {
  GOOSE_MODE: 'auto',
  // without it an answer of the model that is an error ends well
  GOOSE_STATE_MACHINE: 'true',
  GOOSE_DISABLE_KEYRING: '1',
  GOOSE_DISABLE_SESSION_NAMING: 'true',
  GOOSE_TELEMETRY_ENABLED: 'false',
}

const recipeOf = (task: Task, extensions: object[]) => ({
  version: '1.0.0',
  title: 'AgentJob',
  description: 'AgentJob',
  instructions: instructionsOf(task),
  prompt: task.prompt,
  settings: task.model === undefined ? undefined : { goose_model: task.model },
  extensions,
})

/** A recipe is a template before it is YAML; in JSON what opens a placeholder stands in texts alone, where it can be escaped. */
const untemplated = (recipe: object) => plain(canonicalJson(recipe)).replace(/\{(?=[{%#])/g, '\\u007b')

/** The tools of the extension that is built in; two more come with every recipe, analyze and load_skill. */
const DEVELOPER = ['edit', 'read_image', 'shell', 'tree', 'write']
const EVERYWHERE = ['analyze', 'load_skill']

function developer(allowedTools: string[] | undefined): object[] {
  const available = allowedTools && DEVELOPER.filter((tool) => allowedTools.includes(tool))
  return available?.length === 0 ? [] : [{ type: 'builtin', name: 'developer', available_tools: available }]
}

function extension(server: McpServer, allowedTools: string[] | undefined) {
  const name = serverName(server.name)
  const tools = serverTools(name, allowedTools)
  if (tools?.length === 0) return { errors: [] }
  const shared = { name, description: name, available_tools: tools?.[0] === '*' ? undefined : tools }
  if (server.command === undefined) {
    const secret = variables(server.headers)
    const references = Object.entries(secret).map(([header, variable]) => [header, `\${${variable}}`])
    const headers = { ...literals(server.headers), ...Object.fromEntries(references) }
    const table = { type: 'streamable_http', uri: server.url, headers, env_keys: Object.values(secret), ...shared }
    return { table, errors: [] }
  }
  const { command, args, env, variables: passed, errors } = stdioServer(server)
  return { table: { type: 'stdio', cmd: command, args, envs: env, env_keys: passed, ...shared }, errors }
}

function unknown(tool: string, servers: McpServer[]): Finding[] {
  const known = [...DEVELOPER, ...EVERYWHERE]
  const ofServer = servers.some(({ name }) => serverTools(serverName(name), [tool])?.length)
  return known.includes(tool) || (ofServer && /^[^*]*(__\*)?$/.test(tool))
    ? []
    : [noSuchTool('Goose', tool, [...known, 'SERVER__TOOL', 'SERVER__*'].join(', '))]
}
