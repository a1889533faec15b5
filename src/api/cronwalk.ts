import type { Calendar } from './cron.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** The clock of a time zone: what it is ahead of UTC at an instant, in milliseconds; both in milliseconds since 1970. */
export type Clock = (instant: number) => number

/** The clock of an IANA time zone, or undefined where this runtime does not know the zone. */
export function clockOf(timezone: string): Clock | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' })
    return (instant) => {
      const [, sign, hours, minutes, seconds = 0] =
        /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(format.format(instant)) ?? []
      if (!sign) return 0
      return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * SECOND)
    }
  } catch {
    return undefined
  }
}

/** One part of a date, from the month down to the second, and how robfig/cron moves it on. */
interface Step {
  matches: (local: Date) => boolean
  /** The beginning of the month, day, hour … that an instant lies in. */
  floor: (instant: number, local: Date) => number
  next: (instant: number, local: Date) => number
  /** Whether next reached into the greater part, so that all parts are to be looked at again. */
  wraps: (local: Date) => boolean
}

/**
 * The next run of a calendar after an instant, as the Next of robfig/cron v3 finds it: step by step, month, day, hour
 * and minute on the clock of the zone, and with everything that this makes of a change of that clock. All instants in
 * milliseconds since 1970; undefined where there is no run within five years.
 */
export function walk(calendar: Calendar, clock: Clock, after: number): number | undefined {
  const local = (instant: number) => new Date(instant + clock(instant))
  const steps = stepsOf(calendar, clock)
  let instant = Math.floor(after / SECOND) * SECOND + SECOND
  let moved = false
  const limit = local(instant).getUTCFullYear() + 5

  const round = (): boolean => {
    for (const step of steps) {
      while (!step.matches(local(instant))) {
        if (!moved) instant = step.floor(instant, local(instant))
        moved = true
        instant = step.next(instant, local(instant))
        if (step.wraps(local(instant))) return false
      }
    }
    return true
  }
  while (local(instant).getUTCFullYear() <= limit) if (round()) return instant
  return undefined
}

/** Whether a calendar has runs on the day of a month that the UTC fields of a date say, whatever the month. */
export function isDayOf({ dayOfMonth, dayOfWeek }: Calendar, local: Date): boolean {
  const dom = dayOfMonth.values.has(local.getUTCDate())
  const dow = dayOfWeek.values.has(local.getUTCDay())
  return dayOfMonth.star || dayOfWeek.star ? dom && dow : dom || dow
}

function stepsOf(calendar: Calendar, clock: Clock): Step[] {
  const { minute, hour, month } = calendar
  return [
    {
      matches: (local) => month.values.has(local.getUTCMonth() + 1),
      floor: (_, local) => instantOf(clock, startOfDay(local) - (local.getUTCDate() - 1) * 24 * HOUR),
      next: (_, local) => instantOf(clock, new Date(local).setUTCMonth(local.getUTCMonth() + 1)),
      wraps: (local) => local.getUTCMonth() === 0,
    },
    {
      matches: (local) => isDayOf(calendar, local),
      floor: (_, local) => instantOf(clock, startOfDay(local)),
      next: (_, local) => toMidnight(clock, instantOf(clock, local.getTime() + 24 * HOUR)),
      wraps: (local) => local.getUTCDate() === 1,
    },
    {
      matches: (local) => hour.values.has(local.getUTCHours()),
      floor: (_, local) => instantOf(clock, new Date(local).setUTCMinutes(0, 0)),
      next: (instant) => instant + HOUR,
      wraps: (local) => local.getUTCHours() === 0,
    },
    {
      matches: (local) => minute.values.has(local.getUTCMinutes()),
      floor: (instant) => instant - (instant % MINUTE),
      next: (instant) => instant + MINUTE,
      wraps: (local) => local.getUTCMinutes() === 0,
    },
    {
      matches: (local) => local.getUTCSeconds() === 0,
      floor: (instant) => instant,
      next: (instant) => instant - (instant % MINUTE) + MINUTE,
      wraps: () => true,
    },
  ]
}

const startOfDay = (local: Date): number => new Date(local).setUTCHours(0, 0, 0)

/** The instant of a local time, chosen as Go's time.Date does where a change of the clock leaves none or two. */
const instantOf = (clock: Clock, local: number): number => local - clock(local - clock(local))

/** Where a change of the clock took midnight away, robfig/cron moves the hours, not always within the day. */
function toMidnight(clock: Clock, instant: number): number {
  const hour = new Date(instant + clock(instant)).getUTCHours()
  return hour > 12 ? instant + (24 - hour) * HOUR : instant - hour * HOUR
}
