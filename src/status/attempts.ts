import type { Run } from '../api/agentjobstatus.ts'
import { endingOf } from './ending.ts'
import type { Job, Pod } from './observed.ts'
import { agentState, ageOf } from './pods.ts'
import { shortened } from './shortened.ts'

/** How many characters of how an attempt has failed. */
const MAX_FAILURE = 256

/** What is told of a run's attempts: how many there were, and how the one before the present one has failed. */
export type Attempts = Pick<Run, 'attempts' | 'lastFailure'>

/** How many pods a Job counts; those that a disruption has ended are not among them where its policy ignores that. */
const counted = ({ status }: Job) => (status?.active ?? 0) + (status?.succeeded ?? 0) + (status?.failed ?? 0)

/** The attempts of a run that has started; while Kubernetes is counting, and when pods are gone, as `before` has them. */
export function attemptsOf(job: Job, pods: Pod[], hasEnded: boolean, before: Attempts | undefined): Attempts {
  const sorted = [...pods].sort((one, other) => (ageOf(one) < ageOf(other) ? 1 : -1))
  const last = sorted.find(
    (pod, index) => pod.status?.phase === 'Failed' && (index > 0 || (!hasEnded && isFollowed(job, sorted))),
  )
  // it takes a moment until one that has ended is counted again
  const attempts = Math.max(counted(job), before?.attempts ?? 0)
  return { attempts: attempts || undefined, lastFailure: last ? failureOf(last) : before?.lastFailure }
}

/** Whether the newest pod that is known of, which has failed, has a successor. It is told with the count: one write an attempt. */
function isFollowed({ spec, status }: Job, [newest, ...others]: Pod[]): boolean {
  const ignores = spec?.podFailurePolicy?.rules?.some(({ action }) => action === 'Ignore')
  if (
    ignores &&
    newest?.status?.conditions?.some(({ type, status }) => type === 'DisruptionTarget' && status === 'True')
  )
    return true
  const seen = 1 + others.filter((pod) => pod.status?.phase === 'Failed').length
  return (status?.active ?? 0) > 0 && (status?.failed ?? 0) >= seen
}

/** In a few words: the reason, or the exit code where the kubelet knows no other. */
function failureOf(pod: Pod): string {
  const state = agentState(pod)
  const { reason } = endingOf({ type: 'Failed', status: 'True' }, pod, state)
  return reason === 'Error' && state?.terminated
    ? `exit code ${state.terminated.exitCode}`
    : shortened(reason, MAX_FAILURE)
}

/** What is told of a run that goes on after an attempt that has failed; undefined of a first attempt. */
export function retryOf({ spec }: Job, { attempts = 1, lastFailure }: Attempts, before: Run | undefined) {
  if (attempts < 2 && lastFailure === undefined) return undefined
  // a run that is being stopped has another limit
  if (before?.message && before.attempts === attempts && before.lastFailure === lastFailure) return before.message
  const limit = spec?.backoffLimit
  const most = limit === undefined ? '' : ` of ${Math.max(limit + 1, attempts)}`
  return `attempt ${attempts}${most}${lastFailure === undefined ? '' : `, after ${lastFailure}`}`
}
