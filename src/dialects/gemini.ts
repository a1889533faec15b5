import type { Finding } from '../api/finding.ts'
import { canonicalJson } from '../api/hash.ts'
import type { Dialect } from './dialect.ts'
import { GO_ON, instructionsOf } from './instructions.ts'
import { readGemini } from './output/gemini.ts'
import { plainOutput } from './start.ts'
import type { McpServer, NamedValue, RenderedFile, Start, Task } from './task.ts'
import { type Toml, toml } from './toml.ts'
import { noSuchTool } from './tools.ts'

/**
 * Gemini CLI, 0.61: `gemini` with the prompt on stdin. Settings and GEMINI.md are copied to where they are a user's,
 * because it takes system-wide ones only from folders that it trusts.
 * https://geminicli.com/docs/cli/headless, /docs/cli/session-management, /docs/reference/configuration, /docs/reference/policy-engine, /docs/tools/mcp-server
 */
export const gemini: Dialect = {
  name: 'gemini',
  render(task) {
    const { allowedTools, mcpServers, paths } = task
    const home = `${paths.home}/.gemini`
    const files: RenderedFile[] = []
    const copies: Start['copies'] = []
    const add = (name: string, text: string) => {
      files.push({ path: `${paths.files}/${name}`, text })
      return `${paths.files}/${name}`
    }
    const copy = (name: string, text: string) => copies.push({ from: add(name, text), to: `${home}/${name}` })
    const stdin = add('prompt.md', task.prompt)
    copy('settings.json', settings(task))
    // also an empty one, because a home that outlives its runs may have another
    copy('GEMINI.md', instructionsOf(task) ?? '')
    const args = ['--output-format', 'stream-json', '--skip-trust']
    if (allowedTools)
      args.push('--approval-mode', 'default', '--admin-policy', add('policy.toml', policy(allowedTools)))
    else args.push('--approval-mode', 'yolo')
    const resumed = () => ({
      folder: home,
      session: { files: 'tmp/*/chats/session-*', holds: '"type":"user"' },
      args: ['--resume', 'latest', ...args],
      stdin: add('continue.md', GO_ON),
    })
    return {
      start: { program: 'gemini', args, stdin, copies, resumed: task.resumes ? resumed() : undefined },
      env: plainOutput(paths.tmp),
      files,
      skills: `${home}/skills`,
      errors: [],
      warnings: [...(allowedTools ?? []).flatMap(unknown), ...mcpServers.flatMap(expanded)],
    }
  },
  readOutput: readGemini,
}

const settings = ({ model, mcpServers }: Task) =>
  canonicalJson({
    general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
    // otherwise a base URL in the environment makes it choose a way to log in that needs a person
    security: { auth: { selectedType: 'gemini-api-key' } },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    // without a name it asks a model which model to ask
    model: model === undefined ? undefined : { name: model },
    mcpServers: Object.fromEntries(mcpServers.map((server) => [server.name, mcpServer(server)])),
  })

const mcpServer = ({ command, args = [], env, url, headers }: McpServer) =>
  command === undefined
    ? { httpUrl: literal(url ?? ''), headers: values(headers) }
    : { command: literal(command), args: args.map(literal), env: values(env) }

const values = (list: NamedValue[] = []) =>
  Object.fromEntries(list.map((item) => [item.name, 'value' in item ? item.value : `\${${item.variable}:-}`]))

const VARIABLE = /\$(?=[\w{])/g

/** It puts variables in the place of `$NAME`: a dollar that is meant is the default of one that is not there. */
const literal = (text: string) => text.replace(VARIABLE, '${AGENTJOB_DOLLAR:-$}')

/** Variables and headers are looked through twice, and nothing says a dollar that stays one. */
const expanded = ({ name, env = [], headers = [] }: McpServer): Finding[] =>
  [...env, ...headers].flatMap((item) =>
    'value' in item && item.value.search(VARIABLE) >= 0
      ? [
          {
            path: 'spec.mcpServerRefs',
            message: `McpServer "${name}" has a "$" in ${item.name}; Gemini CLI takes what follows for a variable`,
          },
        ]
      : [],
  )

const SHELL = /^run_shell_command\(([^)]+)\)$/

/** Everything is forbidden but what is allowed. Rules of an administrator, because those win over all others. */
const policy = (allowedTools: string[]) =>
  toml({
    rule: [
      { toolName: '*', decision: 'deny', priority: 1 },
      ...allowedTools
        .filter((tool) => !unknown(tool).length)
        .map((tool): Toml => {
          const [, commandPrefix] = SHELL.exec(tool) ?? []
          const which = commandPrefix ? { toolName: 'run_shell_command', commandPrefix } : { toolName: tool }
          return { ...which, decision: 'allow', priority: 100 }
        }),
    ],
  })

const unknown = (tool: string): Finding[] =>
  /^[\w.*-]+$/.test(tool) || SHELL.test(tool)
    ? []
    : [noSuchTool('Gemini CLI', tool, 'TOOL, run_shell_command(PREFIX), mcp_SERVER_TOOL and mcp_SERVER_*')]
