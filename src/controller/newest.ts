import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import type { CachedAgentJob } from './caches.ts'
import type { Memory } from './context.ts'

/** The status that this leader has written last, until the cache has moved on to what somebody else has made of the object. */
export interface Written {
  /** Versions over which it, and what was written before it, was written: while the cache shows one of them, it is behind. */
  over: (string | undefined)[]
  resourceVersion: string | undefined
  status: AgentJobStatus
}

/** The status that we know to be the newest: the one that we have written last, where the cache is behind. */
export function newestOf({ written }: Memory, { metadata }: CachedAgentJob): Written | undefined {
  const one = written.get(metadata.uid as string)
  return one?.over.includes(metadata.resourceVersion) ? one : undefined
}

/** The same, or else what the cache has. */
export const statusOf = (memory: Memory, job: CachedAgentJob): AgentJobStatus | undefined =>
  (newestOf(memory, job) ?? job).status

/** Remembers a status that was written over the version of the cache, `over`. */
export function remember(
  { written }: Memory,
  uid: string,
  one: { over: string | undefined; resourceVersion: string | undefined; status: AgentJobStatus },
): void {
  const before = written.get(uid)
  const isNext = before?.over.includes(one.over)
  written.set(uid, { ...one, over: isNext ? [...before!.over, before!.resourceVersion] : [one.over] })
}
