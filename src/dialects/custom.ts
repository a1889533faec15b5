import { canonicalJson } from '../api/hash.ts'
import { fill } from '../api/placeholders.ts'
import { agentFile, mcpServerConfigs } from './agentjson.ts'
import type { Dialect } from './dialect.ts'
import { plain, quoted } from './quoted.ts'
import type { Rendered, Task } from './task.ts'

/** The longest that Linux takes as one argument: MAX_ARG_STRLEN, less the NUL at its end. */
const MAX_ARGUMENT_BYTES = 131071

/** A program that is told by arguments and files of the AgentRuntime's own, beside agent.json. */
export const custom: Dialect = {
  name: 'custom',
  render(task): Rendered {
    const { args, files = [] } = task.templates ?? {}
    const values = valuesOf(task)
    const base = agentFile(task)
    const filled = args?.map((text) => fill(text, values))
    return {
      ...base,
      args: filled,
      files: [...base.files, ...files.map(({ path, content }) => ({ path, text: fill(content, values) }))],
      errors: (filled ?? []).flatMap((text, index) => {
        const bytes = new TextEncoder().encode(text).length
        const message = `makes an argument of ${bytes} bytes of templates.args[${index}] of the AgentRuntime, and a process takes ${MAX_ARGUMENT_BYTES}; let it stand in a file`
        return bytes > MAX_ARGUMENT_BYTES ? [{ path: 'spec.runtimeRef', message }] : []
      }),
    }
  },
  readOutput: () => undefined,
}

const valuesOf = (task: Task) => {
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
