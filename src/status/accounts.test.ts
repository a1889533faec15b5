import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import { firesUntil, isIn, play, rowsOf, type Span, START, type Story, type Told } from './testdata/cluster.ts'

// Of each time of a schedule the clusters of these stories know what came of it: the accounts are held against that.

const MINUTES = 60
const second = fc.nat({ max: MINUTES * 60 })
const spans = (most: number): fc.Arbitrary<Span[]> =>
  fc.array(
    fc.tuple(second, fc.nat({ max: most })).map(([from, length]): Span => [from, from + length]),
    { maxLength: 2 },
  )
const none = fc.constant<Span[]>([])
const seldom = (most: number) => fc.oneof(none, none, spans(most))

const story = (away: fc.Arbitrary<Span[]>): fc.Arbitrary<Story> =>
  fc.record({
    schedule: fc.constantFrom('* * * * *', '*/5 * * * *', '@every 7m', '3,4,40 * * * *', '*/7 9 * * *'),
    concurrencyPolicy: fc.constantFrom('Allow', 'Forbid', 'Replace'),
    startingDeadlineSeconds: fc.constant(undefined),
    take: fc.array(fc.constantFrom(5, 20, 90, 700), { minLength: 1, maxLength: 3 }),
    keep: fc.nat({ max: 2 }),
    suspended: seldom(1500),
    missing: seldom(1500),
    outage: seldom(900),
    full: seldom(900),
    away,
    ahead: fc.integer({ min: -20, max: 20 }),
    seconds: fc.constant(MINUTES * 60),
  })
/** Of `@every` with a deadline Kubernetes makes something else. */
const withDeadline = (one: fc.Arbitrary<Story>): fc.Arbitrary<Story> =>
  fc
    .tuple(one, fc.constantFrom(undefined, 15, 45, 200, 3600))
    .map(([given, deadline]) =>
      given.schedule.startsWith('@') ? given : { ...given, startingDeadlineSeconds: deadline },
    )

const always = (what: string, away: fc.Arbitrary<Span[]>, check: (given: Story, told: Told) => void) =>
  test(`a time of a schedule ${what}`, () =>
    fc.assert(
      fc.property(withDeadline(story(away)), (given) => check(given, play(given))),
      { numRuns: Number(process.env.AGENTJOB_PROPERTY_RUNS ?? 30) },
    ))

const everyStatus = ({ statuses }: Told, check: (status: AgentJobStatus, before: AgentJobStatus) => void) => {
  for (const [n, { status }] of statuses.entries()) check(status, statuses[n - 1]?.status ?? {})
}

always('that is told as skipped never runs, whoever was away', seldom(1500), (_, told) => {
  for (const { from, until } of rowsOf(told))
    expect(told.jobs.filter(({ at }) => at >= from && at <= until)).toEqual([])
})

always('is a run, a skip or still open, where nobody was away', none, ({ schedule }, told) => {
  const rows = rowsOf(told)
  const due = Date.parse(told.statuses.at(-1)?.status.due?.time ?? '')
  const last = START + MINUTES * 60_000
  for (const fire of firesUntil(schedule, Math.min(due - 1, last))) {
    const ran = told.jobs.some(({ at }) => at === fire)
    const skipped = rows.some(({ from, until }) => from <= fire && fire <= until)
    expect({ fire: new Date(fire), ran, skipped }).toEqual({ fire: new Date(fire), ran, skipped: !ran })
  }
  for (const { from, until, count } of rows)
    expect(firesUntil(schedule, until).filter((fire) => fire >= from)).toHaveLength(count)
})

always('is not open for long, but in a pause', none, ({ schedule }, told) => {
  const { due, skips } = told.statuses.at(-1)?.status ?? {}
  const end = START + MINUTES * 60_000
  const open = firesUntil(schedule, end - 60_000).filter((fire) => fire >= Date.parse(due?.time ?? ''))
  if (due?.heldBy === undefined || due.heldBy !== skips?.[0]?.reason) expect(open.length).toBeLessThanOrEqual(1)
})

always('is skipped for a reason that there was', none, (given, told) => {
  const { schedule, suspended, missing, outage, full, startingDeadlineSeconds: deadline } = given
  for (const { from, until, reason } of rowsOf(told)) {
    for (const fire of firesUntil(schedule, until).filter((time) => time >= from)) {
      const end = firesUntil(schedule, fire + 7_200_000).find((time) => time > fire) ?? Number.POSITIVE_INFINITY
      const over = Math.min(end, fire + (deadline ?? 7200) * 1000) + 30_000
      const was = (spans: Span[]) =>
        Array.from({ length: (over - fire) / 5000 + 8 }, (_, n) => fire - 30_000 + n * 5000).some((ms) =>
          isIn(spans, ms),
        )
      const wasActive = told.jobs.some(({ at, end }) => at < fire && end >= fire)
      const there = {
        Suspended: was(suspended),
        ReferenceMissing: was(missing),
        QuotaExceeded: was(full),
        ConcurrencyForbid: wasActive,
        MissedDeadline: was(outage) || (deadline !== undefined && deadline < 30) || was(suspended) || was(missing),
      }
      expect(`${new Date(fire).toISOString()} ${reason} ${there[reason]}`).toEndWith('true')
    }
  }
})

always('that was told as skipped stays so', seldom(1500), (_, told) => {
  everyStatus(told, ({ skips = [] }, { skips: before = [] }) => {
    const kept = skips.slice(-Math.min(before.length, 10 - (skips.length - before.length))).slice(0, before.length)
    const [newest] = before
    for (const skip of kept) {
      const was = before.find(({ scheduledAt }) => scheduledAt === skip.scheduledAt)
      if (!was) continue
      if (was === newest) expect(skip).toMatchObject({ scheduledAt: was.scheduledAt, reason: was.reason })
      else expect(skip).toEqual(was)
    }
    const gone = before.filter((was) => !skips.some(({ scheduledAt }) => scheduledAt === was.scheduledAt))
    if (gone.length) expect(skips).toHaveLength(10)
    const times = skips.map(({ scheduledAt }) => Date.parse(scheduledAt))
    expect(times).toEqual([...times].sort((a, b) => b - a))
  })
})

always('costs one write, and a pause two', none, (given, told) => {
  const quiet = { ...given, take: [5], outage: [], full: [] }
  const { statuses, jobs } = play(quiet)
  const holds = quiet.suspended.length + quiet.missing.length
  const fires = firesUntil(quiet.schedule, START + MINUTES * 60_000).length
  // a run has two of its own: it starts, it ends
  expect(statuses.length).toBeLessThanOrEqual(1 + 2 * jobs.length + (fires - jobs.length) + 5 * holds)
  expect(told.statuses.length).toBeGreaterThan(0)
})
