import { expect, test } from 'bun:test'
import type { Skip } from '../api/agentjobstatus.ts'
import { cronJob, type Given, observed } from '../status/testdata/observed.ts'
import type { CachedAgentJob } from './caches.ts'
import type { Context } from './context.ts'
import { announceSkips, deriveWithRefusals } from './skipped.ts'

const at = (minute: number) => `2026-05-04T09:0${minute}:00Z`
const forbidden: Skip = { scheduledAt: at(1), reason: 'ConcurrencyForbid' }
const row: Skip = { ...forbidden, until: at(3), count: 3 }
const paused: Skip = { scheduledAt: at(5), reason: 'Suspended' }

const cases: { name: string; before: Skip[]; now: Skip[]; counted: string[]; events: number }[] = [
  { name: 'a skip is counted and told of', before: [], now: [forbidden], counted: ['ConcurrencyForbid 1'], events: 1 },
  { name: 'and no second time', before: [forbidden], now: [forbidden], counted: [], events: 0 },
  {
    name: 'a row that goes on is counted',
    before: [forbidden],
    now: [row],
    counted: ['ConcurrencyForbid 2'],
    events: 0,
  },
  { name: 'the oldest falls off the end', before: [paused, row], now: [paused], counted: [], events: 0 },
  {
    name: 'each of several',
    before: [],
    now: [paused, row],
    counted: ['Suspended 1', 'ConcurrencyForbid 3'],
    events: 2,
  },
]

for (const { name, before, now, counted, events } of cases)
  test(`skips: ${name}`, () => {
    const [counts, notes]: string[][] = [[], []]
    const ctx = {
      metrics: { skipped: (reason: string, times: number) => counts?.push(`${reason} ${times}`) },
      record: (_: object, type: string, reason: string, note: string) => notes?.push(`${type} ${reason} ${note}`),
    } as unknown as Context
    announceSkips(ctx, { status: { skips: before } } as CachedAgentJob, { skips: now })
    expect(counts).toEqual(counted)
    expect(notes).toHaveLength(events)
    for (const note of notes ?? []) expect(note).toMatch(/^Warning Skipped \w+: the run due at \S+Z did not start: /)
  })

const missed: Given = {
  schedule: '* * * * *',
  cronJob: cronJob(),
  status: { due: { time: at(1), schedule: '* * * * *', timezone: 'Etc/UTC' }, nextRunTime: at(2) },
  now: new Date('2026-05-04T09:02:40Z'),
}
const refusal = (minute: number) =>
  `Error creating job: jobs.batch "a-${Date.parse(at(minute)) / 60_000}" is forbidden: exceeded quota: few`
const refusals: { name: string; notes: string[]; given?: Given; want: string | undefined; asked: number }[] = [
  { name: 'Kubernetes says that a quota was in the way', notes: [refusal(1)], want: 'QuotaExceeded', asked: 1 },
  { name: 'it says so of another one', notes: [refusal(2)], want: 'MissedDeadline', asked: 1 },
  { name: 'it says something else', notes: [refusal(1).replace('quota', 'q')], want: 'MissedDeadline', asked: 1 },
  { name: 'nothing was skipped', notes: [], given: { now: new Date(at(1)) }, want: undefined, asked: 0 },
  { name: 'the reason is known', notes: [], given: { suspend: true, status: held() }, want: 'Suspended', asked: 0 },
]

function held() {
  const due = { time: at(1), schedule: '* * * * *', timezone: 'Etc/UTC', heldBy: 'Suspended' as const }
  return { due }
}

for (const { name, notes, given, want, asked } of refusals)
  test(`a time that was missed: ${name}`, async () => {
    let questions = 0
    const list = () => {
      questions++
      return Promise.resolve({ items: notes.map((note) => ({ metadata: {}, note })) })
    }
    const { skips } = await deriveWithRefusals(
      { client: { list } } as unknown as Context,
      observed({ ...missed, ...given }),
    )
    expect(skips?.[0]?.reason).toBe(want as never)
    expect(questions).toBe(asked)
  })
