import {
  CronDayOfMonth,
  CronDayOfWeek,
  CronExpression,
  CronFieldCollection,
  CronHour,
  CronMinute,
  CronMonth,
  CronSecond,
} from 'cron-parser'
import { type Calendar, parseCron } from './cron.ts'
import { type Clock, clockOf, walk } from './cronwalk.ts'

const DAY = 86_400_000

/**
 * What is wrong with a schedule and what would be right, in one sentence without its subject; undefined where
 * Kubernetes takes it as a CronJob's schedule (validateScheduleFormat in pkg/apis/batch/validation).
 */
export function checkSchedule(text: string): string | undefined {
  const cron = parseCron(text)
  return typeof cron === 'string' ? cron : undefined
}

/** Whether a schedule is accepted and yet names no day that there is: `0 0 31 2 *`. */
export function neverFires(text: string): boolean {
  const cron = parseCron(text)
  return typeof cron === 'object' && 'minute' in cron && !hasRuns(cron)
}

function hasRuns({ minute, hour, dayOfMonth, month, dayOfWeek }: Calendar): boolean {
  if (!minute.values.size || !hour.values.size || !month.values.size) return false
  const first = Math.min(...dayOfMonth.values)
  const dated = [...month.values].some((value) => first <= new Date(Date.UTC(2024, value, 0)).getUTCDate())
  const weekly = dayOfWeek.values.size > 0
  return dayOfMonth.star || dayOfWeek.star ? dated && weekly : dated || weekly
}

/**
 * When Kubernetes' CronJob controller starts the next run after an instant: robfig/cron v3 on the clock of an IANA time
 * zone. For `@every` give the time of the last run, or of the CronJob's creation, because it counts from there.
 * Undefined where the schedule is wrong or has no run within five years, or where this runtime does not know the zone.
 */
export function nextRun(text: string, timezone: string, after: Date): Date | undefined {
  const cron = parseCron(text)
  if (typeof cron === 'string') return undefined
  if ('everySeconds' in cron) return new Date((Math.floor(after.getTime() / 1000) + cron.everySeconds) * 1000)
  const clock = clockOf(timezone)
  if (!clock || !hasRuns(cron)) return undefined
  const instant = steadyNext(cron, clock, after.getTime()) ?? walk(cron, clock, after.getTime())
  return instant === undefined ? undefined : new Date(instant)
}

/**
 * The next run by cron-parser, which agrees with Kubernetes as long as the clock stands at one offset; undefined where
 * it does not until then. Nowhere does a clock change and change back within a week.
 */
function steadyNext(calendar: Calendar, clock: Clock, after: number): number | undefined {
  if (!calendar.dayOfMonth.values.size || !calendar.dayOfWeek.values.size) return undefined
  const offset = clock(after)
  const expression = new CronExpression(fieldsOf(calendar), { tz: 'UTC', currentDate: new Date(after + offset) })
  const next = expression.next().getTime() - offset
  for (let instant = after - DAY; instant < next + DAY; instant += 7 * DAY)
    if (clock(instant) !== offset) return undefined
  return clock(next + DAY) === offset ? next : undefined
}

function fieldsOf({ minute, hour, dayOfMonth, month, dayOfWeek }: Calendar): CronFieldCollection {
  const list = <T extends number>(values: ReadonlySet<number>) => [...values].sort((a, b) => a - b) as T[]
  return new CronFieldCollection({
    second: new CronSecond([0]),
    minute: new CronMinute(list(minute.values)),
    hour: new CronHour(list(hour.values)),
    dayOfMonth: new CronDayOfMonth(list(dayOfMonth.values), { wildcard: dayOfMonth.star }),
    month: new CronMonth(list(month.values)),
    dayOfWeek: new CronDayOfWeek(list(dayOfWeek.values), { wildcard: dayOfWeek.star }),
  })
}
