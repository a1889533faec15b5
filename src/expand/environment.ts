import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Finding } from '../api/finding.ts'
import { HOME, trimmed } from '../api/paths.ts'
import type { NamedAgentJob } from './input.ts'
import type { Resolved } from './references.ts'

/** A variable of a container, as in core/v1. */
export interface EnvVar {
  name: string
  value?: string
  valueFrom?: unknown
}

const upper = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]/g, '_')

/** Variable that holds a value of an MCP server that stands in a Secret: `MCP_GMAIL_TOKEN`. */
export const mcpVariable = (server: string, name: string): string => `MCP_${upper(server)}_${upper(name)}`

/** Variable that holds the token of a Repository: `REPOSITORY_WEBSITE_TOKEN`. */
export const repositoryVariable = (repository: string): string => `REPOSITORY_${upper(repository)}_TOKEN`

/**
 * The variables of the agent's container, each name once, the later source winning: ours, those of
 * the dialect, the runtime's, its credentials, tokens, the AgentJob's own. Values out of Secrets are references, never copies.
 */
export function environment(
  job: NamedAgentJob,
  runtime: AgentRuntimeSpec,
  resolved: Resolved,
  told: EnvVar[],
  credentials: EnvVar[],
): EnvVar[] {
  const variables = new Map<string, EnvVar>()
  const put = (list: EnvVar[]) => {
    for (const variable of list) {
      variables.delete(variable.name)
      variables.set(variable.name, variable)
    }
  }
  put([
    { name: 'HOME', value: HOME },
    { name: 'AGENTJOB_NAME', value: job.metadata.name },
    { name: 'AGENTJOB_NAMESPACE', value: job.metadata.namespace },
    ...told,
    { name: 'WORKSPACE_DIR', value: trimmed(runtime.workspaceDir) },
  ])
  put(runtime.env ?? [])
  put(credentials)
  put(tokens(runtime, resolved))
  put(job.spec.env ?? [])
  return [...variables.values()]
}

const fromSecret = (name: string, secretKeyRef: unknown): EnvVar => ({ name, valueFrom: { secretKeyRef } })

function tokens(runtime: AgentRuntimeSpec, resolved: Resolved): EnvVar[] {
  const list: EnvVar[] = []
  // first, because it is a guess: whoever names the variable himself means his own
  const gitHub = gitHubToken(resolved)
  if (gitHub) list.push(fromSecret('GH_TOKEN', gitHub))
  if (resolved.auth && runtime.authEnvVar) list.push(fromSecret(runtime.authEnvVar, resolved.auth.spec.secretRef))
  for (const { name, spec } of resolved.repositories)
    if (spec.tokenSecretRef) list.push(fromSecret(repositoryVariable(name), spec.tokenSecretRef))
  for (const { name, spec } of resolved.mcpServers)
    for (const item of [...(spec.env ?? []), ...(spec.headers ?? [])])
      if (item.valueFrom) list.push({ name: mcpVariable(name, item.name), valueFrom: item.valueFrom })
  return list
}

/** The token for github.com under the name that `gh` and Git's helpers read, where there is just one. */
function gitHubToken(resolved: Resolved) {
  const refs = resolved.repositories
    .filter(({ spec }) => spec.host === 'github.com' && spec.tokenSecretRef)
    .map(({ spec }) => spec.tokenSecretRef)
  const [first] = refs
  return first && refs.every((ref) => ref?.name === first.name && ref?.key === first.key) ? first : undefined
}

/** Two references whose values would meet in one variable. */
export function variableClashes(resolved: Resolved): Finding[] {
  const owners = new Map<string, string>()
  const findings: Finding[] = []
  const claim = (variable: string, owner: string, path: string) => {
    const other = owners.get(variable)
    if (other && other !== owner)
      findings.push({
        path,
        message: `${other} and ${owner} would both set the variable ${variable}; rename one of them`,
      })
    owners.set(variable, owner)
  }
  for (const { name, spec } of resolved.repositories)
    if (spec.tokenSecretRef) claim(repositoryVariable(name), `Repository ${name}`, 'spec.repositoryRefs')
  for (const { name, spec } of resolved.mcpServers)
    for (const item of [...(spec.env ?? []), ...(spec.headers ?? [])])
      if (item.valueFrom) claim(mcpVariable(name, item.name), `McpServer ${name} (${item.name})`, 'spec.mcpServerRefs')
  return findings
}
