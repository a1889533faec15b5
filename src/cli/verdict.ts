import { type AgentJob, RERUN_ANNOTATION } from '../api/agentjob.ts'
import type { Phase } from '../api/agentjobstatus.ts'
import { renderedJob, renderedRevision } from '../status/revision.ts'
import { isTerminal, wentWell } from '../status/run.ts'

/** What waiting for an AgentJob has come to. `words` say where it stands, without its name. */
export interface Verdict {
  state: 'waiting' | 'met' | 'failed'
  words: string
}

/** What one can wait for beside the end of the run and the deletion of the object. */
export const CONDITIONS = ['Ready', 'Expanded', 'UpToDate', 'Reconciling', 'Stalled']
export const PHASES: Phase[] = [
  'Pending',
  'Suspended',
  'Scheduled',
  'Queued',
  'Running',
  'TimedOut',
  'Stopped',
  'Skipped',
]

/** Whether the status speaks of an earlier state of the object. */
export const isStale = ({ metadata, status }: AgentJob): boolean =>
  status?.observedGeneration === undefined || status.observedGeneration !== metadata.generation

/** `Pending (ImagePullBackOff): Back-off pulling image …`. */
export function standing({ status }: AgentJob, run: { phase?: Phase; reason?: string } = status ?? {}): string {
  const phase = run.phase ?? 'Pending'
  const reason = run.reason && run.reason !== phase ? ` (${run.reason})` : ''
  const message = run === status && status.message ? `: ${status.message}` : ''
  return `${phase}${reason}${message}`
}

/** Whether an AgentJob is where it is waited for: `Succeeded` is the end of its run, then a phase or a condition. */
export function verdictOn(job: AgentJob, goal: string): Verdict {
  if (goal === 'Succeeded' || goal === 'Complete') return endOf(job)
  if (goal === 'Failed') return opposite(endOf(job))
  if (isStale(job)) return { state: 'waiting', words: 'the controller has not seen its last change yet' }
  const reached = CONDITIONS.includes(goal)
    ? job.status?.conditions?.some(({ type, status }) => type === goal && status === 'True')
    : job.status?.phase === goal
  if (reached) return { state: 'met', words: goal }
  // a one-shot that has ended stays as it is
  const over = job.spec.schedule === undefined && isTerminal(job.status?.phase)
  return over ? { state: 'failed', words: `has ended: ${standing(job)}` } : { state: 'waiting', words: standing(job) }
}

const opposite = ({ state, words }: Verdict): Verdict => ({
  state: state === 'met' ? 'failed' : state === 'failed' ? 'met' : 'waiting',
  words,
})

/** How the run of the current revision ended. Nothing that a status says of an earlier one counts. */
function endOf(job: AgentJob): Verdict {
  const asked = job.metadata.annotations?.[RERUN_ANNOTATION]
  if (asked !== undefined && asked !== job.expansion?.rerun) return notHonoured(job)
  return job.spec.schedule === undefined ? endOfOneShot(job) : endOfRerun(job)
}

/** Another run was asked for: something is in its way, or admission has not answered. */
function notHonoured(job: AgentJob): Verdict {
  if (!job.expansion?.problems.length || isStale(job))
    return { state: 'waiting', words: 'admission has not answered the request for another run yet' }
  return { state: isStalled(job) ? 'failed' : 'waiting', words: standing(job) }
}

const isStalled = ({ status }: AgentJob): boolean =>
  status?.conditions?.some((condition) => condition.type === 'Stalled' && condition.status === 'True') ?? false

function endOfOneShot(job: AgentJob): Verdict {
  const { status, expansion } = job
  if (isStale(job)) return { state: 'waiting', words: 'the controller has not seen its last change yet' }
  const words = standing(job)
  const current = expansion !== undefined && status?.revision === expansion.revision
  if (current && isTerminal(status?.phase)) return { state: wentWell(status?.phase) ? 'met' : 'failed', words }
  return { state: isStalled(job) ? 'failed' : 'waiting', words }
}

/** Of a schedule only the run that `agentjob rerun` asked for has an end that one can wait for. */
function endOfRerun(job: AgentJob): Verdict {
  const { status, metadata } = job
  const asked = renderedJob(job)?.metadata.name
  if (asked === undefined)
    return {
      state: 'failed',
      words: `runs on a schedule, so there is no end to wait for; "agentjob rerun ${metadata.name} --wait" starts a run and waits for it, --for=Scheduled waits for the schedule`,
    }
  const run = status?.runs?.find(({ jobName }) => jobName === asked)
  if (run && isTerminal(run.phase))
    return { state: wentWell(run.phase) ? 'met' : 'failed', words: `${standing(job, run)}, run ${asked}` }
  if (run) return { state: 'waiting', words: `${standing(job, run)}, run ${asked}` }
  if (!isStale(job) && status?.revision === renderedRevision(job))
    return { state: 'failed', words: `has had so many runs since that how ${asked} ended is not known any more` }
  return { state: 'waiting', words: `run ${asked} has not started` }
}
