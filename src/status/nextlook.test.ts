import { expect, test } from 'bun:test'
import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import { nextLook } from './nextlook.ts'
import { observed } from './testdata/observed.ts'

const at = (clock: string) => `2026-05-04T${clock}Z`
const due = (clock: string, heldBy?: 'Suspended') => ({
  ...{ time: at(clock), schedule: '0 * * * *', timezone: 'Etc/UTC' },
  ...(heldBy ? { heldBy } : {}),
})

const cases: { name: string; status: AgentJobStatus; deadline?: number; want: string | undefined }[] = [
  { name: 'a one-shot has none', status: {}, want: undefined },
  {
    name: 'a little after it is due: a run has brought us up by then',
    status: { due: due('11:00:00'), nextRunTime: at('11:00:00') },
    want: '11:00:30',
  },
  {
    name: 'after a short deadline, to tell of both at once',
    ...{ status: { due: due('11:00:00'), nextRunTime: at('11:00:00') }, deadline: 300 },
    want: '11:05:30',
  },
  {
    name: 'a long deadline is not waited for',
    ...{ status: { due: due('11:00:00'), nextRunTime: at('11:00:00') }, deadline: 1800 },
    want: '11:00:30',
  },
  {
    name: 'a deadline that is longer than the way to the next one',
    ...{ status: { due: due('11:00:00'), nextRunTime: at('11:00:00') }, deadline: 86_400 },
    want: '11:00:30',
  },
  {
    name: 'one is late: until the next one is due',
    status: { due: due('10:00:00'), nextRunTime: at('11:00:00') },
    want: '11:00:30',
  },
  {
    name: 'one is late: until its deadline',
    ...{ status: { due: due('10:00:00'), nextRunTime: at('11:00:00') }, deadline: 600 },
    want: '10:10:30',
  },
  {
    name: 'one is late, and the next one is due just now',
    status: { due: due('09:00:00'), nextRunTime: at('11:00:00') },
    want: '10:00:30',
  },
  { name: 'a pause: when its first one is over', status: { due: due('11:00:00', 'Suspended') }, want: '12:00:30' },
  {
    name: 'a pause: when the deadline of its first one has passed',
    ...{ status: { due: due('11:00:00', 'Suspended') }, deadline: 60 },
    want: '11:01:30',
  },
  {
    name: 'a pause that has been told of has nothing more to tell',
    status: {
      due: due('09:00:00', 'Suspended'),
      skips: [{ scheduledAt: at('08:00:00'), reason: 'Suspended' }],
    },
    want: undefined,
  },
  {
    name: 'the pause before this one',
    status: {
      due: due('11:00:00', 'Suspended'),
      skips: [{ scheduledAt: at('08:00:00'), reason: 'Suspended' }],
    },
    want: '12:00:30',
  },
  { name: 'without a CronJob: it comes first', status: { due: due('09:00:00') }, want: undefined },
]

for (const { name, status, deadline, want } of cases)
  test(`the next look: ${name}`, () => {
    const { spec } = observed({ schedule: '0 * * * *', startingDeadlineSeconds: deadline }).job
    const look = nextLook(status, spec, new Date(at('10:00:10')))
    expect(look?.toISOString().slice(11, 19)).toBe(want)
  })
