import type { AgentAuthSpec } from '../api/agentauth.ts'
import type { AgentJobSpec } from '../api/agentjob.ts'
import type { AgentRoleSpec } from '../api/agentrole.ts'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { AgentSkillSpec } from '../api/agentskill.ts'
import type { ClusterAccessSpec } from '../api/clusteraccess.ts'
import type { Reference } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import { hash } from '../api/hash.ts'
import type { McpServerSpec } from '../api/mcpserver.ts'
import type { RepositorySpec } from '../api/repository.ts'
import type { Lookup } from './input.ts'
import type { Settings } from './settings.ts'

/** A reference as a spec names it. */
export interface NamedReference {
  kind: string
  name: string
  path: string
}

/** The references of a spec, each with the field that names it. */
export function referencesOf(spec: AgentJobSpec): NamedReference[] {
  const named: NamedReference[] = [{ kind: 'AgentRuntime', name: spec.runtimeRef, path: 'spec.runtimeRef' }]
  const one = (kind: string, path: string, name: string | undefined) => {
    if (name !== undefined) named.push({ kind, name, path })
  }
  const many = (kind: string, path: string, names: string[] = []) => {
    for (const [index, name] of names.entries()) one(kind, `${path}[${index}]`, name)
  }
  one('AgentAuth', 'spec.authRef', spec.authRef)
  one('AgentRole', 'spec.roleRef', spec.roleRef)
  one('AgentSkill', 'spec.skillRef', spec.skillRef)
  many('AgentSkill', 'spec.skillRefs', spec.skillRefs)
  many('McpServer', 'spec.mcpServerRefs', spec.mcpServerRefs)
  many('Repository', 'spec.repositoryRefs', spec.repositoryRefs)
  one('ClusterAccess', 'spec.clusterAccessRef', spec.clusterAccessRef)
  return named
}

/** The namespaces in which a reference of an object in `namespace` is looked up, in this order. */
export const lookupNamespaces = (namespace: string, settings: Settings): string[] =>
  settings.libraryNamespace && settings.libraryNamespace !== namespace
    ? [namespace, settings.libraryNamespace]
    : [namespace]

/** An object found, under the name by which the spec calls it. */
export interface Found<Spec> {
  name: string
  namespace: string
  hash: string
  spec: Spec
}

/** The objects that a spec refers to. */
export interface Resolved {
  runtime?: Found<AgentRuntimeSpec>
  auth?: Found<AgentAuthSpec>
  role?: Found<AgentRoleSpec>
  access?: Found<ClusterAccessSpec>
  skills: Found<AgentSkillSpec>[]
  mcpServers: Found<McpServerSpec>[]
  repositories: Found<RepositorySpec>[]
  /** Every look-up, the misses too: the index behind "who depends on this?". */
  references: Reference[]
  /** Hash of what was found, whichever namespace it came from. */
  referencesHash: string
  missing: Finding[]
}

/** Looks up what a spec refers to, in its own namespace first, then in the library namespace. */
export function resolve(spec: AgentJobSpec, namespace: string, lookup: Lookup, settings: Settings): Resolved {
  const resolved: Resolved = {
    skills: [],
    mcpServers: [],
    repositories: [],
    references: [],
    referencesHash: '',
    missing: [],
  }
  const namespaces = lookupNamespaces(namespace, settings)
  const seen = new Set<string>()
  const contents: string[] = []
  for (const { kind, name, path } of referencesOf(spec)) {
    if (seen.has(`${kind}/${name}`)) continue
    seen.add(`${kind}/${name}`)
    const found = find(kind, name, namespaces, lookup, resolved.references)
    if (found) {
      contents.push(`${kind}/${name}/${found.hash}`)
      place(resolved, kind, found)
    } else resolved.missing.push({ path, message: notFound(kind, name, namespaces) })
  }
  resolved.referencesHash = hash(contents, 16)
  return resolved
}

function find(kind: string, name: string, namespaces: string[], lookup: Lookup, references: Reference[]) {
  for (const namespace of namespaces) {
    const object = lookup(kind, namespace, name)
    references.push({ kind, namespace, name, hash: object?.hash ?? '' })
    if (object) return { name, namespace, hash: object.hash, spec: object.spec }
  }
  return undefined
}

function place(resolved: Resolved, kind: string, found: Found<unknown>): void {
  if (kind === 'AgentRuntime') resolved.runtime = found as Found<AgentRuntimeSpec>
  else if (kind === 'AgentAuth') resolved.auth = found as Found<AgentAuthSpec>
  else if (kind === 'AgentRole') resolved.role = found as Found<AgentRoleSpec>
  else if (kind === 'ClusterAccess') resolved.access = found as Found<ClusterAccessSpec>
  else if (kind === 'AgentSkill') resolved.skills.push(found as Found<AgentSkillSpec>)
  else if (kind === 'McpServer') resolved.mcpServers.push(found as Found<McpServerSpec>)
  else if (kind === 'Repository') resolved.repositories.push(found as Found<RepositorySpec>)
}

const notFound = (kind: string, name: string, namespaces: string[]) =>
  `there is no ${kind} "${name}" in ${namespaces.length > 1 ? `namespace ${namespaces[0]} or in the library namespace ${namespaces[1]}` : `namespace ${namespaces[0]}`}`
