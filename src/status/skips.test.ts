import { expect, test } from 'bun:test'
import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import { deriveStatus } from './derive.ts'
import { play, rowsOf, type Story } from './testdata/cluster.ts'
import { cronJob, type Given, observed, scheduledJob } from './testdata/observed.ts'

const QUIET: Story = {
  ...{ schedule: '* * * * *', concurrencyPolicy: 'Forbid', take: [20], keep: 2, ahead: 0, seconds: 600 },
  ...{ suspended: [], missing: [], outage: [], full: [], away: [] },
}
const clock = (ms: number) => new Date(ms).toISOString().slice(11, 16)

/** From 9:00 on; seconds from then. */
const stories: { name: string; given: Partial<Story>; want: string[] }[] = [
  { name: 'all run', given: {}, want: [] },
  {
    name: 'a run is in the way; the newest one starts when it has ended, and is none',
    given: { take: [200, 5] },
    want: ['09:02-09:03 2 ConcurrencyForbid', '09:06-09:07 2 ConcurrencyForbid'],
  },
  {
    name: 'a run is in the way, and the deadline passes first',
    given: { take: [200, 5], startingDeadlineSeconds: 10 },
    want: ['09:02-09:04 3 ConcurrencyForbid', '09:07-09:09 3 ConcurrencyForbid'],
  },
  { name: 'a run is replaced', given: { take: [200], concurrencyPolicy: 'Replace' }, want: [] },
  {
    name: 'a pause; its last one starts at its end',
    given: { suspended: [[90, 335]] },
    want: ['09:02-09:04 3 Suspended'],
  },
  {
    name: 'a pause; its last one is too late at its end',
    given: { suspended: [[90, 335]], startingDeadlineSeconds: 20 },
    want: ['09:02-09:05 4 Suspended'],
  },
  { name: 'a pause that goes on', given: { suspended: [[90, 9000]] }, want: ['09:02-09:02 1 Suspended'] },
  { name: 'a pause between two', given: { suspended: [[90, 110]] }, want: [] },
  { name: 'a reference is missing', given: { missing: [[90, 335]] }, want: ['09:02-09:04 3 ReferenceMissing'] },
  {
    name: 'one pause after the other',
    given: { missing: [[90, 335]], suspended: [[230, 450]] },
    want: ['09:02-09:02 1 ReferenceMissing', '09:03-09:06 4 Suspended'],
  },
  { name: 'a quota', given: { full: [[90, 335]] }, want: ['09:02-09:04 3 QuotaExceeded'] },
  { name: 'nobody looks after CronJobs', given: { outage: [[90, 335]] }, want: ['09:02-09:04 3 MissedDeadline'] },
  { name: 'we were away, and all ran', given: { away: [[90, 535]] }, want: [] },
  {
    name: 'we were away, and a run was in the way all the time',
    given: { take: [5, 900], away: [[130, 470]] },
    want: ['09:03-09:08 6 ConcurrencyForbid'],
  },
  {
    name: 'we were away, and so was everybody',
    given: { away: [[90, 500]], outage: [[90, 600]] },
    want: ['09:02-09:08 7 MissedDeadline'],
  },
  {
    name: 'we were away while one was skipped and another one ran: nobody can tell which',
    given: { away: [[90, 335]], outage: [[90, 200]], keep: 0 },
    want: [],
  },
  {
    name: '@every counts from the last run',
    given: { schedule: '@every 90s', suspended: [[80, 290]] },
    want: ['09:01-09:03 2 Suspended'],
  },
]

for (const { name, given, want } of stories)
  test(`skips: ${name}`, () => {
    const rows = rowsOf(play({ ...QUIET, ...given }))
    expect(rows.map((row) => `${clock(row.from)}-${clock(row.until)} ${row.count} ${row.reason}`)).toEqual(want)
  })

const due = (time: string, more: Partial<NonNullable<AgentJobStatus['due']>> = {}) => ({
  ...{ time, schedule: '* * * * *', timezone: 'Etc/UTC' },
  ...more,
})
const scheduled = { schedule: '* * * * *', cronJob: cronJob() }
const looks: { name: string; given: Given; want: Pick<AgentJobStatus, 'due' | 'skips'> }[] = [
  {
    name: 'the first look: what was due before is not looked at',
    given: { ...scheduled, now: new Date('2026-05-04T10:00:10Z') },
    want: { due: due('2026-05-04T10:01:00Z') },
  },
  { name: 'a one-shot is never due', given: { now: new Date('2026-05-04T10:00:10Z') }, want: {} },
  { name: 'no date: never due', given: { ...scheduled, schedule: '0 0 31 2 *' }, want: {} },
  {
    name: 'half a minute after the next one is due, and not sooner: open',
    given: { ...scheduled, status: { due: due('2026-05-04T10:01:00Z') }, now: new Date('2026-05-04T10:02:29Z') },
    want: { due: due('2026-05-04T10:01:00Z') },
  },
  {
    name: 'half a minute after the next one is due: skipped',
    given: { ...scheduled, status: { due: due('2026-05-04T10:01:00Z') }, now: new Date('2026-05-04T10:02:30Z') },
    want: {
      due: due('2026-05-04T10:02:00Z'),
      skips: [{ scheduledAt: '2026-05-04T10:01:00Z', reason: 'MissedDeadline' }],
    },
  },
  {
    name: 'its Job is told in the time of its zone',
    given: {
      ...{ ...scheduled, timezone: 'America/New_York', now: new Date('2026-05-04T10:02:30Z') },
      runs: [{ job: scheduledJob('2026-05-04T06:01:00-04:00'), pods: [] }],
      status: { due: due('2026-05-04T10:01:00Z', { timezone: 'America/New_York' }) },
    },
    want: { due: due('2026-05-04T10:02:00Z', { timezone: 'America/New_York' }) },
  },
  {
    name: 'the CronJob remembers a Job that nobody has seen',
    given: {
      seenSince: new Date('2026-05-04T09:00:00Z'),
      ...{ schedule: '* * * * *', cronJob: cronJob({ last: '2026-05-04T10:01:00Z' }) },
      ...{ status: { due: due('2026-05-04T10:01:00Z') }, now: new Date('2026-05-04T10:02:30Z') },
    },
    want: { due: due('2026-05-04T10:02:00Z') },
  },
  {
    name: 'a Job that is there before it is due, by our clock',
    given: {
      ...{ ...scheduled, now: new Date('2026-05-04T10:00:50Z') },
      ...{
        runs: [{ job: scheduledJob('2026-05-04T10:01:00Z'), pods: [] }],
        status: { due: due('2026-05-04T10:01:00Z') },
      },
    },
    want: { due: due('2026-05-04T10:02:00Z') },
  },
  {
    name: 'a pause that has been told of is not told of again',
    given: {
      ...{ ...scheduled, suspend: true },
      status: {
        due: due('2026-05-04T09:02:00Z', { heldBy: 'Suspended' }),
        skips: [{ scheduledAt: '2026-05-04T09:01:00Z', reason: 'Suspended' }],
      },
    },
    want: {
      due: due('2026-05-04T09:02:00Z', { heldBy: 'Suspended' }),
      skips: [{ scheduledAt: '2026-05-04T09:01:00Z', reason: 'Suspended' }],
    },
  },
  {
    name: 'a year-long pause with a run in it is two',
    given: {
      ...{ ...scheduled, now: new Date('2026-05-04T10:02:40Z') },
      runs: [{ job: scheduledJob('2026-01-01T00:00:00Z'), pods: [] }],
      status: { due: due('2025-05-04T10:01:00Z', { heldBy: 'Suspended' }) },
    },
    want: {
      due: due('2026-05-04T10:02:00Z', { heldBy: 'Suspended' }),
      skips: [
        { scheduledAt: '2026-05-04T10:00:00Z', until: '2026-05-04T10:01:00Z', count: 2, reason: 'Suspended' },
        { scheduledAt: '2025-05-04T10:01:00Z', until: '2025-05-04T11:40:00Z', count: 100, reason: 'Suspended' },
      ],
    },
  },
  {
    name: 'another schedule: what was due by the old one can start no more',
    given: {
      ...{ schedule: '0 3 * * *', cronJob: cronJob(), now: new Date('2026-05-04T10:01:40Z') },
      status: { due: due('2026-05-04T10:01:00Z'), nextRunTime: '2026-05-04T10:02:00Z' },
    },
    want: {
      due: due('2026-05-05T03:00:00Z', { schedule: '0 3 * * *' }),
      skips: [{ scheduledAt: '2026-05-04T10:01:00Z', reason: 'MissedDeadline' }],
    },
  },
  {
    name: 'no schedule any more',
    given: {
      status: { due: due('2026-05-04T10:01:00Z', { heldBy: 'Suspended' }) },
      now: new Date('2026-05-04T10:01:40Z'),
    },
    want: { skips: [{ scheduledAt: '2026-05-04T10:01:00Z', reason: 'Suspended' }] },
  },
  {
    name: 'the CronJob is away for a moment: it will say',
    given: { schedule: '* * * * *', status: { due: due('2026-05-04T09:01:00Z') } },
    want: { due: due('2026-05-04T09:01:00Z') },
  },
  {
    name: 'there can be no CronJob: a quota',
    given: {
      ...{ schedule: '* * * * *', failures: [{ reason: 'QuotaExceeded', message: 'exceeded quota' }] },
      ...{ status: { due: due('2026-05-04T09:58:00Z', { heldBy: 'QuotaExceeded' }) } },
    },
    want: {
      due: due('2026-05-04T09:59:00Z', { heldBy: 'QuotaExceeded' }),
      skips: [{ scheduledAt: '2026-05-04T09:58:00Z', reason: 'QuotaExceeded' }],
    },
  },
  {
    name: '@every with a deadline, of which Kubernetes makes something else, is left alone',
    given: { schedule: '@every 1m', startingDeadlineSeconds: 100, cronJob: cronJob() },
    want: {},
  },
  {
    name: 'the list is full: the oldest goes',
    given: {
      ...{ ...scheduled, now: new Date('2026-05-04T10:02:30Z') },
      status: {
        due: due('2026-05-04T10:01:00Z'),
        skips: Array.from({ length: 10 }, (_, n) => ({
          scheduledAt: `2026-05-03T0${9 - n}:00:00Z`,
          reason: 'Suspended' as const,
        })),
      },
    },
    want: {
      due: due('2026-05-04T10:02:00Z'),
      skips: [
        { scheduledAt: '2026-05-04T10:01:00Z', reason: 'MissedDeadline' },
        ...Array.from({ length: 9 }, (_, n) => ({
          scheduledAt: `2026-05-03T0${9 - n}:00:00Z`,
          reason: 'Suspended' as const,
        })),
      ],
    },
  },
  {
    name: 'a year of minutes that nobody looked at',
    given: {
      ...{
        schedule: '* * * * *',
        cronJob: cronJob({ created: '2025-01-01T00:00:00Z' }),
        now: new Date('2026-05-04T10:02:40Z'),
      },
      status: { due: due('2025-05-04T10:01:00Z') },
    },
    want: {
      due: due('2026-05-04T10:02:00Z'),
      skips: [
        { scheduledAt: '2025-05-04T10:01:00Z', until: '2026-05-04T10:01:00Z', count: 102, reason: 'MissedDeadline' },
      ],
    },
  },
]

for (const { name, given, want } of looks)
  test(`a look: ${name}`, () => {
    const { due, skips } = deriveStatus(observed(given))
    expect({ ...(due ? { due } : {}), ...(skips ? { skips } : {}) }).toStrictEqual(want)
  })
