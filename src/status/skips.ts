import type { AgentJobStatus, Run, Skip, SkipReason } from '../api/agentjobstatus.ts'
import { timestamp } from './conditions.ts'
import { type Due, endOf, firesFrom, GRACE, holdOf, isStillDue, nextDueAfter } from './fires.ts'
import { followsOn, lastOf } from './nextlook.ts'
import { type Observed, SCHEDULED_ANNOTATION } from './observed.ts'
import { isTerminal } from './run.ts'

/*
 * What has become of each time at which a schedule was due: a run, a skip, or nothing yet. Kubernetes starts the newest
 * time that has no Job, however late (syncCronJob in pkg/controller/cronjob): after the run that was in its way under
 * Forbid, after a pause, after an outage of its own. So a time is over when the next one is due, or when the deadline
 * for starting it has passed, and is told no sooner. Told as skipped is only what cannot have run: of a Job that came
 * and went while nobody looked, nobody can tell.
 */

/** How many skips a status remembers. */
const MAX_SKIPS = 10

/** What a status says of the times of a schedule. */
export type Accounts = Pick<AgentJobStatus, 'due' | 'skips'>

/** The accounts of the status before, brought up to now; `runs` are those of the status that is being derived. */
export function accountsOf(observed: Observed, runs: Run[]): Accounts {
  const { job, cronJob, now } = observed
  const { due, skips } = job.status ?? {}
  const ran = timesOf(observed)
  const hold = holdOf(observed)
  const isMoved = due !== undefined && !isStillDue(due, observed)
  // the CronJob comes back, and with it what it knows
  if (due && !isMoved && !cronJob && !hold) return { due, skips }
  if (due && !isMoved) return settle(observed, { due, isMoved, hold, ran, runs })
  const settled = due && settle(observed, { due, isMoved, hold: undefined, ran, runs })
  const first = cronJob || hold ? nextDueAfter(observed) : undefined
  const { schedule = '', timezone } = job.spec
  const next = first && { time: timestamp(first), schedule, timezone, ...(hold ? { heldBy: hold } : {}) }
  return { due: next && withoutRun(next, ran, now), skips: settled ? settled.skips : skips }
}

/** The times for which there was a Job, in milliseconds since 1970. */
function timesOf({ job, runs, cronJob }: Observed): Set<number> {
  const told = job.status?.runs?.map(({ scheduledAt }) => scheduledAt) ?? []
  const seen = runs.map(({ job }) => job.metadata.annotations?.[SCHEDULED_ANNOTATION])
  const times = [...told, ...seen, cronJob?.status?.lastScheduleTime]
  return new Set(times.filter((time) => time !== undefined).map((time) => Date.parse(time)))
}

/** By a clock that is ahead of ours a time may have its Job before it is due. */
function withoutRun(due: Due, ran: Set<number>, now: Date): Due | undefined {
  for (const fire of firesFrom(due, now.getTime())) if (!ran.has(fire)) return { ...due, time: timeOf(fire) }
  return undefined
}

interface Before {
  due: Due
  /** The schedule is another one by now: nothing that was due by this one can still start. */
  isMoved: boolean
  hold: SkipReason | undefined
  ran: Set<number>
  runs: Run[]
}

/** Tells what is over, from the first time that is not accounted for on; gives the first that is not over. */
function settle(observed: Observed, before: Before): Accounts {
  const { due, hold, ran } = before
  const now = observed.now.getTime()
  const skips = [...(observed.job.status?.skips ?? [])]
  /** The last time of the newest skip, where this can go on as one row with it. */
  let row = Date.parse(due.time) <= now && followsOn(due, skips[0]) ? lastOf(skips[0] as Skip) : undefined
  let rest: Due | undefined
  for (const fire of firesFrom(due, now)) {
    if (ran.has(fire) || (fire <= now && !isKnown(observed, due, fire))) {
      row = undefined
      continue
    }
    const held = hold ?? (fire <= now ? heldAt(observed, due, fire) : undefined)
    const { heldBy: _, ...others } = due
    rest = { ...others, time: timeOf(fire), ...(held ? { heldBy: held } : {}) }
    if (!isOver(observed, before, fire)) break
    const reason = reasonOf(observed, before, fire)
    const isMore = skips[0]?.reason === reason && !isInterrupted(row, fire, ran)
    // of a pause is told when it begins and when it has ended, and not each minute
    if (isMore && reason === hold) break
    rest = undefined
    row = fire
    if (isMore) skips[0] = longer(skips[0] as Skip, fire)
    else skips.unshift({ scheduledAt: timeOf(fire), reason })
  }
  return { due: rest, skips: skips.length ? skips.slice(0, MAX_SKIPS) : undefined }
}

const timeOf = (fire: number) => timestamp(new Date(fire))
const longer = (skip: Skip, fire: number): Skip => ({ ...skip, until: timeOf(fire), count: (skip.count ?? 1) + 1 })

/** Whether something has run between two times; of many in a row not each is looked at. */
const isInterrupted = (row: number | undefined, fire: number, ran: Set<number>) =>
  row === undefined || [...ran].some((time) => time > row && time < fire)

function isOver({ job, now }: Observed, { due, isMoved }: Before, fire: number): boolean {
  const limit = now.getTime() - GRACE
  if (fire > limit) return false
  return isMoved || endOf(due, fire, job.spec.startingDeadlineSeconds) <= limit
}

/** What held the schedule at a time, by the last that was told of it. */
const heldAt = ({ job }: Observed, { time, heldBy }: Due, fire: number) =>
  fire === Date.parse(time) || job.status?.nextRunTime === undefined ? heldBy : undefined

/** Why a time that is over and had no Job was skipped. */
function reasonOf(observed: Observed, { due, runs }: Before, fire: number): SkipReason {
  const { job, cronJob, refusals = [] } = observed
  const held = heldAt(observed, due, fire)
  if (held) return held
  const name = `"${cronJob?.metadata.name}-${Math.floor(fire / 60_000)}"`
  if (refusals.some((words) => words.includes(name) && words.includes('exceeded quota'))) return 'QuotaExceeded'
  const isForbidden = job.spec.concurrencyPolicy === 'Forbid' && runs.some((run) => isInTheWay(run, fire))
  return isForbidden ? 'ConcurrencyForbid' : 'MissedDeadline'
}

/**
 * Whether a Job for a time that is past would be known: to us, or to the CronJob, which remembers the newest. One that
 * was held when we last looked is held still, and one that had been held by then was so: nobody else sets it free.
 */
function isKnown(observed: Observed, due: Due, fire: number): boolean {
  const { cronJob, seenSince } = observed
  if (seenSince && seenSince.getTime() <= fire) return true
  if (heldAt(observed, due, fire)) return true
  if (!cronJob || !(Date.parse(cronJob.metadata.creationTimestamp ?? '') <= fire)) return false
  const last = cronJob.status?.lastScheduleTime
  return last === undefined || Date.parse(last) < fire
}

/** Whether an earlier run of the schedule's own was not over when this one was due. */
const isInTheWay = ({ scheduledAt, completionTime, phase }: Run, fire: number) =>
  scheduledAt !== undefined &&
  Date.parse(scheduledAt) < fire &&
  (!isTerminal(phase) || Date.parse(completionTime ?? '') >= fire)
