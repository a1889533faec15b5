import { expect, test } from 'bun:test'
import type { Run } from '../api/agentjobstatus.ts'
import { endedRuns, newRuns } from './news.ts'

const run = (uid: string, phase: Run['phase']): Run => ({ jobName: `job-${uid}`, uid, phase })

const cases: { name: string; before?: Run[]; now: Run[]; want: string[] }[] = [
  { name: 'a run that goes on', now: [run('1', 'Running')], want: [] },
  { name: 'its end', before: [run('1', 'Running')], now: [run('1', 'Succeeded')], want: ['1'] },
  { name: 'its end told again', before: [run('1', 'Succeeded')], now: [run('1', 'Succeeded')], want: [] },
  { name: 'another end, known later', before: [run('1', 'Failed')], now: [run('1', 'TimedOut')], want: [] },
  { name: 'a run that nobody saw begin', now: [run('1', 'Failed')], want: ['1'] },
  {
    name: 'several at once, and one that goes on',
    before: [run('1', 'Running')],
    now: [run('3', 'Running'), run('2', 'Failed'), run('1', 'Stopped')],
    want: ['2', '1'],
  },
  {
    name: 'a Job of the same name as one that is gone',
    before: [{ ...run('1', 'Failed'), jobName: 'a' }],
    now: [{ ...run('2', 'Failed'), jobName: 'a' }],
    want: ['2'],
  },
]

for (const { name, before, now, want } of cases)
  test(name, () =>
    expect(endedRuns(before && { runs: before }, { runs: now }).map(({ uid }) => uid as string)).toEqual(want),
  )

test('a run that a status tells of for the first time is new, whatever its phase', () => {
  const before = { runs: [run('1', 'Running')] }
  const now = { runs: [run('3', 'Running'), run('2', 'Failed'), run('1', 'Succeeded')] }
  expect(newRuns(before, now).map(({ uid }) => uid as string)).toEqual(['3', '2'])
  expect(newRuns(undefined, now)).toHaveLength(3)
})
