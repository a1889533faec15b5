import type { AgentJob } from '../../../src/api/agentjob.ts'
import { ownerUid } from '../../../src/controller/types.ts'
import type { KubeObject, PartialObjectMetadata } from '../../../src/kube/object.ts'
import type { SigningKey } from '../../../src/signing/signature.ts'
import type { History } from '../history.ts'

export type AgentJobObject = AgentJob & PartialObjectMetadata

/** What the invariants are checked on: one namespace, after everything has come to rest. */
export interface Observation {
  namespace: string
  /** Everything in it, and its AgentJobs' cluster-scoped children. */
  objects: KubeObject[]
  history: History
  /** The Jobs that the operator's replicas had created, as the API server answered them. */
  created: KubeObject[]
  /** Objects of somebody else's, as he made them. */
  strangers: KubeObject[]
  key: SigningKey
}

export const isLive = ({ metadata }: PartialObjectMetadata): boolean => !metadata.deletionTimestamp

/** The AgentJobs that are there. */
export const agentJobsOf = ({ objects }: Observation): AgentJobObject[] =>
  objects.filter(({ kind }) => kind === 'AgentJob') as unknown as AgentJobObject[]

/** The stranger's Job under the name that an AgentJob's Job is to have, if there is one. */
export const strangerAt = ({ objects, strangers }: Observation, name: string | undefined): KubeObject | undefined =>
  strangers.find(
    (stranger) =>
      stranger.kind === 'Job' &&
      stranger.metadata.name === name &&
      objects.some(({ metadata }) => metadata.uid === stranger.metadata.uid),
  )

/** What an owner has, by owner reference or label. */
export const ownedBy = ({ objects }: Observation, { metadata }: PartialObjectMetadata): KubeObject[] =>
  objects.filter((object) => ownerUid(object) === metadata.uid)
