import { expect, test } from 'bun:test'
import { newest } from './run.ts'
import {
  active,
  complete,
  ENDED,
  failed,
  job,
  pod,
  run,
  running,
  STARTED,
  scheduledJob,
  terminated,
} from './testdata/observed.ts'
import { ended, started, testRuns, timedOut } from './testdata/runs.ts'

testRuns([
  {
    name: 'an agent at work',
    given: { job: job('e1', { status: active }), pods: [running()] },
    want: run('e1', { phase: 'Running', ...started }),
  },
  {
    name: 'an agent that is done, its Job not yet',
    given: { job: job('e1', { status: active }), pods: [terminated(0, 'done')] },
    want: run('e1', { phase: 'Running', ...started }),
  },
  {
    name: 'success',
    given: { job: job('e1', { status: complete }), pods: [terminated(0, 'done')] },
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' }),
  },
  {
    name: 'success, told by the Job before the pod tells it',
    given: { job: job('e1', { status: complete }), pods: [running()] },
    want: run('e1', { phase: 'Succeeded', ...ended }),
  },
  {
    name: 'success at the second attempt',
    given: {
      job: job('e1', { status: { ...complete, failed: 1 } }),
      pods: [
        { ...terminated(0, 'better'), metadata: { name: 'b', creationTimestamp: ENDED } },
        { ...terminated(1, 'worse'), metadata: { name: 'c', creationTimestamp: STARTED } },
      ],
    },
    want: run('e1', {
      ...{ phase: 'Succeeded', ...ended, attempts: 2, lastFailure: 'exit code 1' },
      ...{ exitCode: 0, result: 'better' },
    }),
  },
  {
    name: 'success after an image that could not be pulled, the pod gone already',
    given: { job: job('e1', { status: complete }) },
    before: run('e1', { phase: 'Pending', reason: 'ImagePullBackOff' }),
    want: run('e1', { phase: 'Succeeded', ...ended }),
  },
  {
    name: 'an end that is known, and a cache of pods that is behind again',
    given: { job: job('e1', { status: complete }), pods: [running()] },
    before: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' }),
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' }),
  },
  {
    name: 'the same of a deadline',
    given: { job: job('e1', { status: failed() }), pods: [running()] },
    before: run('e1', { phase: 'TimedOut', reason: 'DeadlineExceeded', ...ended, exitCode: 143 }),
    want: run('e1', { phase: 'TimedOut', reason: 'DeadlineExceeded', ...ended, exitCode: 143 }),
  },
  {
    name: 'stopped',
    given: { job: job('e1', { ended: 'Stopped', status: failed() }), pods: [timedOut] },
    want: run('e1', { phase: 'Stopped', reason: 'Stopped', ...ended, exitCode: 143, result: 'half' }),
  },
  {
    name: 'about to be stopped',
    given: { job: job('e1', { ended: 'Stopped', status: active }), pods: [running()] },
    want: run('e1', { phase: 'Running', ...started }),
  },
  {
    name: 'stopped before its queue had admitted it',
    given: { job: job('e1', { ended: 'Stopped', suspend: true, deleted: ENDED }) },
    want: run('e1', { phase: 'Stopped', reason: 'Stopped', completionTime: ENDED }),
  },
  {
    name: 'ended by a change of the spec',
    given: { job: job('e1', { ended: 'Superseded', status: failed() }), pods: [timedOut] },
    want: run('e1', { phase: 'Stopped', reason: 'Superseded', ...ended, exitCode: 143, result: 'half' }),
  },
  {
    name: 'an end of which somebody wrote a novel',
    given: { job: job('e1', { ended: 'x'.repeat(5000), status: failed() }) },
    want: run('e1', { phase: 'Stopped', reason: 'Stopped', ...ended }),
  },
  {
    name: 'done before it could be stopped',
    given: { job: job('e1', { ended: 'Stopped', status: complete }), pods: [terminated(0, 'done')] },
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' }),
  },
  {
    name: 'the result is remembered when the pod is gone',
    given: { job: job('e1', { status: complete }) },
    before: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' }),
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' }),
  },
  {
    name: 'so is a timeout, of which the Job knows nothing',
    given: { job: job('e1', { status: failed() }) },
    before: run('e1', { phase: 'TimedOut', reason: 'DeadlineExceeded', ...ended, exitCode: 143, result: 'half' }),
    want: run('e1', { phase: 'TimedOut', reason: 'DeadlineExceeded', ...ended, exitCode: 143, result: 'half' }),
  },
  {
    name: 'a cache that is behind does not bring it back to life',
    given: { job: job('e1', { status: active }), pods: [running()] },
    before: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' }),
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' }),
  },
  {
    name: 'a Job that was thought to be gone and tells its end',
    given: { job: job('e1', { status: complete }) },
    before: run('e1', { phase: 'Failed', reason: 'JobGone', ...started }),
    want: run('e1', { phase: 'Succeeded', ...ended }),
  },
  {
    name: 'one of which nothing is known but its end is what the status says of it',
    given: { job: job('e1', { status: failed() }), pods: [pod()], isTold: true },
    before: run('e1', { phase: 'TimedOut', reason: 'DeadlineExceeded', ...ended, exitCode: 143, result: 'half' }),
    want: run('e1', { phase: 'TimedOut', reason: 'DeadlineExceeded', ...ended, exitCode: 143, result: 'half' }),
  },
  {
    name: 'of the end the Job tells where no status does',
    given: { job: job('e1', { status: complete }), isTold: true },
    want: run('e1', { phase: 'Succeeded', ...ended }),
  },
  {
    name: 'a run of a schedule',
    given: { job: scheduledJob('2026-05-04T09:00:00Z', { status: active }), pods: [running()] },
    want: {
      jobName: 'a-29631420',
      uid: 'uid-a-29631420',
      phase: 'Running',
      scheduledAt: '2026-05-04T09:00:00Z',
      configHash: 'c1',
      ...started,
    },
  },
])

test('the newest of several pods is told by time, then by name', () => {
  const at = (name: string, creationTimestamp: string) => ({ metadata: { name, creationTimestamp } })
  const [older, newer, twin] = [at('c', STARTED), at('a', ENDED), at('b', ENDED)]
  expect(newest([older, newer])?.metadata.name).toBe('a')
  expect(newest([twin, older, newer])?.metadata.name).toBe('b')
  expect(newest([newer, twin])?.metadata.name).toBe('b')
  expect(newest([])).toBeUndefined()
})
