import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import { objectKey, type PartialObjectMetadata } from '../kube/object.ts'
import { isTerminal } from '../status/run.ts'
import { agentJobKeyOf, type CachedJob, type CachedPod } from './caches.ts'
import type { Memory } from './context.ts'
import { ownerUid } from './types.ts'

/** Last states of Jobs and pods that are gone. */
export interface Grave {
  jobs: CachedJob[]
  pods: CachedPod[]
}

/** What is gone of an AgentJob (`namespace/name`) and stands in no status yet, as it is now. */
export function graveOf({ graves }: Memory, key: string): Grave {
  const { jobs = [], pods = [] } = graves.get(key) ?? {}
  return { jobs: [...jobs], pods: [...pods] }
}

/** Whether a Job of that name was this AgentJob's, and is gone before a status told of it. */
export function isBuried({ graves }: Memory, owner: PartialObjectMetadata, name: string): boolean {
  const jobs = graves.get(objectKey(owner))?.jobs ?? []
  return jobs.some((job) => job.metadata.name === name && ownerUid(job) === owner.metadata.uid)
}

/**
 * A Job that ended and was deleted at once (TTL 0, a history limit of 0) has to be told of all the same; and of one that
 * had not ended it has to be known that it was there, until a status says so: its revision must not run again.
 */
export function bury(memory: Memory, job: CachedJob): void {
  const key = agentJobKeyOf(job)
  if (!key) return
  const metadata = { ...job.metadata, deletionTimestamp: job.metadata.deletionTimestamp ?? new Date().toISOString() }
  dig(memory, key).jobs.push({ ...job, metadata })
}

/**
 * A pod with the time at which its deletion was asked for first: the kubelet's own deletion, without a grace period,
 * puts another one in its place, and then nobody could tell whether the agent had ended before.
 */
export function withFirstDeletion(pod: CachedPod, previous: CachedPod | undefined): CachedPod {
  const { deletionTimestamp, deletionGracePeriodSeconds } = previous?.metadata ?? {}
  if (deletionTimestamp === undefined || previous?.metadata.uid !== pod.metadata.uid) return pod
  if (deletionTimestamp === pod.metadata.deletionTimestamp) return pod
  return { ...pod, metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds } }
}

/** A pod may be gone before its Job says that it has ended. */
export function buryPod(memory: Memory, pod: CachedPod): void {
  const key = agentJobKeyOf(pod)
  if (key) dig(memory, key).pods.push(pod)
}

function dig({ graves }: Memory, key: string): Grave {
  const grave = graves.get(key) ?? { jobs: [], pods: [] }
  graves.set(key, grave)
  return grave
}

/**
 * Forgets what a status was derived from: Jobs, unless the end of a pod of theirs (`hasLivePod`) is still to come, and
 * pods unless their run goes on.
 */
export function forget(
  { graves }: Memory,
  key: string,
  told: Grave,
  { runs = [] }: AgentJobStatus,
  hasLivePod: (job: CachedJob) => boolean = () => false,
): void {
  const grave = graves.get(key)
  if (!grave) return
  const open = new Set(runs.filter(({ phase }) => !isTerminal(phase)).map(({ uid }) => uid))
  const untold = new Set(grave.pods.filter((pod) => !told.pods.includes(pod)).map(ownerUid))
  const jobs = grave.jobs.filter((job) => !told.jobs.includes(job) || untold.has(job.metadata.uid) || hasLivePod(job))
  const pods = grave.pods.filter((pod) => !told.pods.includes(pod) || open.has(ownerUid(pod)))
  if (jobs.length || pods.length) graves.set(key, { jobs, pods })
  else graves.delete(key)
}
