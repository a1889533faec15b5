import type { AgentJobStatus, SkipReason } from '../api/agentjobstatus.ts'
import { nextRun } from '../api/schedule.ts'
import type { CronJob, Observed } from './observed.ts'

/** The first time of a schedule that is not accounted for, and by which schedule it is one. */
export type Due = NonNullable<AgentJobStatus['due']>

/** How long after a time is over its Job may still turn up: webhooks in its way have 30 s, and clocks differ. */
export const GRACE = 30_000
/** How many times of a schedule are looked at one by one; of more than that, beside these, the last ones. */
const MAX_WALK = 100
const LAST = 3

/** The time of a schedule after one of its times, both in milliseconds since 1970; undefined where there is none. */
export const fireAfter = ({ schedule, timezone }: Pick<Due, 'schedule' | 'timezone'>, fire: number) =>
  nextRun(schedule, timezone, new Date(fire))?.getTime()

/**
 * The times of a schedule from the one that is due on, in milliseconds since 1970; without end, but for those between
 * the first hundred and the last three until `now`: however long nobody has looked, looking takes no longer.
 */
export function* firesFrom(due: Due, now: number): Generator<number> {
  let fire: number | undefined = Date.parse(due.time)
  for (let walked = 1; fire !== undefined; walked++) {
    yield fire
    fire = fireAfter(due, walked === MAX_WALK ? beforeTheLast(due, fire, now) : fire)
  }
}

/** A time after which the schedule has its last three until `now`; `from`, one of its times, where there are no more. */
function beforeTheLast(due: Due, from: number, now: number): number {
  const lastAfter = (instant: number) => {
    let fire: number | undefined = instant
    for (let n = 0; n < LAST && fire !== undefined; n++) fire = fireAfter(due, fire)
    return fire ?? Number.POSITIVE_INFINITY
  }
  // counts from its own times alone
  const step = due.schedule.startsWith('@every') ? (fireAfter(due, from) ?? from) - from : 1000
  let [low, high] = [0, Math.max(0, Math.floor((now - from) / step))]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (lastAfter(from + middle * step) <= now) low = middle
    else high = middle - 1
  }
  return from + low * step
}

/** From when on a time can no longer be started: the next one is due, or its deadline has passed. */
export function endOf(due: Due, fire: number, deadlineSeconds: number | undefined): number {
  const deadline = deadlineSeconds === undefined ? Number.POSITIVE_INFINITY : fire + deadlineSeconds * 1000
  return Math.min(deadline, fireAfter(due, fire) ?? Number.POSITIVE_INFINITY)
}

/** What keeps a schedule from starting anything, whatever the time. */
export function holdOf({ job, verified, cronJob, failures }: Observed): SkipReason | undefined {
  if (job.spec.suspend) return 'Suspended'
  if (verified && job.expansion?.problems.length) return 'ReferenceMissing'
  if (cronJob) return cronJob.spec?.suspend ? 'Suspended' : undefined
  if (failures.some(({ reason }) => reason === 'QuotaExceeded')) return 'QuotaExceeded'
  return failures.length ? 'MissedDeadline' : undefined
}

/** The next time at which the CronJob starts a run; undefined while something holds it, or without one. */
export function nextRunAfter(observed: Observed, due: Due | undefined): Date | undefined {
  const { job, cronJob, now } = observed
  if (job.spec.schedule === undefined || !cronJob || holdOf(observed)) return undefined
  // by a clock that is ahead of ours the next one may have run already
  if (due && Date.parse(due.time) > now.getTime()) return new Date(due.time)
  return nextRun(job.spec.schedule, job.spec.timezone, countedFrom(job.spec.schedule, cronJob, now))
}

/** The next time at which the schedule has something due, held or not, if that can be told. */
export function nextDueAfter({ job, cronJob, now }: Observed): Date | undefined {
  const { schedule, timezone, startingDeadlineSeconds } = job.spec
  if (schedule === undefined) return undefined
  if (!schedule.startsWith('@every')) return nextRun(schedule, timezone, now)
  // with a deadline Kubernetes counts it from the deadline, which moves along
  if (!cronJob || startingDeadlineSeconds !== undefined) return undefined
  return nextRun(schedule, timezone, countedFrom(schedule, cronJob, now))
}

/** Whether a time that was due by a schedule is one by what the AgentJob and its CronJob say now. */
export function isStillDue({ time, schedule, timezone }: Due, { job, cronJob }: Observed): boolean {
  if (schedule !== job.spec.schedule || timezone !== job.spec.timezone) return false
  if (!schedule.startsWith('@every') || !cronJob) return true
  if (job.spec.startingDeadlineSeconds !== undefined) return false
  const anchor = anchorOf(cronJob) ?? Number.NaN
  const period = (fireAfter({ schedule, timezone }, anchor) ?? Number.NaN) - anchor
  return (Date.parse(time) - anchor) % period === 0
}

/** `@every 1h` counts from the last run, or else from the CronJob's creation; all other schedules are by the clock. */
function countedFrom(schedule: string, cronJob: CronJob, now: Date): Date {
  if (!schedule.startsWith('@every')) return now
  const last = new Date(anchorOf(cronJob) ?? now)
  const period = (nextRun(schedule, 'Etc/UTC', last)?.getTime() ?? 0) - last.getTime()
  if (!(period > 0)) return now
  return new Date(last.getTime() + Math.max(0, Math.floor((now.getTime() - last.getTime()) / period)) * period)
}

const anchorOf = ({ metadata, status }: CronJob) => {
  const time = status?.lastScheduleTime ?? metadata.creationTimestamp
  return time === undefined ? undefined : Date.parse(time)
}
