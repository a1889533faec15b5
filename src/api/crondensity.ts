import { type Calendar, parseCron } from './cron.ts'
import { isDayOf } from './cronwalk.ts'

const DAY_MS = 86_400_000
const DAY_SECONDS = 86_400
/** A year begins on each weekday, leap or not, with each one that can follow it, within the 28 of a cycle. */
const [FROM, YEARS] = [Date.UTC(2025, 0, 1), 29]

/**
 * The smallest distance between two runs of a schedule, in seconds, on a clock that is never set forward or back: in a
 * zone whose clock is, two runs can be nearer to each other by an hour on those days. Undefined where there are never two
 * runs, or where the schedule is wrong.
 */
export function shortestInterval(text: string): number | undefined {
  const cron = parseCron(text)
  if (typeof cron === 'string') return undefined
  if ('everySeconds' in cron) return cron.everySeconds
  const minutes = minutesOf(cron)
  const [first, last] = [minutes[0], minutes.at(-1)]
  const days = first === undefined ? undefined : shortestDays(cron)
  if (first === undefined || last === undefined || days === undefined) return undefined
  const within = minutes.slice(1).map((minute, index) => minute - (minutes[index] as number))
  // from the last run of a day to the first one of the next day that has some
  const across = days * DAY_SECONDS - (last - first) * 60
  return Math.min(across, ...within.map((distance) => distance * 60))
}

/** The minutes of a day at which a calendar runs, ascending. */
function minutesOf({ minute, hour }: Calendar): number[] {
  const ascending = (a: number, b: number) => a - b
  const minutes = [...minute.values].sort(ascending)
  return [...hour.values].sort(ascending).flatMap((one) => minutes.map((other) => one * 60 + other))
}

/** The smallest distance between two days on which a calendar runs. */
function shortestDays(calendar: Calendar): number | undefined {
  let before: number | undefined
  let shortest: number | undefined
  const days = YEARS * 366
  for (let day = 0; day < days && shortest !== 1; day++) {
    const local = new Date(FROM + day * DAY_MS)
    if (!calendar.month.values.has(local.getUTCMonth() + 1) || !isDayOf(calendar, local)) continue
    if (before !== undefined) shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, day - before)
    before = day
  }
  return shortest
}
