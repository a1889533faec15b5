import { active, ENDED, failed, job, pod, run, running, STARTED, terminated } from './testdata/observed.ts'
import { ended, retried, started, testRuns, UNTRIED } from './testdata/runs.ts'

const takenAway = pod(
  { terminated: { exitCode: 143, reason: 'Error' } },
  { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }] },
)

testRuns([
  {
    name: 'the count of attempts while Kubernetes is counting',
    given: { job: job('e1', { status: { startTime: STARTED } }), pods: [terminated(0)] },
    before: run('e1', { phase: 'Running', ...started }),
    want: run('e1', { phase: 'Running', ...started }),
  },
  {
    name: 'a second attempt that is starting',
    given: {
      job: job('e1', { status: { ...active, failed: 1 } }),
      pods: [terminated(1), pod(undefined, { phase: 'Pending' }, 'b-pod', ENDED)],
    },
    before: run('e1', { phase: 'Running', ...started }),
    want: run('e1', {
      ...{ phase: 'Running', ...started, attempts: 2 },
      ...{ lastFailure: 'exit code 1', message: 'attempt 2, after exit code 1' },
    }),
  },
  {
    name: 'a third attempt, the pods of the others gone meanwhile',
    given: { job: retried({ ...active, failed: 2 }), pods: [running()] },
    before: run('e1', {
      phase: 'Running',
      ...started,
      attempts: 2,
      lastFailure: 'OOMKilled',
      message: 'attempt 2 of 3',
    }),
    want: run('e1', {
      ...{ phase: 'Running', ...started, attempts: 3 },
      ...{ lastFailure: 'OOMKilled', message: 'attempt 3 of 3, after OOMKilled' },
    }),
  },
  {
    name: 'a second attempt that is being stopped, which lowers the limit',
    given: {
      job: job('e1', { ended: 'Stopped', status: { ...active, failed: 1 }, backoffLimit: 1 }),
      pods: [running()],
    },
    before: run('e1', { phase: 'Running', ...started, attempts: 2, message: 'attempt 2 of 3' }),
    want: run('e1', { phase: 'Running', ...started, attempts: 2, message: 'attempt 2 of 3' }),
  },
  {
    name: 'a pod that was taken away and does not count',
    given: { job: retried(active), pods: [takenAway] },
    before: run('e1', { phase: 'Running', ...started }),
    want: run('e1', {
      ...{ phase: 'Running', ...started },
      ...{ lastFailure: 'EvictionByEvictionAPI', message: 'attempt 1 of 3, after EvictionByEvictionAPI' },
    }),
  },
  {
    name: 'its successor is starting',
    given: { job: retried(active), pods: [pod(undefined, { phase: 'Pending' }, 'b-pod', ENDED)] },
    before: run('e1', {
      phase: 'Running',
      ...started,
      lastFailure: 'EvictionByEvictionAPI',
      message: 'attempt 1 of 3',
    }),
    want: run('e1', { phase: 'Running', ...started, lastFailure: 'EvictionByEvictionAPI', message: 'attempt 1 of 3' }),
  },
  {
    name: 'a pod that was taken away and counts: it is told with the next attempt',
    given: { job: job('e1', { status: active }), pods: [takenAway] },
    before: run('e1', { phase: 'Running', ...started }),
    want: run('e1', { phase: 'Running', ...started }),
  },
  {
    name: 'the same of one that failed by itself',
    given: {
      job: retried(active),
      pods: [
        pod(
          { terminated: { exitCode: 3, reason: 'Error' } },
          { phase: 'Failed', conditions: [{ type: 'PodScheduled', status: 'True' }] },
        ),
      ],
    },
    before: run('e1', { phase: 'Running', ...started }),
    want: run('e1', { phase: 'Running', ...started }),
  },
  {
    name: 'a failure that is not to be tried again',
    given: { job: retried(failed('PodFailurePolicy')), pods: [terminated(4, 'half')] },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'Error', ...ended, exitCode: 4, result: 'half' },
      message: `the agent exited with code 4${UNTRIED}`,
    }),
  },
  {
    name: 'the same of no memory left',
    given: { job: retried(failed('PodFailurePolicy')), pods: [terminated(137, undefined, 'OOMKilled')] },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'OOMKilled', ...ended, exitCode: 137 },
      message: `the agent exited with code 137 (OOMKilled)${UNTRIED}`,
    }),
  },
  {
    name: 'the same, and what its program says of it',
    given: {
      job: retried(failed('PodFailurePolicy')),
      pods: [terminated(1)],
      output: { isError: true, error: 'API Error: 400' },
    },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'Error', ...ended, exitCode: 1 },
      ...{ message: `API Error: 400${UNTRIED}`, result: 'API Error: 400' },
    }),
  },
  {
    name: 'the same, its pod gone: the Job knows what it was',
    given: { job: retried({ ...failed('PodFailurePolicy', 'Container agent failed with exit code 4') }) },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'PodFailurePolicy', ...ended },
      message: `Container agent failed with exit code 4${UNTRIED}`,
    }),
  },
])
