import type { Phase, Run } from '../api/agentjobstatus.ts'
import { CONFIG_HASH_ANNOTATION, REVISION_ANNOTATION } from '../expand/names.ts'
import { AGENT_CONTAINER } from '../expand/pod.ts'
import {
  type ContainerState,
  ENDED_ANNOTATION,
  type Job,
  type ObservedRun,
  type Pod,
  SCHEDULED_ANNOTATION,
} from './observed.ts'

const TERMINAL: Phase[] = ['Succeeded', 'Failed', 'TimedOut', 'Stopped', 'Skipped']
/** Whether a phase is a run's last. */
export const isTerminal = (phase: Phase | undefined): boolean => phase !== undefined && TERMINAL.includes(phase)

/** How many characters of a result are kept; the kubelet itself keeps 4096 bytes of a termination message. */
const MAX_RESULT = 4096

/** A run as its Job and its pods tell it; what is gone meanwhile (a pod, its message) is kept from `before`. */
export function deriveRun({ job, pods }: ObservedRun, before: Run | undefined): Run {
  const annotations = job.metadata.annotations ?? {}
  const pod = newest(pods)
  const state = containerState(pod)
  const { phase, reason } = outcome(job, pod, state)
  const ended = isTerminal(phase)
  // what changes while a pod is starting or ending is told with the phase that follows: one write a phase
  const started = phase !== 'Pending' && phase !== 'Queued'
  return compact({
    jobName: job.metadata.name,
    uid: job.metadata.uid,
    phase,
    revision: annotations[REVISION_ANNOTATION],
    scheduledAt: annotations[SCHEDULED_ANNOTATION],
    configHash: annotations[CONFIG_HASH_ANNOTATION],
    startTime: started ? (job.status?.startTime ?? before?.startTime) : undefined,
    completionTime: ended ? (completionTime(job) ?? job.metadata.deletionTimestamp) : undefined,
    attempts: started ? attempts(job) || before?.attempts : undefined,
    exitCode: ended ? (state?.terminated?.exitCode ?? (pod ? undefined : before?.exitCode)) : undefined,
    reason: reason ?? (pod ? undefined : before?.reason),
    result: ended
      ? (state?.terminated?.message?.slice(0, MAX_RESULT) ?? (pod ? undefined : before?.result))
      : undefined,
  })
}

/** The last pod of a Job: the one whose outcome is the Job's. */
export function newest(pods: Pod[]): Pod | undefined {
  const key = ({ metadata }: Pod) => `${metadata.creationTimestamp ?? ''} ${metadata.name}`
  return pods.reduce<Pod | undefined>((last, pod) => (last && key(last) >= key(pod) ? last : pod), undefined)
}

const containerState = (pod: Pod | undefined): ContainerState | undefined =>
  pod?.status?.containerStatuses?.find(({ name }) => name === AGENT_CONTAINER)?.state

const finished = (job: Job, type: 'Complete' | 'Failed') =>
  job.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True')

const attempts = ({ status }: Job) => (status?.active ?? 0) + (status?.succeeded ?? 0) + (status?.failed ?? 0)

const completionTime = (job: Job) =>
  job.status?.completionTime ?? (finished(job, 'Failed') ?? finished(job, 'Complete'))?.lastTransitionTime

function outcome(job: Job, pod: Pod | undefined, state: ContainerState | undefined): { phase: Phase; reason?: string } {
  const ended = job.metadata.annotations?.[ENDED_ANNOTATION]
  const failed = finished(job, 'Failed')
  if (finished(job, 'Complete')) return { phase: 'Succeeded' }
  // a Job that never got as far as a pod is deleted to end it
  if (ended && (failed || job.metadata.deletionTimestamp)) return { phase: 'Stopped', reason: ended }
  if (failed) {
    const timedOut = pod?.status?.reason === 'DeadlineExceeded' || (!pod && failed.reason === 'DeadlineExceeded')
    if (timedOut) return { phase: 'TimedOut', reason: 'DeadlineExceeded' }
    return { phase: 'Failed', reason: pod?.status?.reason ?? state?.terminated?.reason ?? failed.reason }
  }
  if (job.spec?.suspend) return { phase: 'Queued' }
  if (state?.running || state?.terminated || pod?.status?.phase === 'Running') return { phase: 'Running' }
  return { phase: 'Pending', reason: waitingReason(pod) }
}

/** Why a pod has not started: its containers' words, or the scheduler's. */
export function waitingReason(pod: Pod | undefined): string | undefined {
  return waiting(pod)?.reason
}

/** The same with the sentence that goes with it. */
export function waiting(pod: Pod | undefined): { reason?: string; message?: string } | undefined {
  const statuses = [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])]
  const stuck = statuses
    .map(({ state }) => state?.waiting)
    .find((state) => state?.reason && !BENIGN.includes(state.reason))
  if (stuck) return stuck
  const unscheduled = pod?.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  return unscheduled && { reason: unscheduled.reason, message: unscheduled.message }
}
const BENIGN = ['ContainerCreating', 'PodInitializing']

/** Without the members that are undefined, so that equal runs are equal. */
const compact = <T extends object>(members: T): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T
