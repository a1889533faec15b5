import type { AgentJob } from '../../api/agentjob.ts'
import type { Run } from '../../api/agentjobstatus.ts'
import { sentence } from '../../status/phase.ts'
import { remedyOf, withoutRemedy } from '../../status/remedy.ts'
import { isTerminal } from '../../status/run.ts'
import { isStale } from '../verdict.ts'
import { type CoreEvent, type Facts, seenAt } from './facts.ts'

/** Why an AgentJob stands where it stands, and what to do. */
export interface Cause {
  reason?: string
  cause: string
  remedy?: string
  /** The run that it is about. */
  run?: Run
}

const CALM: Record<string, string> = {
  Running: 'the agent is at work',
  Succeeded: 'the run succeeded',
  Scheduled: 'the schedule is in place; nothing runs until it is due',
}
const UNSEEN = {
  cause: 'the controller has not seen its last change yet',
  remedy: 'wait; if that lasts, the operator is not running',
}

/** What to tell of it first. */
export function causeOf({ job, events, pod }: Facts): Cause {
  const { status, metadata } = job
  if (metadata.deletionTimestamp)
    return {
      cause: 'it is being deleted',
      remedy: metadata.finalizers?.length
        ? `wait; if that lasts, whoever put its finalizers there has to remove them: ${metadata.finalizers.join(', ')}`
        : undefined,
    }
  if (isStale(job)) return UNSEEN
  const { phase = 'Pending', reason = phase } = status ?? {}
  // what is in the way of the next run is not about the last one
  const run = status?.runs?.find((one) => one.jobName === status.jobName && one.phase === phase)
  const trouble = reason === 'Starting' ? lastTrouble(events, pod?.metadata.name) : undefined
  if (trouble) return remedied(job, trouble.reason ?? 'Warning', trouble.message ?? '', run)
  const last = status?.runs?.[0]
  if (phase === 'Scheduled' && last && isTerminal(last.phase) && last.phase !== 'Succeeded') return ofLastRun(job, last)
  const message = withoutRemedy({ job, reason, message: status?.message, jobName: status?.jobName })
  return remedied(job, reason, message ?? CALM[phase] ?? reason, run)
}

/** What the kubelet complains of last where the pod itself says nothing: volumes, networks, sandboxes. */
function lastTrouble(events: CoreEvent[], pod: string | undefined): CoreEvent | undefined {
  const said = events.filter(({ involvedObject: { kind, name } }) => kind === 'Pod' && name === pod)
  const last = said.reduce<CoreEvent | undefined>(
    (one, next) => (one && seenAt(one) > seenAt(next) ? one : next),
    undefined,
  )
  return last?.type === 'Warning' ? last : undefined
}

/** A schedule goes on whatever became of its last run: that is what one asks about. */
function ofLastRun(job: AgentJob, run: Run): Cause {
  const { reason = run.phase, jobName, phase } = run
  const message = sentence(run) ?? reason
  const remedy = remedyOf({ job, reason, message, jobName })
  return {
    reason,
    cause: `the schedule is in place; its last run, Job ${jobName}, ended as ${phase}: ${message}`,
    remedy,
    run,
  }
}

function remedied(job: AgentJob, reason: string, cause: string, run: Run | undefined): Cause {
  const remedy = remedyOf({ job, reason, message: cause, jobName: run?.jobName })
  return { reason, cause, ...(remedy === undefined ? {} : { remedy }), ...(run ? { run } : {}) }
}
