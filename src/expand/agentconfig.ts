import type { AgentJobSpec } from '../api/agentjob.ts'
import { canonicalJson } from '../api/hash.ts'
import type { McpServerSpec } from '../api/mcpserver.ts'
import { mcpVariable, repositoryVariable } from './environment.ts'
import type { Found, Resolved } from './references.ts'

/**
 * The text of agent.json: what the agent is told. thurkube's members and names, so that its images run as they are.
 * `task` is the prompt with its contexts. What stands in a Secret is not in it: an MCP server's `${VARIABLE}` names the environment variable that holds it.
 */
export function agentConfig(spec: AgentJobSpec, resolved: Resolved, task: string): string {
  const skills = resolved.skills.map((skill) => skill.spec)
  return canonicalJson({
    prompt: task,
    instructions: spec.instructions,
    model: spec.model,
    allowedTools: resolved.role?.spec.allowedTools ?? (spec.roleRef ? [] : undefined),
    skill: skills[0],
    skills: skills.length ? skills : undefined,
    mcpServers: resolved.mcpServers.map(mcpServerConfig),
    repositories: resolved.repositories.map((repository) => ({
      name: repository.name,
      host: repository.spec.host,
      owner: repository.spec.owner,
      repo: repository.spec.name,
      tokenEnv: repository.spec.tokenSecretRef ? repositoryVariable(repository.name) : undefined,
    })),
  })
}

function mcpServerConfig({ name, spec }: Found<McpServerSpec>) {
  const values = (list: McpServerSpec['env']) =>
    list?.length
      ? Object.fromEntries(list.map((item) => [item.name, item.value ?? `\${${mcpVariable(name, item.name)}}`]))
      : undefined
  return {
    name,
    command: spec.command,
    args: spec.args,
    env: values(spec.env),
    url: spec.url,
    headers: values(spec.headers),
  }
}
