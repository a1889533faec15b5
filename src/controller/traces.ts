import type { Run } from '../api/agentjobstatus.ts'
import { agentState } from '../status/pods.ts'
import type { CachedJob, CachedPod } from './caches.ts'
import type { Identity } from './identity.ts'

/** What is told of a run that has ended. Times are RFC 3339, and whole seconds: Kubernetes tells no better. */
export interface RunTrace extends Identity {
  run: Run
  /** When its Job was created. */
  created?: string
  pods: PodTrace[]
}

/** One attempt. */
export interface PodTrace {
  name?: string
  node?: string
  created?: string
  /** When its agent started, and when it ended; undefined where it never did, or nobody knows. */
  started?: string
  finished?: string
  exitCode?: number
}

/** Where traces go. */
export interface RunTraces {
  ended(trace: RunTrace): void
}

/** What is known of a run by its Job and its pods, which may be gone. */
export function traceOfRun(identity: Identity, run: Run, job: CachedJob | undefined, pods: CachedPod[]): RunTrace {
  const created = job?.metadata.creationTimestamp
  return { ...identity, run, created, pods: pods.map(podTrace) }
}

function podTrace(pod: CachedPod): PodTrace {
  const { name, creationTimestamp } = pod.metadata
  const { exitCode, startedAt, finishedAt } = agentState(pod)?.terminated ?? {}
  return {
    name,
    node: pod.spec?.nodeName,
    created: creationTimestamp,
    // null of a container that was never started
    started: startedAt ?? undefined,
    finished: finishedAt ?? undefined,
    exitCode,
  }
}
