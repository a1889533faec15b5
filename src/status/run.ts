import { type Phase, type Run, TERMINAL_PHASES } from '../api/agentjobstatus.ts'
import { CONFIG_HASH_ANNOTATION, HELD_ANNOTATION, REVISION_ANNOTATION } from '../expand/names.ts'
import { attemptsOf, retryOf } from './attempts.ts'
import { compact } from './compact.ts'
import { endingOf } from './ending.ts'
import { neverStarted, timedOut } from './neverstarted.ts'
import {
  type ContainerState,
  ENDED_ANNOTATION,
  type Job,
  type ObservedRun,
  type Pod,
  SCHEDULED_ANNOTATION,
} from './observed.ts'
import { outputsIn } from './outputs.ts'
import { agentState, ageOf } from './pods.ts'
import { skipOf } from './precheck.ts'
import { saidBy } from './said.ts'
import { shortened } from './shortened.ts'

/** Whether a phase is a run's last. */
export const isTerminal = (phase: Phase | undefined): boolean => TERMINAL_PHASES.some((one) => one === phase)

/** Whether a run has come to the end that it should, be it that there was nothing to do. */
export const wentWell = (phase: Phase | undefined): boolean => phase === 'Succeeded' || phase === 'Skipped'

/** Phases of a run whose log somebody will want to see. */
const HAS_FAILED: Phase[] = ['Failed', 'TimedOut']

/** Reason of a run whose Job vanished before it had ended. */
export const JOB_GONE = 'JobGone'
/** Reason of a run that a change of the spec has ended. */
export const SUPERSEDED = 'Superseded'

/** Reason of a run whose program says that it failed, although it ended with 0. */
export const AGENT_ERROR = 'AgentError'

/** Reason of a run that waits because its AgentRuntime has as many as it may. */
export const CONCURRENCY_LIMIT = 'ConcurrencyLimit'

/** How many characters of what was said of a failure. */
const MAX_RUN_MESSAGE = 1024

/**
 * A run as its Job and its pods tell it; what is gone meanwhile (a pod, its message) is kept from `before`. A run that
 * has ended stays so: whoever says otherwise is a cache that is behind.
 */
export function deriveRun(observed: ObservedRun, before: Run | undefined): Run {
  const { job, pods, output, logTail } = observed
  if (observed.isTold && before && isTerminal(before.phase)) return before
  const annotations = job.metadata.annotations ?? {}
  const pod = newest(pods)
  const state = agentState(pod)
  const told = outcome(observed, pod, state, before)
  const ended = isTerminal(told.phase)
  const hadEnded = before !== undefined && isTerminal(before.phase)
  if (hadEnded && !ended) return before
  // a Job without its pod does not tell a timeout from any other failure
  const isKnown = hadEnded && before.reason !== JOB_GONE && (!isOver(pod) || before.reason === AGENT_ERROR)
  const { phase, reason, message } = isKnown ? before : told
  // what changes while a pod is starting or ending is told with the phase that follows: one write a phase
  const started = phase !== 'Pending' && phase !== 'Queued'
  const tried = attemptsOf(job, pods, ended, before)
  const said = phase === 'Running' ? retryOf(job, tried, before) : message
  return compact({
    jobName: job.metadata.name,
    uid: job.metadata.uid,
    phase,
    revision: hashLike(annotations[REVISION_ANNOTATION]),
    scheduledAt: timeLike(annotations[SCHEDULED_ANNOTATION]),
    configHash: hashLike(annotations[CONFIG_HASH_ANNOTATION]),
    startTime: started ? (job.status?.startTime ?? before?.startTime) : undefined,
    completionTime: ended ? (completionTime(job) ?? job.metadata.deletionTimestamp) : undefined,
    attempts: started ? tried.attempts : undefined,
    lastFailure: hadEnded ? before.lastFailure : tried.lastFailure,
    exitCode: ended ? (state?.terminated?.exitCode ?? before?.exitCode) : undefined,
    reason,
    message: shortenedOr(said, hadEnded ? before.message : undefined),
    ...(ended ? saidBy(output, lastWord(state), outputsIn(pod), hadEnded ? before : undefined) : {}),
    logTail: HAS_FAILED.includes(phase) ? (logTail ?? before?.logTail) : undefined,
  })
}

// anybody who may write Jobs may write their annotations: what a status cannot hold is left out of it
const hashLike = (text: string | undefined) => (text && /^[0-9a-f]{1,64}$/.test(text) ? text : undefined)
const timeLike = (text: string | undefined) =>
  text && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
    ? text
    : undefined

/** The last pod of a Job: the one whose outcome is the Job's. */
export function newest<T extends Pod>(pods: T[]): T | undefined {
  return pods.reduce<T | undefined>((last, pod) => (last && ageOf(last) >= ageOf(pod) ? last : pod), undefined)
}

const shortenedOr = (message: string | undefined, before: string | undefined) =>
  message ? shortened(message, MAX_RUN_MESSAGE) : before

/** Whether a pod has come to its end, as far as is known. */
export const isOver = (pod: Pod | undefined): boolean =>
  pod?.status?.phase === 'Succeeded' || pod?.status?.phase === 'Failed'

const lastWord = (state: ContainerState | undefined) => state?.terminated?.message || undefined

const finished = (job: Job, type: 'Complete' | 'Failed') =>
  job.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True')

const completionTime = (job: Job) =>
  job.status?.completionTime ?? (finished(job, 'Failed') ?? finished(job, 'Complete'))?.lastTransitionTime

function outcome(
  observed: ObservedRun,
  pod: Pod | undefined,
  state: ContainerState | undefined,
  before: Run | undefined,
): { phase: Phase; reason?: string; message?: string } {
  const { job, output } = observed
  const ended = job.metadata.annotations?.[ENDED_ANNOTATION]
  const failed = finished(job, 'Failed')
  if (finished(job, 'Complete'))
    return output?.isError ? { phase: 'Failed', reason: AGENT_ERROR, message: output.error } : { phase: 'Succeeded' }
  // a Job that never got as far as a pod is deleted to end it
  if (ended && (failed || job.metadata.deletionTimestamp))
    return { phase: 'Stopped', reason: ended === SUPERSEDED ? SUPERSEDED : 'Stopped' }
  if (failed) {
    const ending = skipOf(job, failed, pod) ?? endingOf(failed, pod, state, output?.error)
    return neverStarted(pod, state, before) ? timedOut(ending, before) : ending
  }
  if (job.spec?.suspend)
    return { phase: 'Queued', ...(job.metadata.annotations?.[HELD_ANNOTATION] ? { reason: CONCURRENCY_LIMIT } : {}) }
  // the Job tells in a moment that its time was up
  if (isOver(pod) && neverStarted(pod, state, before)) return { phase: 'Pending', reason: before.reason }
  // between two attempts a run goes on, also where the first does not count
  const tried = (job.status?.failed ?? 0) > 0 || before?.phase === 'Running'
  if (tried || state?.running || state?.terminated || pod?.status?.phase === 'Running') return { phase: 'Running' }
  return { phase: 'Pending', reason: whyWaiting(observed)?.reason }
}

/** Why a run has not started, in one word and in a sentence of the kubelet's, the scheduler's or the API server's. */
export function whyWaiting({
  pods,
  failedCreate,
  failedMount,
}: ObservedRun): { reason?: string; message?: string } | undefined {
  const pod = newest(pods)
  if (pod === undefined && failedCreate !== undefined) return notCreated(failedCreate)
  return waiting(pod) ?? (pod && failedMount !== undefined ? notMounted(failedMount) : undefined)
}

/** The same of a pod: its containers' words, or the scheduler's. */
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

/** Without the pod's name: it is another one at each try, and the same thing said again is no news. */
function notCreated(note: string): { reason: string; message: string } {
  const message = note.replace(/^.*?Error creating: /, '').replace(/^pods "[^"]*"/, 'the pod')
  return { reason: /exceeded quota/.test(message) ? 'QuotaExceeded' : 'FailedCreate', message }
}

/** What keeps a pod from its volumes until somebody does something; what else the kubelet says of them passes by itself. */
function notMounted(note: string): { reason: string; message: string } | undefined {
  if (!/"[^"]+" not found|references non-existent/.test(note)) return undefined
  return { reason: 'FailedMount', message: note.replace(/^MountVolume\.SetUp failed for volume "[^"]*" : /, '') }
}
