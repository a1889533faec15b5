import type { Finding } from '../api/finding.ts'
import { canonicalJson } from '../api/hash.ts'
import { type Fillings, fill } from '../api/placeholders.ts'
import { agentFile, mcpServerConfigs } from './agentjson.ts'
import type { Dialect } from './dialect.ts'
import { plain, quoted } from './quoted.ts'
import type { Task } from './task.ts'

/** The longest that Linux takes as one argument: MAX_ARG_STRLEN, less the NUL at its end. */
const MAX_ARGUMENT_BYTES = 131071

/** A program that is told by arguments and files of the AgentRuntime's own, beside agent.json. */
export const custom: Dialect = {
  name: 'custom',
  render(task) {
    const { args, files = [] } = task.templates ?? {}
    const values = valuesOf(task)
    const base = agentFile(task)
    const filled = args?.map((text) => fill(text, values))
    return {
      ...base,
      args: filled,
      files: [...base.files, ...files.map(({ path, content }) => ({ path, text: fill(content, values) }))],
      errors: (filled ?? []).flatMap(wrongWith),
    }
  },
  readOutput: () => undefined,
}

function wrongWith(text: string, index: number): Finding[] {
  const bytes = new TextEncoder().encode(text).length
  const says = (wrong: string) => [
    {
      path: 'spec.runtimeRef',
      message: `templates.args[${index}] of the AgentRuntime ${wrong}; let it stand in a file`,
    },
  ]
  if (text.includes('\0')) return says('gets the character NUL, which no process can be given')
  return bytes > MAX_ARGUMENT_BYTES
    ? says(`becomes ${bytes} bytes, and a process takes ${MAX_ARGUMENT_BYTES} as one argument`)
    : []
}

const valuesOf = (task: Task): Fillings => {
  const { prompt, instructions = '', model = '', name, namespace, allowedTools, skills, paths } = task
  return {
    prompt,
    promptJson: quoted(prompt),
    instructions,
    instructionsJson: quoted(instructions),
    model,
    modelJson: quoted(model),
    name,
    namespace,
    workspaceDir: paths.workspaceDir,
    configFile: `${paths.files}/agent.json`,
    allowedToolsJson: json(allowedTools),
    mcpServersJson: json(mcpServerConfigs(task.mcpServers)),
    skillsJson: json(skills),
    repositoriesJson: json(task.repositories),
  }
}

const json = (value: unknown) => plain(canonicalJson(value))
