import { expect, test } from 'bun:test'
import { deriveStatus } from './derive.ts'
import type { CronJob } from './observed.ts'
import { cronJob, observed } from './testdata/observed.ts'

interface Case {
  name: string
  schedule: string
  timezone?: string
  cronJob?: CronJob
  now: string
  want: string | undefined
}

const cases: Case[] = [
  { name: 'by the clock', schedule: '30 2 * * *', now: '2026-05-04T10:00:00Z', want: '2026-05-05T02:30:00Z' },
  {
    name: 'by the clock of its time zone',
    schedule: '30 2 * * *',
    timezone: 'America/New_York',
    now: '2026-05-04T10:00:00Z',
    want: '2026-05-05T06:30:00Z',
  },
  {
    name: 'by the clock, whenever the last one was',
    schedule: '*/5 * * * *',
    cronJob: cronJob({ last: '2026-05-04T09:55:00Z' }),
    now: '2026-05-04T10:01:00Z',
    want: '2026-05-04T10:05:00Z',
  },
  {
    name: 'due this very second: the one after',
    schedule: '0 * * * *',
    now: '2026-05-04T10:00:00Z',
    want: '2026-05-04T11:00:00Z',
  },
  {
    name: '@every, before the first run: from the creation',
    schedule: '@every 90m',
    cronJob: cronJob({ created: '2026-05-04T09:07:00Z' }),
    now: '2026-05-04T09:08:00Z',
    want: '2026-05-04T10:37:00Z',
  },
  {
    name: '@every, after a run: from that',
    schedule: '@every 90m',
    cronJob: cronJob({ created: '2026-05-01T00:00:00Z', last: '2026-05-04T09:07:00Z' }),
    now: '2026-05-04T09:08:00Z',
    want: '2026-05-04T10:37:00Z',
  },
  {
    name: '@every, with runs that were missed',
    schedule: '@every 1h',
    cronJob: cronJob({ last: '2026-05-04T01:07:00Z' }),
    now: '2026-05-04T10:08:00Z',
    want: '2026-05-04T11:07:00Z',
  },
  {
    name: '@every, due this very second: the one after',
    schedule: '@every 1h',
    cronJob: cronJob({ last: '2026-05-04T09:07:00Z' }),
    now: '2026-05-04T10:07:00Z',
    want: '2026-05-04T11:07:00Z',
  },
  {
    name: '@every, by a clock that is behind that of the cluster',
    schedule: '@every 1h',
    cronJob: cronJob({ last: '2026-05-04T09:07:00Z' }),
    now: '2026-05-04T09:06:59Z',
    want: '2026-05-04T10:07:00Z',
  },
  {
    name: '@every, counted from what is no time',
    schedule: '@every 1h',
    cronJob: cronJob({ last: 'yesterday' }),
    now: '2026-05-04T10:00:00Z',
    want: '2026-05-04T11:00:00Z',
  },
  { name: 'a date that there is not', schedule: '0 0 31 2 *', now: '2026-05-04T10:00:00Z', want: undefined },
  {
    name: 'a CronJob that pauses',
    schedule: '0 * * * *',
    cronJob: cronJob({ suspend: true }),
    now: '2026-05-04T10:00:00Z',
    want: undefined,
  },
]

for (const { name, schedule, timezone, now, want, cronJob: given = cronJob() } of cases)
  test(`the next run: ${name}`, () =>
    expect(deriveStatus(observed({ schedule, timezone, cronJob: given, now: new Date(now) })).nextRunTime).toBe(want))

test('the next run: none without a CronJob', () =>
  expect(deriveStatus(observed({ schedule: '0 * * * *' })).nextRunTime).toBeUndefined())
