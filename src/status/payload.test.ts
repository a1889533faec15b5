import { expect, test } from 'bun:test'
import type { Run } from '../api/agentjobstatus.ts'
import { payloadOf } from './payload.ts'

const metadata = { namespace: 'agents', name: 'nightly', uid: 'uid-of-it', labels: { a: 'b' } }
const RUN: Run = {
  jobName: 'nightly-29631421',
  uid: 'uid-of-run',
  phase: 'Succeeded',
  scheduledAt: '2026-05-04T02:30:00Z',
  configHash: 'c1',
  startTime: '2026-05-04T02:30:01Z',
  completionTime: '2026-05-04T02:31:00Z',
  attempts: 1,
  exitCode: 0,
  result: '{"merged":3}',
  outputs: { merged: '3' },
  sessionId: 'session',
  usage: { inputTokens: 10, costUSD: '0.02' },
  notification: { state: 'Pending', since: '2026-05-04T02:31:02Z' },
}

test('a run that went well', () =>
  expect(payloadOf({ metadata }, RUN)).toEqual({
    type: 'agentjob.run.ended',
    timestamp: '2026-05-04T02:31:00Z',
    data: {
      namespace: 'agents',
      name: 'nightly',
      uid: 'uid-of-it',
      run: {
        jobName: 'nightly-29631421',
        uid: 'uid-of-run',
        phase: 'Succeeded',
        scheduledAt: '2026-05-04T02:30:00Z',
        attempts: 1,
        exitCode: 0,
        startTime: '2026-05-04T02:30:01Z',
        completionTime: '2026-05-04T02:31:00Z',
        result: '{"merged":3}',
        outputs: { merged: '3' },
        usage: { inputTokens: 10, costUSD: '0.02' },
      },
    },
  }))

const messages: { name: string; given: Partial<Run>; want: string }[] = [
  { name: 'Kubernetes said', given: { message: 'no such image' }, want: 'no such image' },
  { name: 'its exit code', given: { exitCode: 7, reason: 'Error' }, want: 'the agent exited with code 7' },
  { name: 'it was stopped', given: { phase: 'Stopped', reason: 'Stopped' }, want: 'the run was stopped' },
]
for (const { name, given, want } of messages)
  test(`what went wrong, in a sentence: ${name}`, () =>
    expect(payloadOf({ metadata }, { jobName: 'j', uid: 'u', phase: 'Failed', ...given })).toMatchObject({
      data: { run: { message: want } },
    }))

test('a run whose end nobody has seen is dated by when it was told', () => {
  const { completionTime: _, ...gone } = RUN
  expect(payloadOf({ metadata }, gone)).toMatchObject({ timestamp: '2026-05-04T02:31:02Z' })
})

test('the same run is the same text, whatever else has changed', () => {
  const textOf = (run: Run) => JSON.stringify(payloadOf({ metadata }, run))
  const again = Object.fromEntries(Object.entries(RUN).reverse()) as unknown as Run
  expect(textOf(again)).toBe(textOf(RUN))
})
