import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { shortestInterval } from './crondensity.ts'
import { nextRun } from './schedule.ts'

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400]

const cases: [schedule: string, seconds: number | undefined][] = [
  ['* * * * *', MINUTE],
  ['*/7 * * * *', 4 * MINUTE],
  ['*/15 * * * *', 15 * MINUTE],
  ['0,1 0 1 1 *', MINUTE],
  ['5 * * * *', HOUR],
  ['0 */6 * * *', 6 * HOUR],
  ['0 0,23 * * *', HOUR],
  ['0,59 * * * *', MINUTE],
  ['0 0,23 * * 1', 23 * HOUR],
  ['30 23,0 1,15 * *', 23 * HOUR],
  ['0 3 * * *', DAY],
  ['0 3 * * 1', 7 * DAY],
  ['0 3 * * 0,1,5', DAY],
  ['0 3 1 * *', 28 * DAY],
  ['0 3 31 * *', 31 * DAY],
  ['0 3 1 * 1', DAY],
  ['0 0 28 2 1', DAY],
  ['0 0 29 2 *', 1461 * DAY],
  ['0 0 1 1 *', 365 * DAY],
  ['0 0 31 2 *', undefined],
  ['@hourly', HOUR],
  ['@yearly', 365 * DAY],
  ['@every 90s', 90],
  ['@every 1h30m', 90 * MINUTE],
  ['0 3 * *', undefined],
]
test.each(cases)('%s', (schedule, seconds) => expect(shortestInterval(schedule)).toBe(seconds))

/** The same by brute force: from run to run, in so many days. */
function observed(schedule: string, days: number): number | undefined {
  let at = Date.UTC(2026, 0, 1) - 1000
  const end = at + days * DAY * 1000
  let shortest: number | undefined
  let before: number | undefined
  for (;;) {
    const next = nextRun(schedule, 'Etc/UTC', new Date(at))?.getTime()
    if (next === undefined || next > end) return shortest
    if (before !== undefined) shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, (next - before) / 1000)
    before = at = next
  }
}

const list = (low: number, high: number, most: number) =>
  fc
    .uniqueArray(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: most })
    .map((values) => values.join(','))

const field = (low: number, high: number) => {
  const value = fc.integer({ min: low, max: high })
  return fc.oneof(
    fc.constant('*'),
    list(low, high, 4),
    fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.integer({ min: 1, max: high }).map((step) => `*/${step}`),
  )
}

/** Schedules by the times of a day, and by the days, of which few have runs: brute force would take for ever. */
const times = fc.tuple(field(0, 59), field(0, 23)).map((fields) => `${fields.join(' ')} * * *`)
const days = fc
  .tuple(
    list(0, 59, 2),
    list(0, 23, 1),
    list(1, 31, 2),
    fc.constantFrom('2', '1,2', '*/5'),
    fc.constantFrom('*', '1', '0,4'),
  )
  .map((fields) => fields.join(' '))

test.each([
  { what: 'times', schedules: times, within: 2, numRuns: 15 },
  { what: 'days', schedules: days, within: 29 * 366, numRuns: 8 },
])(
  'of $what, what is computed is what happens',
  ({ schedules, within, numRuns }) => {
    fc.assert(
      fc.property(schedules, (schedule) => {
        expect([schedule, shortestInterval(schedule)]).toEqual([schedule, observed(schedule, within)])
      }),
      { numRuns },
    )
  },
  120_000,
)
