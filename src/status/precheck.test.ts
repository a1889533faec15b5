import { asked, asks, ENDED, failed, job, nothingToDo, pod, run, STARTED, terminated } from './testdata/observed.ts'
import { ended, retried, testRuns, UNTRIED } from './testdata/runs.ts'

testRuns([
  {
    name: 'a precheck that has found nothing to do',
    given: { job: job('e1', { ...asks, status: nothingToDo }), pods: [asked(1, 'no pull request is red\n')] },
    want: run('e1', {
      ...{ phase: 'Skipped', reason: 'PrecheckSkipped', ...ended },
      message: 'no pull request is red',
    }),
  },
  {
    name: 'the same without a word, and with a password in it',
    given: {
      job: job('e1', { ...asks, status: nothingToDo }),
      pods: [asked(1, 'https://token@example.com: nothing')],
    },
    want: run('e1', {
      ...{ phase: 'Skipped', reason: 'PrecheckSkipped', ...ended },
      message: 'https://…@example.com: nothing',
    }),
  },
  {
    name: 'the same, its pod gone: the Job knows it',
    given: { job: job('e1', { ...asks, status: nothingToDo }) },
    want: run('e1', { phase: 'Skipped', reason: 'PrecheckSkipped', ...ended }),
  },
  {
    name: 'the same, its pod gone after it was told',
    given: { job: job('e1', { ...asks, status: nothingToDo }) },
    before: run('e1', { phase: 'Skipped', reason: 'PrecheckSkipped', ...ended, message: 'nothing' }),
    want: run('e1', { phase: 'Skipped', reason: 'PrecheckSkipped', ...ended, message: 'nothing' }),
  },
  {
    name: 'the same in a second attempt, after one that has failed',
    given: {
      job: job('e1', { ...asks, backoffLimit: 2, status: { ...nothingToDo, failed: 2 } }),
      pods: [
        pod(
          { terminated: { exitCode: 3, reason: 'Error' } },
          { phase: 'Failed' },
          'a-first',
          STARTED.replace('05', '01'),
        ),
        { ...asked(1), metadata: { name: 'a-second', creationTimestamp: ENDED } },
      ],
    },
    want: run('e1', {
      ...{ phase: 'Skipped', reason: 'PrecheckSkipped', ...ended },
      ...{ attempts: 2, lastFailure: 'exit code 3' },
    }),
  },
  {
    name: 'the same while it was being stopped',
    given: { job: job('e1', { ...asks, ended: 'Stopped', status: nothingToDo }), pods: [asked(1)] },
    want: run('e1', { phase: 'Stopped', reason: 'Stopped', ...ended }),
  },
  {
    name: 'a container of that name that is none of ours',
    given: {
      job: retried(failed('PodFailurePolicy', 'Container precheck for pod agents/a failed with exit code 1 matching')),
      pods: [asked(1, 'no network')],
    },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'PrecheckFailed', ...ended },
      message: `the precheck failed: container precheck exited with code 1: no network${UNTRIED}`,
    }),
  },
  {
    name: 'a precheck that has failed',
    given: { job: job('e1', { ...asks, status: failed() }), pods: [asked(3, 'no token')] },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'PrecheckFailed', ...ended },
      message: 'the precheck failed: container precheck exited with code 3: no token',
    }),
  },
  {
    name: 'the same, not to be tried again',
    given: {
      job: job('e1', {
        ...asks,
        status: failed(
          'PodFailurePolicy',
          'Container precheck for pod agents/a-pod failed with exit code 3 matching FailJob rule at index 2',
        ),
      }),
      pods: [asked(3, 'no token')],
    },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'PrecheckFailed', ...ended },
      message: `the precheck failed: container precheck exited with code 3: no token${UNTRIED}`,
    }),
  },
  {
    name: 'a precheck whose time was up',
    given: {
      job: job('e1', { ...asks, status: failed() }),
      pods: [pod(undefined, { ...asked(143).status, reason: 'DeadlineExceeded' })],
    },
    want: run('e1', { phase: 'TimedOut', reason: 'DeadlineExceeded', ...ended }),
  },
  {
    name: 'an agent that exits with 1 after its precheck',
    given: { job: job('e1', { ...asks, status: failed() }), pods: [terminated(1)] },
    want: run('e1', { phase: 'Failed', reason: 'Error', ...ended, exitCode: 1 }),
  },
])
