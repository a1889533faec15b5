import { ENDED, failed, job, pod, run, STARTED, terminated } from './testdata/observed.ts'
import { ended, testRuns, timedOut, unschedulable } from './testdata/runs.ts'

const notFetched = (name: string, message?: string) =>
  pod(
    { waiting: { reason: 'PodInitializing' } },
    { phase: 'Failed', initContainerStatuses: [{ name, state: { terminated: { exitCode: 128, message } } }] },
  )

testRuns([
  {
    name: 'an exit code',
    given: { job: job('e1', { status: failed() }), pods: [terminated(7, 'half')] },
    want: run('e1', { phase: 'Failed', reason: 'Error', ...ended, exitCode: 7, result: 'half' }),
  },
  {
    name: 'no memory left',
    given: { job: job('e1', { status: failed() }), pods: [terminated(137, undefined, 'OOMKilled')] },
    want: run('e1', { phase: 'Failed', reason: 'OOMKilled', ...ended, exitCode: 137 }),
  },
  {
    name: 'a pod that its node has thrown out',
    given: { job: job('e1', { status: failed() }), pods: [pod(undefined, { phase: 'Failed', reason: 'Evicted' })] },
    want: run('e1', { phase: 'Failed', reason: 'Evicted', ...ended }),
  },
  {
    name: 'a pod that its node has thrown out and said why',
    given: {
      job: job('e1', { status: failed() }),
      pods: [pod(undefined, { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' })],
    },
    want: run('e1', { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.', ...ended }),
  },
  {
    name: 'a context that could not be fetched',
    given: { job: job('e1', { status: failed() }), pods: [notFetched('context-2', 'repository not found\n')] },
    want: run('e1', {
      phase: 'Failed',
      reason: 'ContextFailed',
      message: 'a context could not be fetched: container context-2 exited with code 128: repository not found',
      ...ended,
    }),
  },
  {
    name: 'a skill that is not in its repository',
    given: { job: job('e1', { status: failed() }), pods: [notFetched('skill-0-find', 'there is no skill x')] },
    want: run('e1', {
      phase: 'Failed',
      reason: 'SkillFailed',
      message: 'a skill could not be fetched: container skill-0-find exited with code 128: there is no skill x',
      ...ended,
    }),
  },
  {
    name: 'a container of the user’s that is named alike',
    given: {
      job: job('e1', { status: failed() }),
      pods: [notFetched('context-of-mine', 'no https://me@example.com/x')],
    },
    want: run('e1', {
      phase: 'Failed',
      reason: 'InitContainerFailed',
      message: 'the agent was not started: container context-of-mine exited with code 128: no https://…@example.com/x',
      ...ended,
    }),
  },
  {
    name: 'the same, its pod gone meanwhile',
    given: { job: job('e1', { status: failed() }) },
    before: run('e1', { phase: 'Failed', reason: 'ContextFailed', message: 'not fetched', ...ended }),
    want: run('e1', { phase: 'Failed', reason: 'ContextFailed', message: 'not fetched', ...ended }),
  },
  {
    name: 'an init container of a podTemplate',
    given: { job: job('e1', { status: failed() }), pods: [notFetched('setup')] },
    want: run('e1', {
      phase: 'Failed',
      reason: 'InitContainerFailed',
      message: 'the agent was not started: container setup exited with code 128',
      ...ended,
    }),
  },
  {
    name: 'an agent that ended well beside a container that did not',
    given: { job: job('e1', { status: failed() }), pods: [terminated(0, 'done')] },
    want: run('e1', { phase: 'Failed', reason: 'BackoffLimitExceeded', ...ended, exitCode: 0, result: 'done' }),
  },
  {
    name: 'a failure that nobody says anything of',
    given: { job: job('e1', { status: failed('') }) },
    want: run('e1', { phase: 'Failed', reason: 'Failed', ...ended }),
  },
  {
    name: 'a command that is not there',
    given: {
      job: job('e1', { status: failed() }),
      pods: [terminated(128, 'exec: "nope": executable file not found in $PATH', 'StartError')],
    },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'StartError', ...ended, exitCode: 128 },
      message: 'the agent could not be started: exec: "nope": executable file not found in $PATH',
      result: 'exec: "nope": executable file not found in $PATH',
    }),
  },
  {
    name: "the pod's deadline",
    given: { job: job('e1', { status: failed() }), pods: [timedOut] },
    want: run('e1', { phase: 'TimedOut', reason: 'DeadlineExceeded', ...ended, exitCode: 143, result: 'half' }),
  },
  {
    name: "the Job's deadline, which deletes the pod",
    given: { job: job('e1', { status: { ...failed('DeadlineExceeded'), failed: 0 } }) },
    want: run('e1', { phase: 'TimedOut', reason: 'DeadlineExceeded', startTime: STARTED, completionTime: ENDED }),
  },
  {
    name: "the Job's deadline, the last of its pod still known",
    given: { job: job('e1', { status: failed('DeadlineExceeded') }), pods: [unschedulable] },
    want: run('e1', { phase: 'TimedOut', reason: 'DeadlineExceeded', ...ended }),
  },
  {
    name: 'a deadline of the first attempt only',
    given: {
      job: job('e1', { status: { ...failed(), failed: 2 } }),
      pods: [timedOut, { ...terminated(1), metadata: { name: 'b-pod', creationTimestamp: STARTED } }],
    },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'Error', ...ended, attempts: 2, exitCode: 1 },
      lastFailure: 'DeadlineExceeded',
    }),
  },
  {
    name: "the pod's deadline, before its agent had started",
    given: {
      job: job('e1', { status: failed() }),
      pods: [pod({ waiting: { reason: 'ImagePullBackOff' } }, { phase: 'Failed', reason: 'DeadlineExceeded' })],
    },
    before: run('e1', { phase: 'Pending', reason: 'ImagePullBackOff' }),
    want: run('e1', {
      ...{ phase: 'TimedOut', reason: 'DeadlineExceeded', ...ended },
      message: 'the agent never started: ImagePullBackOff',
    }),
  },
  {
    name: 'the same, before the Job tells it',
    given: {
      job: job('e1', { status: { startTime: STARTED, failed: 1 } }),
      pods: [pod({ waiting: { reason: 'ImagePullBackOff' } }, { phase: 'Failed', reason: 'DeadlineExceeded' })],
    },
    before: run('e1', { phase: 'Pending', reason: 'ImagePullBackOff' }),
    want: run('e1', { phase: 'Pending', reason: 'ImagePullBackOff' }),
  },
])
