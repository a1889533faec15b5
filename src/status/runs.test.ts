import { expect, test } from 'bun:test'
import type { Run } from '../api/agentjobstatus.ts'
import type { ObservedRun } from './observed.ts'
import { mergeRuns } from './runs.ts'
import { complete, job, NOW, run, running, scheduledJob, terminated } from './testdata/observed.ts'

const at = (minute: number) => `2026-05-04T09:${String(minute).padStart(2, '0')}:00Z`
const remembered = (revision: string, minute: number, members: Partial<Run> = {}) =>
  run(revision, { phase: 'Succeeded', startTime: at(minute), ...members })
const live = (revision: string, minute: number): ObservedRun => ({
  job: job(revision, { status: { ...complete, startTime: at(minute), completionTime: at(minute + 1) } }),
  pods: [terminated(0, revision)],
})
const minutes = [...Array(14).keys()]

const cases: { name: string; given: ObservedRun[]; before?: Run[]; want: string[] }[] = [
  { name: 'none', given: [], want: [] },
  {
    name: 'the newest first, whatever the order of the Jobs',
    given: [live('b', 2), live('c', 3), live('a', 1)],
    want: ['a-c Succeeded', 'a-b Succeeded', 'a-a Succeeded'],
  },
  {
    name: 'what is there and what is remembered, each once',
    given: [live('b', 2), live('c', 3)],
    before: [remembered('b', 2), remembered('a', 1)],
    want: ['a-c Succeeded', 'a-b Succeeded', 'a-a Succeeded'],
  },
  {
    name: 'a run that has not started is the newest',
    given: [live('a', 1), { job: job('b'), pods: [] }],
    before: [remembered('c', 3)],
    want: ['a-b Pending', 'a-c Succeeded', 'a-a Succeeded'],
  },
  {
    name: 'started in the same second: by name',
    given: [live('a', 1), live('b', 1)],
    want: ['a-b Succeeded', 'a-a Succeeded'],
  },
  {
    name: 'waiting runs of a schedule: by the time that they were due',
    given: [
      { job: scheduledJob(at(1), { suspend: true }), pods: [] },
      { job: scheduledJob(at(2), { suspend: true }), pods: [] },
    ],
    want: ['a-29631422 Queued', 'a-29631421 Queued'],
  },
  {
    name: 'a Job of the same name with another uid is another run',
    given: [live('a', 2)],
    before: [remembered('a', 1, { uid: 'earlier', phase: 'Failed' })],
    want: ['a-a Succeeded', 'a-a Failed'],
  },
  {
    name: 'a Job that vanished before it had ended',
    given: [],
    before: [remembered('b', 2, { phase: 'Running' }), remembered('a', 1)],
    want: ['a-b Failed JobGone 2026-05-04T10:00:00Z', 'a-a Succeeded'],
  },
  {
    name: 'a Job that vanished before any status told of it',
    given: [{ job: job('b', { deleted: at(2) }), pods: [], isGone: true }],
    before: [remembered('a', 1)],
    want: ['a-b Failed JobGone 2026-05-04T10:00:00Z', 'a-a Succeeded'],
  },
  {
    name: 'one that had ended when it vanished',
    given: [{ ...live('b', 2), isGone: true }],
    want: ['a-b Succeeded'],
  },
  {
    name: 'a Job that vanished before it had started is no newer than what came after',
    given: [{ job: scheduledJob(at(59), { status: { startTime: '2026-05-04T10:00:01Z' } }), pods: [running()] }],
    before: [run('a', { phase: 'Pending' })],
    want: ['a-29631479 Running', 'a-a Failed JobGone 2026-05-04T10:00:00Z'],
  },
  {
    name: 'so is one that was stopped before it had started',
    given: [live('b', 50), { job: job('a', { suspend: true, ended: 'Stopped', deleted: at(40) }), pods: [] }],
    want: ['a-b Succeeded', 'a-a Stopped Stopped'],
  },
  {
    name: 'ten at most, the oldest forgotten',
    given: [live('e', 14), live('f', 15)],
    before: minutes.map((minute) => remembered(String(minute), minute)).reverse(),
    want: ['a-f', 'a-e', 'a-13', 'a-12', 'a-11', 'a-10', 'a-9', 'a-8', 'a-7', 'a-6'].map((name) => `${name} Succeeded`),
  },
]

const summary = ({ jobName, phase, reason, completionTime }: Run) =>
  [jobName, phase, reason, ...(reason === 'JobGone' ? [completionTime] : [])].filter(Boolean).join(' ')

for (const { name, given, before, want } of cases)
  test(`runs: ${name}`, () => {
    expect(mergeRuns(given, before, NOW).map(summary)).toEqual(want)
    expect(mergeRuns([...given].reverse(), [...(before ?? [])].reverse(), NOW).map(summary)).toEqual(want)
  })

test('runs of the same second: the order that is remembered stays, and what is not remembered is newer', () => {
  const before = [remembered('b', 1), remembered('c', 1)]
  expect(mergeRuns([live('c', 1), live('a', 1)], before, NOW).map(({ jobName }) => jobName)).toEqual([
    'a-a',
    'a-b',
    'a-c',
  ])
})

test('runs: the last result is kept whole, older ones in short', () => {
  const long = (revision: string) => revision.repeat(4096)
  const waits = { job: job('d'), pods: [] }
  const before = [remembered('b', 2, { result: long('b') }), remembered('a', 1, { result: 'short' })]
  const c = { ...live('c', 3), pods: [terminated(0, long('c'))] }
  expect(mergeRuns([waits, c], before, NOW).map(({ result }) => result)).toEqual([
    undefined,
    long('c'),
    `${'b'.repeat(1023)}…`,
    'short',
  ])
})

test('runs: of outputs those of the newest that has any are kept, of ends of logs the newest', () => {
  const before = [
    remembered('d', 4, { outputs: { d: '1' } }),
    remembered('c', 3, { result: 'c', outputs: { c: '1' } }),
    remembered('b', 2, { phase: 'Failed', logTail: 'b' }),
    remembered('a', 1, { phase: 'Failed', logTail: 'a', outputs: { a: '1' } }),
  ]
  expect(mergeRuns([], before, NOW).map(({ result, outputs, logTail }) => ({ result, outputs, logTail }))).toEqual([
    { result: undefined, outputs: { d: '1' }, logTail: undefined },
    { result: 'c', outputs: undefined, logTail: undefined },
    { result: undefined, outputs: undefined, logTail: 'b' },
    { result: undefined, outputs: undefined, logTail: undefined },
  ])
})
