import type { AgentJob } from '../api/agentjob.ts'
import type { Phase, Run } from '../api/agentjobstatus.ts'
import { restoredRevision } from '../expand/revision.ts'
import { MAX_MESSAGE } from './conditions.ts'
import type { Observed, WaitsFor } from './observed.ts'
import { withRemedy } from './remedy.ts'
import { renderedRevision } from './revision.ts'
import { CONCURRENCY_LIMIT, isTerminal, JOB_GONE, SUPERSEDED } from './run.ts'

/** Where an AgentJob stands and why. */
export interface Standing {
  phase: Phase
  reason?: string
  message?: string
  /** The run that the phase speaks of. */
  run?: Run
  /** What is in the way of the next run of a schedule while this one is under way. */
  obstacle?: Standing
  /** Nothing will change unless somebody does something. */
  stalled?: boolean
}

/** The standing of an AgentJob, from its spec, its expansion and its runs (the newest first). */
export function standingOf(observed: Observed, runs: Run[]): Standing {
  const { job } = observed
  const found = obstacleOf(observed)
  const obstacle = found && remedied(job, found)
  if (job.spec.schedule !== undefined) return ofSchedule(observed, runs, obstacle)
  // an expansion that something is in the way of need not name its Job
  const revision = observed.verified
    ? (restoredRevision(job) ?? renderedRevision(job) ?? job.expansion?.revision)
    : undefined
  const run = revision === undefined ? undefined : runs.find((run) => run.revision === revision)
  if (run) return ofRun(run, job, obstacle?.stalled ? obstacle : undefined)
  if (obstacle) return obstacle
  if (job.spec.suspend)
    return { phase: 'Suspended', reason: 'Suspended', message: 'spec.suspend is true; the run waits' }
  if (observed.waitsFor) return queued(observed.waitsFor)
  return { phase: 'Pending', reason: 'Starting', message: 'the Job is being created' }
}

function ofSchedule({ job, cronJob, waitsFor }: Observed, runs: Run[], obstacle: Standing | undefined): Standing {
  const active = runs.find((run) => !isTerminal(run.phase))
  if (active && waitsFor && isHeld(active)) return { ...queued(waitsFor), run: active, obstacle }
  if (active) return { ...ofRun(active, job), obstacle }
  if (obstacle) return obstacle
  if (!cronJob) return { phase: 'Pending', reason: 'Starting', message: 'the CronJob is being created' }
  if (job.spec.suspend)
    return { phase: 'Suspended', reason: 'Suspended', message: 'spec.suspend is true; the schedule pauses' }
  return { phase: 'Scheduled', reason: 'Scheduled' }
}

const ofRun = (run: Run, job: AgentJob, obstacle?: Standing): Standing => ({
  phase: run.phase,
  reason: run.reason ?? run.phase,
  message: obstacle?.message ?? howItWent(job, run),
  run,
})

/** A standing whose message says what to do, too. */
export function remedied(job: AgentJob, standing: Standing): Standing {
  const { reason = standing.phase, message, run } = standing
  return { ...standing, message: withRemedy({ job, reason, message, jobName: run?.jobName }, MAX_MESSAGE) }
}

/** What there is to say of a run, in a sentence, and what to do about it. */
export const howItWent = (job: AgentJob, run: Run): string | undefined =>
  isHeld(run)
    ? queued({ kind: 'AgentRuntime', name: job.spec.runtimeRef }).message
    : withRemedy({ job, reason: run.reason ?? run.phase, message: sentence(run), jobName: run.jobName }, MAX_MESSAGE)

/** Whether a run waits, with a Job that is suspended, until it is let go. */
const isHeld = ({ phase, reason }: Run) =>
  phase === 'Queued' && (reason === CONCURRENCY_LIMIT || reason === AGENT_QUOTA_REACHED)

/** Runs, of which those that wait say for what. */
export const withTurns = (runs: Run[], waitsFor: WaitsFor | undefined): Run[] =>
  runs.map((run) => (waitsFor && isHeld(run) ? { ...run, reason: reasonOf(waitsFor) } : run))

const reasonOf = ({ kind }: WaitsFor) => (kind === 'AgentRuntime' ? CONCURRENCY_LIMIT : AGENT_QUOTA_REACHED)

/** Where a run stands that waits for its turn. */
const queued = (waitsFor: WaitsFor): Standing => ({
  phase: 'Queued',
  reason: reasonOf(waitsFor),
  message: WAITS[waitsFor.kind](waitsFor.name),
})

const WAITS: Record<WaitsFor['kind'], (name: string) => string> = {
  AgentRuntime: (name) =>
    `AgentRuntime "${name}" has as many runs under way as its maxConcurrentRuns allows; this one starts when its turn comes`,
  AgentQuota: (name) =>
    `AgentQuota "${name}" has as many runs of this namespace under way as its maxRunningRuns allows; this one starts when its turn comes`,
  AgentQuotaDay: (name) =>
    `AgentQuota "${name}" has had as many runs of this namespace start today as its maxRunsPerDay allows; this one starts when its turn comes, after 00:00 UTC`,
}

/** Reason of a run that an AgentQuota has no place for. */
const AGENT_QUOTA_REACHED = 'AgentQuotaReached'

/** What there is to say of a run. */
export function sentence(run: Run): string | undefined {
  if (run.reason === JOB_GONE) return `Job ${run.jobName} was deleted before it had ended`
  if (run.reason === SUPERSEDED) return 'a newer revision took the place of this run'
  if (run.reason === 'Replaced') return 'the next run of the schedule replaced this one'
  if (run.phase === 'TimedOut') return run.message ?? 'the run took longer than spec.timeoutSeconds'
  if (run.phase === 'Stopped') return 'the run was stopped'
  if ((run.phase === 'Failed' || run.phase === 'Running') && run.message) return run.message
  if (run.reason === 'OOMKilled') return 'the agent took more memory than its limit'
  if (run.phase === 'Failed')
    return run.exitCode ? `the agent exited with code ${run.exitCode}` : `the run failed: ${run.reason}`
  if (run.phase === 'Skipped') return run.message ?? 'the precheck found nothing to do'
  if (run.phase === 'Queued') return `Job ${run.jobName} is suspended until its queue admits it`
  return undefined
}

/** What is in the way of the (next) run, if anything. */
function obstacleOf({ job, verified, failures }: Observed): Standing | undefined {
  if (!job.expansion)
    return {
      phase: 'Pending',
      reason: 'NotExpanded',
      message: 'admission has not expanded this object; it is being asked to',
    }
  if (!verified)
    return {
      phase: 'Pending',
      reason: 'ExpansionInvalid',
      message:
        'the field expansion was not made by this operator for this spec; nothing is created from it, and admission is asked for a new one',
    }
  const [problem] = job.expansion.problems
  if (problem)
    return {
      phase: 'Pending',
      reason: problem.reason,
      message: job.expansion.problems.map(({ path, message }) => `${path}: ${message}`).join('; '),
      stalled: problem.reason !== 'ReferenceNotFound',
    }
  const [failure] = failures
  if (!failure) return undefined
  return {
    phase: 'Pending',
    reason: failure.reason,
    message: failures.map(({ message }) => message).join('; '),
    stalled: failure.final,
  }
}
