import type { AgentJob } from '../api/agentjob.ts'
import { AGENT_CONTAINER } from '../expand/pod.ts'
import type { ContainerState, Pod } from '../status/observed.ts'
import { renderedJob, renderedRevision } from '../status/revision.ts'
import { isTerminal, newest, waiting } from '../status/run.ts'
import { standing } from './verdict.ts'

/** Label that Kubernetes puts on the pods of a Job. */
export const JOB_NAME_LABEL = 'batch.kubernetes.io/job-name'

/** What is to be done about the log of a run, for now. */
export type LogStep =
  /** The agent has started, or has run already. */
  | { step: 'stream'; pod: string }
  | { step: 'wait'; why: string }
  /** There is no log, and none will come; the result is what the run left behind. */
  | { step: 'gone'; why: string; result?: string }
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
  const own = pods.filter(({ metadata }) => metadata.labels?.[JOB_NAME_LABEL] === jobName)
  const pod = newest(own)
  const run = job.status?.runs?.find((one) => one.jobName === jobName)
  if (!pod) {
    if (shown.size) return { step: 'end' }
    if (run && isTerminal(run.phase))
      return { step: 'gone', why: gonePod(jobName, standing(job, run)), result: run.result }
    return { step: 'wait', why: `Job ${jobName} has no pod: ${run ? standing(job, run) : standing(job)}` }
  }
  const { name } = pod.metadata
  if (shown.has(name)) return isTerminal(run?.phase) || !triedAgain(job, pod, own) ? { step: 'end' } : retry(name)
  const state = agentState(pod)
  if (state?.running || state?.terminated) return { step: 'stream', pod: name }
  if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded')
    return { step: 'gone', why: neverStarted(pod), result: run?.result }
  return { step: 'wait', why: whyWaiting(pod) }
}

const agentState = (pod: Pod): ContainerState | undefined =>
  pod.status?.containerStatuses?.find(({ name }) => name === AGENT_CONTAINER)?.state

const gonePod = (jobName: string, how: string) =>
  `the pod of Job ${jobName} (${how}) is gone and its log with it; spec.ttlSecondsAfterFinished says how long they are kept`

/** Whether the Job may yet make another pod after this one. */
function triedAgain({ spec }: AgentJob, pod: Pod, own: Pod[]): boolean {
  const attempts = own.filter(({ status }) => status?.phase === 'Failed').length
  return pod.status?.phase !== 'Succeeded' && attempts <= (spec.backoffLimit ?? 0) && (spec.backoffLimit ?? 0) > 0
}

const retry = (pod: string): LogStep => ({ step: 'wait', why: `pod ${pod} has ended; the run may be tried again` })

function neverStarted({ metadata, status }: Pod): string {
  const why = [status?.reason, status?.message].filter(Boolean).join(': ')
  return `pod ${metadata.name} ended before the agent had started${why ? ` (${why})` : ''}`
}

/** The kubelet's or the scheduler's own words for why a pod does not start. */
function whyWaiting(pod: Pod): string {
  const { reason, message } = waiting(pod) ?? {}
  const why = [reason, message].filter(Boolean).join(': ')
  return `pod ${pod.metadata.name} ${why ? `has not started: ${why}` : 'is starting'}`
}
