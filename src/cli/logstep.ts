import type { AgentJob } from '../api/agentjob.ts'
import { AGENT_CONTAINER } from '../expand/pod.ts'
import type { ContainerState, Pod } from '../status/observed.ts'
import { renderedJob, renderedRevision } from '../status/revision.ts'
import { isTerminal, newest, waiting } from '../status/run.ts'
import { standing } from './verdict.ts'

/** Label that Kubernetes puts on the pods of a Job. */
export const JOB_NAME_LABEL = 'batch.kubernetes.io/job-name'

const JOB_UID_LABEL = 'batch.kubernetes.io/controller-uid'

/** What is to be done about the log of a run, for now. */
export type LogStep =
  /** The agent has started, or has run already. */
  | { step: 'stream'; pod: string }
  /** `why` is undefined where there is nothing to tell, because it takes a moment only. */
  | { step: 'wait'; why?: string }
  /** There is no log, and none will come; its end and the result are what the status has kept of the run. */
  | { step: 'gone'; why: string; logTail?: string; result?: string }
  /** Everything was shown. */
  | { step: 'end' }

/** The Job whose log is meant when nobody names one: one that is about to start, else the newest run. */
export function newestJobName(job: AgentJob): string | undefined {
  const asked = renderedJob(job)?.metadata.name
  const runs = job.status?.runs ?? []
  const started = runs.some(({ jobName }) => jobName === asked) || job.status?.revision === renderedRevision(job)
  return asked !== undefined && !started ? asked : (runs[0]?.jobName ?? asked)
}

/** The next step with the log of a Job. `pods` are those of the AgentJob, `shown` the names of those that were shown. */
export function logStep(job: AgentJob, pods: Pod[], jobName: string | undefined, shown: ReadonlySet<string>): LogStep {
  if (jobName === undefined) return { step: 'wait', why: standing(job) }
  const run = job.status?.runs?.find((one) => one.jobName === jobName)
  const own = pods.filter((pod) => pod.metadata.labels?.[JOB_NAME_LABEL] === jobName && isOfRun(pod, job, run?.uid))
  const pod = newest(own)
  if (!pod) {
    if (shown.size) return { step: 'end' }
    if (run && isTerminal(run.phase)) {
      const { logTail, result } = run
      return { step: 'gone', why: gonePod(jobName, standing(job, run)), logTail, result }
    }
    return { step: 'wait', why: `Job ${jobName} has no pod: ${run ? standing(job, run) : standing(job)}` }
  }
  if (shown.has(pod.metadata.name)) return isTerminal(run?.phase) ? { step: 'end' } : afterPod(job, pod, own.length)
  const state = agentState(pod)
  const ended = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded'
  // of a container that never was, Kubernetes says that it was terminated, but not when
  if (ended && !state?.terminated?.finishedAt) return { step: 'gone', why: neverStarted(pod) }
  if (state?.running || state?.terminated) return { step: 'stream', pod: pod.metadata.name }
  return { step: 'wait', why: whyWaiting(pod) }
}

/** Whether a pod belongs to this run, and not to one that an earlier AgentJob of the same name has left behind. */
export function isOfRun({ metadata }: Pod, job: AgentJob, uid: string | undefined): boolean {
  if (uid !== undefined && metadata.labels?.[JOB_UID_LABEL] !== undefined) return metadata.labels[JOB_UID_LABEL] === uid
  return (metadata.creationTimestamp ?? '') >= (job.metadata.creationTimestamp ?? '')
}

const agentState = (pod: Pod): ContainerState | undefined =>
  pod.status?.containerStatuses?.find(({ name }) => name === AGENT_CONTAINER)?.state

const gonePod = (jobName: string, how: string) =>
  `the pod of Job ${jobName} (${how}) is gone and its log with it; spec.ttlSecondsAfterFinished says how long they are kept`

/** Whether the Job makes another pod after one that was shown to its end. */
function afterPod({ spec }: AgentJob, pod: Pod, attempts: number): LogStep {
  const { backoffLimit = 0, retry } = spec
  const mayFollow = retry?.ignoreDisruption || attempts <= (retry?.limit ?? backoffLimit)
  if (pod.status?.phase === 'Succeeded' || !mayFollow) return { step: 'end' }
  // the log ends a moment before the pod does
  if (pod.status?.phase !== 'Failed') return { step: 'wait' }
  // what it failed of decides, and the Job controller
  const next = retry ? 'another attempt may follow' : `attempt ${attempts + 1} follows`
  return { step: 'wait', why: `pod ${pod.metadata.name} has failed; ${next}` }
}

function neverStarted({ metadata, status }: Pod): string {
  const before = status?.initContainerStatuses?.find(({ state }) => state?.terminated?.exitCode && !isUnknown(state))
  const { exitCode, message = '' } = before?.state?.terminated ?? {}
  const said = before && [`container ${before.name} exited with code ${exitCode}`, message.trim()]
  const why = [status?.reason, status?.message, ...(said ?? [])].filter(Boolean).join(': ')
  return `pod ${metadata.name} ended before the agent had started${why ? ` (${why})` : ''}`
}

/** What the kubelet says of one that was not there any more when its pod ended. */
const isUnknown = ({ terminated }: ContainerState) => terminated?.reason === 'ContainerStatusUnknown'

/** The kubelet's or the scheduler's own words for why a pod does not start. */
function whyWaiting(pod: Pod): string {
  const { reason, message } = waiting(pod) ?? {}
  const why = [reason, message].filter(Boolean).join(': ')
  return `pod ${pod.metadata.name} ${why ? `has not started: ${why}` : 'is starting'}`
}
