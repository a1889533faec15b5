import type { AgentJob } from '../api/agentjob.ts'
import type { Expansion, Grant } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import type { Quota } from './quotas.ts'
import type { Settings } from './settings.ts'

/** An object that a reference leads to, with the hash of its spec. */
export interface Referenced {
  spec: unknown
  hash: string
  /** The hash of what decides what a run does, where that is not all of it. */
  configHash?: string
}

/** The objects that a reference may lead to: by kind, namespace and name. */
export type Lookup = (kind: string, namespace: string, name: string) => Referenced | undefined

/** An AgentJob that has a name and a namespace, its spec validated and its defaults filled in. */
export type NamedAgentJob = AgentJob & { metadata: { name: string; namespace: string } }

/** All that an expansion is made from. */
export interface ExpandInput {
  job: NamedAgentJob
  /** The expansion that the stored object carries, if its signature holds. */
  previous?: Expansion
  /** Whether the request changes the spec; a touch, a label or a finalizer does not. */
  specChanged: boolean
  /** `spec.notify.url` of the stored object. */
  storedUrl?: string
  /** Who last changed the spec. */
  requester: string
  /** What the requester may do with the ClusterAccess that the spec names. */
  grants: Grant[]
  lookup: Lookup
  /** Whether nobody has asked the API server about an object that no cache has. */
  isUnread?: (kind: string, namespace: string, name: string) => boolean
  /** The AgentQuotas of the AgentJob's namespace. */
  quotas: readonly Quota[]
  settings: Settings
}

/** The expansion, unsigned, and what is to be said of it. With errors there is none to be stored. */
export interface ExpandOutput {
  expansion: Expansion
  errors: Finding[]
  warnings: Finding[]
}
