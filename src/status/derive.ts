import type { AgentJobStatus, Condition, Run } from '../api/agentjobstatus.ts'
import { compact } from './compact.ts'
import { type Claim, conditionsFrom, MAX_MESSAGE, timestamp } from './conditions.ts'
import { egressClaims } from './egress.ts'
import { nextRunAfter } from './fires.ts'
import type { Observed } from './observed.ts'
import { howItWent, remedied, type Standing, standingOf, withTurns } from './phase.ts'
import { renderedRevision } from './revision.ts'
import { isTerminal, wentWell, whyWaiting } from './run.ts'
import { mergeRuns } from './runs.ts'
import { shortened } from './shortened.ts'
import { accountsOf } from './skips.ts'

/**
 * The status of an AgentJob: a pure function of the object, its children and the time (which only nextRunTime, the
 * skips, the conditions' transitions and the end of a run whose Job vanished look at). `job.status` is the status before, from which runs are remembered.
 */
export function deriveStatus(observed: Observed): AgentJobStatus {
  const { job, now, verified } = observed
  const before = job.status
  const { notify, concurrencyPolicy } = job.spec
  const notified = { notify, deliveries: observed.deliveries, now }
  const merged = mergeRuns(observed.runs, before?.runs, now, concurrencyPolicy, notified)
  const runs = withTurns(merged, observed.waitsFor)
  const standing = withWaiting(standingOf(observed, runs), observed)
  const shown = standing.run ?? runs[0]
  const started = runs.find((run) => run.revision !== undefined)
  const expansion = verified ? job.expansion : undefined
  const accounts = accountsOf(observed, runs)
  const next = nextRunAfter(observed, accounts.due)
  return compact({
    phase: standing.phase,
    reason: standing.reason,
    message: standing.message && shortened(standing.message, MAX_MESSAGE),
    observedGeneration: job.metadata.generation,
    configHash: expansion?.configHash ?? before?.configHash,
    revision: startedRevision(observed) ?? before?.revision ?? started?.revision,
    inputHash: startedRevision(observed) ? expansion?.inputHash : before?.inputHash,
    jobName: shown?.jobName,
    cronJobName: observed.cronJob?.metadata.name,
    startTime: shown?.startTime,
    completionTime: shown?.completionTime,
    lastRunTime: runs.find((run) => run.startTime)?.startTime,
    nextRunTime: next && timestamp(next),
    attempts: shown?.attempts,
    exitCode: shown?.exitCode,
    result: shown?.result,
    outputs: shown?.outputs,
    sessionId: shown?.sessionId,
    usage: shown?.usage,
    ownedResources: observed.owned.length ? observed.owned : undefined,
    runs: runs.length ? runs : undefined,
    ...accounts,
    conditions: conditionsFrom(claimsOf(observed, standing, runs), before?.conditions, now, job.metadata.generation),
  })
}

/** The revision whose Job is there now, if it is the one that the expansion asks for. */
function startedRevision({ job, verified, runs }: Observed): string | undefined {
  const revision = verified ? renderedRevision(job) : undefined
  const name = revision && `${job.metadata.name}-${revision}`
  return runs.some((run) => run.job.metadata.name === name) ? revision : undefined
}

/** A run that waits says what for: the kubelet's or the scheduler's own words. */
function withWaiting(standing: Standing, { job, runs }: Observed): Standing {
  if (standing.phase !== 'Pending' || !standing.run) return standing
  const { uid } = standing.run
  const run = runs.find((one) => one.job.metadata.uid === uid)
  const why = run && whyWaiting(run)
  if (!why?.reason) return { ...standing, reason: 'Starting', message: standing.message ?? 'the pod is starting' }
  return remedied(job, { ...standing, reason: why.reason, message: why.message ?? standing.message })
}

function claimsOf(observed: Observed, standing: Standing, runs: Run[]): Claim[] {
  const scheduled = observed.job.spec.schedule !== undefined
  const last = scheduled ? runs.find((run) => isTerminal(run.phase)) : standing.run
  const claims = [ready(observed, standing), expanded(observed), upToDate(observed, standing, runs), succeeded(last)]
  if (last?.phase === 'Succeeded') claims.push(claim('Complete', 'True', 'Succeeded', 'the last run succeeded'))
  else if (last?.phase === 'Skipped')
    claims.push(claim('Complete', 'True', last.reason, `the last run was skipped: ${howItWent(observed.job, last)}`))
  else if (last && isTerminal(last.phase)) {
    const said = [`Job ${last.jobName} ended as ${last.phase}`, howItWent(observed.job, last)].filter(Boolean)
    claims.push(claim('Failed', 'True', last.reason ?? last.phase, said.join(': ')))
  }
  const failedOnce = !scheduled && last !== undefined && isTerminal(last.phase) && !wentWell(last.phase)
  claims.push(...egressClaims(observed))
  const held = heldBy(observed, standing)
  const why = held ?? standing
  if (held?.stalled || failedOnce) claims.push(claim('Stalled', 'True', why.reason, why.message))
  else if (held) claims.push(claim('Reconciling', 'True', why.reason, why.message))
  return claims
}

/** What keeps an AgentJob from what it is there for; of a schedule, a run that is starting does not. */
function heldBy({ job }: Observed, standing: Standing): Standing | undefined {
  if (job.spec.schedule !== undefined && standing.run) return standing.obstacle
  return standing.phase === 'Pending' ? standing : undefined
}

const claim = (type: string, status: Condition['status'], reason = 'Unknown', message = ''): Claim => ({
  type,
  status,
  reason,
  message,
})

/** For kstatus, Flux and Argo CD: a one-shot is ready when it has succeeded or had nothing to do, a schedule when it is in place. */
function ready(observed: Observed, standing: Standing): Claim {
  const held = heldBy(observed, standing)
  const inPlace = observed.job.spec.schedule !== undefined && observed.cronJob !== undefined && !held
  if (inPlace) return claim('Ready', 'True', 'Scheduled', 'the schedule is in place')
  const { phase, reason, message, stalled } = held ?? standing
  if (phase === 'Succeeded') return claim('Ready', 'True', 'Succeeded', 'the run succeeded')
  if (phase === 'Skipped') return claim('Ready', 'True', reason, 'the run had nothing to do')
  if (stalled || isTerminal(phase)) return claim('Ready', 'False', reason, message)
  return claim('Ready', 'Unknown', reason ?? phase, message)
}

function expanded({ job, verified }: Observed): Claim {
  if (!job.expansion) return claim('Expanded', 'False', 'NotExpanded', 'admission has not expanded this object')
  if (!verified)
    return claim('Expanded', 'False', 'ExpansionInvalid', 'the expansion was not made by this operator for this spec')
  const [problem] = job.expansion.problems
  if (problem) return claim('Expanded', 'False', problem.reason, `${problem.path}: ${problem.message}`)
  return claim('Expanded', 'True', 'Expanded', `${job.expansion.resources.length} objects`)
}

function upToDate({ job, verified, cronJob }: Observed, { run }: Standing, runs: Run[]): Claim {
  const current = verified ? job.expansion?.configHash : undefined
  if (job.spec.schedule !== undefined)
    return cronJob && current
      ? claim('UpToDate', 'True', 'Scheduled', 'the next run takes the current configuration')
      : claim('UpToDate', 'Unknown', 'NotStarted', 'there is no CronJob yet')
  const last = run ?? runs[0]
  if (!last || !current) return claim('UpToDate', 'Unknown', 'NotStarted', 'nothing has run yet')
  if (last.configHash === current)
    return claim('UpToDate', 'True', 'UpToDate', 'the last run had the current configuration')
  return claim(
    'UpToDate',
    'False',
    'ConfigurationChanged',
    `the configuration changed after the last run; "agentjob rerun ${job.metadata.name}" runs it again`,
  )
}

function succeeded(last: Run | undefined): Claim {
  if (!last) return claim('Succeeded', 'Unknown', 'NotFinished', 'no run has ended yet')
  if (last.phase === 'Succeeded') return claim('Succeeded', 'True', 'Succeeded', `Job ${last.jobName} succeeded`)
  if (last.phase === 'Skipped')
    return claim('Succeeded', 'True', last.reason, `Job ${last.jobName} was skipped: its agent had nothing to do`)
  if (isTerminal(last.phase))
    return claim('Succeeded', 'False', last.reason ?? last.phase, `Job ${last.jobName} ended as ${last.phase}`)
  return claim('Succeeded', 'Unknown', last.phase, `Job ${last.jobName} has not ended yet`)
}
