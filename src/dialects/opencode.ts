import type { Dialect } from './dialect.ts'
import { GO_ON, instructionsOf } from './instructions.ts'
import { readOpencode } from './output/opencode.ts'
import { plainOutput } from './start.ts'
import { literals, serverName, stdioServer, variables } from './stdio.ts'
import type { McpServer, RenderedFile, Task } from './task.ts'

/**
 * opencode, 1.18: `opencode run`. The configuration is a file of ours, instructions are a file that it names.
 * https://opencode.ai/v1/docs/cli, /config, /permissions, /mcp-servers, /rules; version 2 has another configuration
 */
export const opencode: Dialect = {
  name: 'opencode',
  render(task) {
    const { allowedTools, mcpServers, paths } = task
    const at = (name: string) => `${paths.files}/${name}`
    const files: RenderedFile[] = [{ path: at('prompt.md'), text: task.prompt }]
    const instructions = instructionsOf(task)
    if (instructions !== undefined) files.push({ path: at('instructions.md'), text: instructions })
    const named = [
      ...(instructions === undefined ? [] : [at('instructions.md')]),
      // with the project's configuration its rules are gone, too
      ...(allowedTools ? [`${paths.workspaceDir}/AGENTS.md`] : []),
    ]
    const servers = mcpServers.map(mcpServer)
    // not sorted: of the rules of permission the last one that fits counts
    const config = JSON.stringify({
      $schema: 'https://opencode.ai/config.json',
      autoupdate: false,
      share: 'disabled',
      model: task.model === undefined ? undefined : literal(task.model),
      instructions: named.length ? named : undefined,
      permission: permissions(task),
      mcp: Object.fromEntries(servers.map(({ name, table }) => [name, table])),
    })
    files.push({ path: at('opencode.json'), text: config })
    // a title of its own would be asked for at a model
    const args = ['run', '--format', 'json', '--title', 'agentjob', ...(allowedTools ? [] : ['--auto'])]
    if (task.resumes) files.push({ path: at('continue.md'), text: GO_ON })
    // the newest session; also its state is below this folder, and two of them could not be mounted there
    const resumed = {
      folder: `${paths.home}/.local`,
      session: { files: 'share/opencode/opencode.db*', holds: '"type":"text"' },
      args: [...args, '--continue'],
      stdin: at('continue.md'),
    }
    return {
      start: {
        program: 'opencode',
        args,
        stdin: at('prompt.md'),
        resumed: task.resumes ? resumed : undefined,
        escaped: mcpServers.flatMap(({ headers }) => Object.values(variables(headers))),
      },
      env: [
        ...plainOutput(paths.tmp),
        { name: 'OPENCODE_CONFIG', value: at('opencode.json') },
        ...SWITCHES.map((name) => ({ name, value: '1' })),
        // a project's own permissions win over those of a file
        ...(allowedTools ? [{ name: 'OPENCODE_DISABLE_PROJECT_CONFIG', value: '1' }] : []),
        ...(config.includes(BRACE) ? [{ name: 'AGENTJOB_BRACE', value: '\\u007b' }] : []),
      ],
      files,
      skills: `${paths.home}/.config/opencode/skills`,
      errors: servers.flatMap(({ errors }) => errors),
      warnings: [],
    }
  },
  readOutput: readOpencode,
}

const SWITCHES = [
  'OPENCODE_DISABLE_AUTOUPDATE',
  'OPENCODE_DISABLE_MODELS_FETCH',
  'OPENCODE_DISABLE_LSP_DOWNLOAD',
  'OPENCODE_DISABLE_DEFAULT_PLUGINS',
]

/** Everything is forbidden but what is allowed: of the rules that fit, the last one counts. `bash(git *)` is a pattern. */
function permissions({ allowedTools }: Task): Record<string, unknown> | undefined {
  if (!allowedTools) return undefined
  const rules = new Map<string, unknown>([['*', 'deny']])
  for (const tool of allowedTools) {
    const [, name = literal(tool), pattern] = /^([^()]+)\((.*)\)$/s.exec(literal(tool)) ?? []
    const before = rules.get(name)
    if (pattern === undefined) rules.set(name, 'allow')
    else if (before !== 'allow') rules.set(name, { ...((before ?? { '*': 'deny' }) as object), [pattern]: 'allow' })
  }
  return Object.fromEntries(rules)
}

function mcpServer(server: McpServer) {
  const name = serverName(server.name)
  if (server.command === undefined) {
    const headers = { ...mapped(literals(server.headers), literal), ...mapped(variables(server.headers), reference) }
    return {
      name,
      table: { type: 'remote', url: literal(server.url ?? ''), enabled: true, oauth: false, headers },
      errors: [],
    }
  }
  const { command, args, env, errors } = stdioServer(server)
  const table = {
    type: 'local',
    command: [command, ...args].map(literal),
    enabled: true,
    environment: mapped(env, literal),
  }
  return { name, table, errors }
}

const mapped = (values: Record<string, string>, change: (text: string) => string) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]))

const reference = (variable: string) => `{env:${variable}}`
const BRACE = reference('AGENTJOB_BRACE')

/** It puts values into the text of the file before it reads it as JSON: a brace that is meant is such a value. */
const literal = (text: string) => text.replace(/\{(?=env:|file:)/g, BRACE)
