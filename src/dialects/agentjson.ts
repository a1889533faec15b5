import { canonicalJson } from '../api/hash.ts'
import type { Dialect } from './dialect.ts'
import type { McpServer, NamedValue, Rendered, Task } from './task.ts'

/** A file for programs that were made for us, or for thurkube: docs/guides/agents.md says what it holds. */
export const agentJson: Dialect = { name: 'agent-json', render: (task) => agentFile(task), readOutput: () => undefined }

/** agent.json and the variable that says where it is. */
export function agentFile(task: Task): Rendered {
  const path = `${task.paths.files}/agent.json`
  return {
    env: [{ name: 'AGENTJOB_CONFIG', value: path }],
    files: [{ path, text: agentConfig(task) }],
    errors: [],
    warnings: [],
  }
}

/**
 * The text of agent.json: what the agent is told. thurkube's members and names, so that its images run as they are.
 * What stands in a Secret is not in it: an MCP server's `${VARIABLE}` names the environment variable that holds it.
 */
export const agentConfig = ({ skills, ...task }: Task): string =>
  canonicalJson({
    prompt: task.prompt,
    instructions: task.instructions,
    model: task.model,
    allowedTools: task.allowedTools,
    skill: skills[0],
    skills: skills.length ? skills : undefined,
    mcpServers: mcpServerConfigs(task.mcpServers),
    repositories: task.repositories,
  })

/** MCP servers as agent.json has them. */
export const mcpServerConfigs = (servers: McpServer[]) =>
  servers.map(({ env, headers, ...server }) => ({ ...server, env: values(env), headers: values(headers) }))

const values = (list: NamedValue[] = []) =>
  list.length
    ? Object.fromEntries(list.map((item) => [item.name, 'value' in item ? item.value : `\${${item.variable}}`]))
    : undefined
