import type { AgentAuthSpec } from '../api/agentauth.ts'
import type { AgentJobSpec } from '../api/agentjob.ts'
import type { AgentRoleSpec } from '../api/agentrole.ts'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { AgentSkillSpec } from '../api/agentskill.ts'
import type { ClusterAccessSpec } from '../api/clusteraccess.ts'
import type { ContextSpec } from '../api/context.ts'
import type { Grant, Reference } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import { hash } from '../api/hash.ts'
import type { McpServerSpec } from '../api/mcpserver.ts'
import type { RepositorySpec } from '../api/repository.ts'
import { type UsedContext, usedContexts } from './contexts.ts'
import type { Lookup, Referenced } from './input.ts'
import type { ConfigMapContent } from './referenced.ts'
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
export const lookupNamespaces = (namespace: string, settings: Pick<Settings, 'libraryNamespace'>): string[] =>
  settings.libraryNamespace && settings.libraryNamespace !== namespace
    ? [namespace, settings.libraryNamespace]
    : [namespace]

/** Kinds that the library may have; what else is among look-ups is in one namespace only. */
const OF_LIBRARY = 'AgentRuntime AgentAuth AgentRole AgentSkill McpServer Repository ClusterAccess Context'.split(' ')

/**
 * Whether the look-ups of an AgentJob in `namespace` were made with another library: they led into one that is none any
 * more, or a miss did not go on to the one that is.
 */
export function looksElsewhere(
  references: readonly Reference[],
  namespace: string,
  settings: Pick<Settings, 'libraryNamespace'>,
): boolean {
  const [, library] = lookupNamespaces(namespace, settings)
  const goesOn = ({ kind, name }: Reference) =>
    references.some((next) => next.namespace === library && next.kind === kind && next.name === name)
  return references.some((one) => {
    if (!OF_LIBRARY.includes(one.kind)) return false
    if (one.namespace !== namespace) return one.namespace !== library
    return one.hash === '' && library !== undefined && !goesOn(one)
  })
}

/** An object found, under the name by which the spec calls it. */
export interface Found<Spec> {
  name: string
  namespace: string
  hash: string
  spec: Spec
}

/** An object that was not found, by the field that leads to it. */
export interface Missing extends Finding {
  /** Where it was looked for; of a ConfigMap that is not told. */
  sought?: { kind: string; name: string; namespaces: string[] }
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
  contexts: UsedContext[]
  /** Every look-up, the misses too: the index behind "who depends on this?". */
  references: Reference[]
  /** Hash of what was found, whichever namespace it came from. */
  referencesHash: string
  missing: Missing[]
  /** What the requester was not entitled to. */
  forbidden: Finding[]
  /** Contexts that are more than an AgentJob can hold. */
  oversize?: Finding
}

/**
 * Looks up what a spec refers to, in its own namespace first, then in the library namespace; and what that leads to in
 * its turn.
 */
export function resolve(
  spec: AgentJobSpec,
  namespace: string,
  lookup: Lookup,
  settings: Settings,
  grants: readonly Grant[] = [],
): Resolved {
  const resolved: Resolved = {
    skills: [],
    mcpServers: [],
    repositories: [],
    contexts: [],
    references: [],
    referencesHash: '',
    missing: [],
    forbidden: [],
  }
  const namespaces = lookupNamespaces(namespace, settings)
  const finder = createFinder(lookup, resolved)
  for (const { kind, name, path } of referencesOf(spec)) {
    if (finder.knows(kind, name)) continue
    const found = finder.find(kind, name, namespaces, { path, says: '' })
    if (found) place(resolved, kind, found)
  }
  const { contexts, ...findings } = usedContexts(spec, namespace, resolved.runtime, {
    find: (name, from, user) =>
      finder.find('Context', name, lookupNamespaces(from, settings), user) as Found<ContextSpec> | undefined,
    configMap: (at, name) => finder.at('ConfigMap', at, name)?.spec as ConfigMapContent | undefined,
    mayTell: (at, name) => grants.some((grant) => isOf(grant, 'ConfigMap', at, name)),
  })
  resolved.contexts = contexts
  resolved.missing.push(...findings.missing)
  resolved.forbidden.push(...findings.forbidden)
  resolved.oversize = findings.oversize
  resolved.referencesHash = hash([...finder.contents, ...contexts.flatMap(({ texts }) => (texts ? [texts] : []))], 16)
  return resolved
}

/** The grants of somebody who may use every ClusterAccess and read every ConfigMap. */
export function everyGrant(spec: AgentJobSpec, namespace: string, settings: Settings): Grant[] {
  const name = spec.clusterAccessRef
  const access = name === undefined ? [] : lookupNamespaces(namespace, settings).map((at) => ({ namespace: at, name }))
  const configMaps = (spec.contexts ?? []).flatMap(({ configMap }): Grant[] =>
    configMap ? [{ kind: 'ConfigMap', namespace, name: configMap.name }] : [],
  )
  return [...access, ...configMaps]
}

/** Whether a grant is one for that object. */
export const isOf = (grant: Grant, kind: string, namespace: string, name: string): boolean =>
  (grant.kind ?? 'ClusterAccess') === kind && grant.namespace === namespace && grant.name === name

/** Looks up each object once, and keeps account of it in `references`. */
function createFinder(lookup: Lookup, { references, missing }: Resolved) {
  const known = new Map<string, Referenced | undefined>()
  const contents: string[] = []
  const asked = new Set<string>()
  const at = (kind: string, namespace: string, name: string) => {
    const key = `${kind}/${namespace}/${name}`
    if (known.has(key)) return known.get(key)
    const object = lookup(kind, namespace, name)
    known.set(key, object)
    references.push({ kind, namespace, name, hash: object?.hash ?? '' })
    // of a ConfigMap counts what of it is told
    if (object && kind !== 'ConfigMap') contents.push(`${kind}/${name}/${object.configHash ?? object.hash}`)
    return object
  }
  return {
    contents,
    at,
    knows: (kind: string, name: string) => asked.has(`${kind}/${name}`),
    find(kind: string, name: string, namespaces: string[], user: UsedContext['user']): Found<unknown> | undefined {
      asked.add(`${kind}/${name}`)
      for (const namespace of namespaces) {
        const object = at(kind, namespace, name)
        if (object) return { name, namespace, hash: object.hash, spec: object.spec }
      }
      const message = `${user.says}${notFound(kind, name, namespaces)}`
      missing.push({ path: user.path, message, sought: { kind, name, namespaces } })
      return undefined
    },
  }
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
