import { expect, test } from 'bun:test'
import type { Run } from '../api/agentjobstatus.ts'
import type { Job, ObservedRun, Pod } from './observed.ts'
import { deriveRun, newest, whyWaiting } from './run.ts'
import {
  active,
  asked,
  asks,
  complete,
  ENDED,
  failed,
  job,
  nothingToDo,
  pod,
  run,
  running,
  STARTED,
  scheduledJob,
  terminated,
  waitingFor,
} from './testdata/observed.ts'

const unschedulable = pod(undefined, {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' }],
})
const started = { startTime: STARTED, attempts: 1 }
const ended = { ...started, completionTime: ENDED }
const timedOut = pod(
  { terminated: { exitCode: 143, reason: 'Error', message: 'half' } },
  { phase: 'Failed', reason: 'DeadlineExceeded' },
)

/** A pod that is asked at 9:20 to end within 30 seconds, and whose agent ends at that time. */
const deleted = (finishedAt: string, exitCode: number, disrupted?: { reason?: string; message?: string }) => {
  const state = { terminated: { exitCode, reason: exitCode ? 'Error' : 'Completed', finishedAt } }
  const conditions = disrupted ? [{ type: 'DisruptionTarget', status: 'True', ...disrupted }] : []
  const one = pod(state, { phase: exitCode ? 'Failed' : 'Succeeded', conditions })
  return {
    ...one,
    metadata: { ...one.metadata, deletionTimestamp: '2026-05-04T09:20:30Z', deletionGracePeriodSeconds: 30 },
  }
}
const killed = '2026-05-04T09:20:00Z'
/** A Job of three attempts that does not count disruptions. */
const retried = (status: Job['status']) =>
  job('e1', { status, backoffLimit: 2, podFailurePolicy: { rules: [{ action: 'Ignore' }] } })
const takenAway = pod(
  { terminated: { exitCode: 143, reason: 'Error' } },
  { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }] },
)
const UNNAMED = '; spec.retry.onFailures does not name that, so that it is not tried again'

/** A pod whose files were read when its agent had ended. */
const read = (message: string, one: Pod, exitCode = 0): Pod => ({
  ...one,
  status: { ...one.status, initContainerStatuses: [{ name: 'outputs', state: { terminated: { exitCode, message } } }] },
})
const atItsEnd = (exitCode: number) =>
  pod({ terminated: { exitCode, reason: 'Error', finishedAt: ENDED } }, { phase: 'Failed' })
const MANY = Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`${n}`, `${n}`]))

const notFetched = (name: string, message?: string) =>
  pod(
    { waiting: { reason: 'PodInitializing' } },
    { phase: 'Failed', initContainerStatuses: [{ name, state: { terminated: { exitCode: 128, message } } }] },
  )

const MISSING = 'MountVolume.SetUp failed for volume "credential-0" : secret "deploy" not found'

const cases: { name: string; given: Partial<ObservedRun>; before?: Run; want: Run }[] = [
  { name: 'a Job without a pod', given: {}, want: run('e1', { phase: 'Pending' }) },
  {
    name: 'a Job that cannot create its pod',
    given: { failedCreate: 'Error creating: pods "e1-x2k4s" is forbidden: violates PodSecurity' },
    want: run('e1', { phase: 'Pending', reason: 'FailedCreate' }),
  },
  {
    name: 'what kept a pod from being created, once there is one',
    given: { failedCreate: 'Error creating: pods "e1-x2k4s" is forbidden: exceeded quota', pods: [waitingFor('')] },
    want: run('e1', { phase: 'Pending' }),
  },
  {
    name: 'a volume whose Secret is not there',
    given: { failedMount: MISSING, pods: [waitingFor('ContainerCreating')] },
    want: run('e1', { phase: 'Pending', reason: 'FailedMount' }),
  },
  {
    name: 'what was once missing, once the agent runs',
    given: { job: job('e1', { status: active }), failedMount: MISSING, pods: [pod({ running: {} })] },
    want: run('e1', { phase: 'Running', ...started }),
  },
  {
    name: 'the start is told with the phase that follows',
    given: { job: job('e1', { status: active }), pods: [waitingFor('ContainerCreating')] },
    want: run('e1', { phase: 'Pending' }),
  },
  {
    name: 'a pod that no node takes',
    given: { pods: [unschedulable] },
    want: run('e1', { phase: 'Pending', reason: 'Unschedulable' }),
  },
  ...['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'CreateContainerConfigError'].map((reason) => ({
    name: `a container that waits: ${reason}`,
    given: { pods: [waitingFor(reason)] },
    want: run('e1', { phase: 'Pending', reason }),
  })),
  {
    name: 'an init container that waits',
    given: {
      pods: [
        pod(
          { waiting: { reason: 'PodInitializing' } },
          { initContainerStatuses: [{ name: 'clone', state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
        ),
      ],
    },
    want: run('e1', { phase: 'Pending', reason: 'CrashLoopBackOff' }),
  },
  {
    name: 'why it waited is forgotten when it does no more',
    given: { pods: [] },
    before: run('e1', { phase: 'Pending', reason: 'ImagePullBackOff' }),
    want: run('e1', { phase: 'Pending' }),
  },
  {
    name: 'a queue that has not admitted it',
    given: { job: job('e1', { suspend: true }) },
    want: run('e1', { phase: 'Queued' }),
  },
  {
    name: 'a run that its queue has taken back',
    given: { job: job('e1', { suspend: true, status: { failed: 1 } }) },
    before: run('e1', { phase: 'Running', ...started }),
    want: run('e1', { phase: 'Queued' }),
  },
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
      message: `the agent exited with code 4${UNNAMED}`,
    }),
  },
  {
    name: 'the same of no memory left',
    given: { job: retried(failed('PodFailurePolicy')), pods: [terminated(137, undefined, 'OOMKilled')] },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'OOMKilled', ...ended, exitCode: 137 },
      message: `the agent exited with code 137 (OOMKilled)${UNNAMED}`,
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
      ...{ message: `API Error: 400${UNNAMED}`, result: 'API Error: 400' },
    }),
  },
  {
    name: 'the same, its pod gone: the Job knows what it was',
    given: { job: retried({ ...failed('PodFailurePolicy', 'Container agent failed with exit code 4') }) },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'PodFailurePolicy', ...ended },
      message: `Container agent failed with exit code 4${UNNAMED}`,
    }),
  },
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
      message: `the precheck failed: container precheck exited with code 1: no network${UNNAMED}`,
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
      message: `the precheck failed: container precheck exited with code 3: no token${UNNAMED}`,
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
    name: 'a result longer than a status holds',
    given: { job: job('e1', { status: complete }), pods: [terminated(0, `${'x'.repeat(7998)}😀😀`)] },
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: `${'x'.repeat(7998)}…` }),
  },
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
  ...[
    {
      name: 'a pod that the Eviction API has ended',
      given: deleted(killed, 143, { reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }),
      exitCode: 143,
      reason: 'EvictionByEvictionAPI',
      message: 'the pod was evicted through the Eviction API, as "kubectl drain" does',
    },
    {
      name: 'the same of an agent that ends with 0 when it is told to',
      given: deleted(killed, 0, { reason: 'EvictionByEvictionAPI' }),
      exitCode: 0,
      reason: 'EvictionByEvictionAPI',
      message: 'the pod was evicted through the Eviction API, as "kubectl drain" does',
    },
    {
      name: 'a disruption that is new to us',
      given: deleted(killed, 143, { reason: 'DeletionByComet', message: 'Comet: impact' }),
      exitCode: 143,
      reason: 'DeletionByComet',
      message: 'the pod was taken away: Comet: impact',
    },
    {
      name: 'a disruption without a reason',
      given: deleted(killed, 143, {}),
      exitCode: 143,
      reason: 'DisruptionTarget',
      message: 'the pod was taken away: DisruptionTarget',
    },
    {
      name: 'a pod that somebody deleted',
      given: deleted('2026-05-04T09:20:01Z', 137),
      exitCode: 137,
      reason: 'PodDeleted',
      message: 'the pod was deleted before the agent had ended',
    },
    {
      name: 'a pod that somebody deleted before its agent had started',
      given: { ...pod(), metadata: { ...pod().metadata, deletionTimestamp: killed } },
      exitCode: undefined,
      reason: 'PodDeleted',
      message: 'the pod was deleted before the agent had ended',
    },
    {
      name: 'a pod that somebody deleted after its end',
      given: deleted('2026-05-04T09:19:59Z', 3),
      exitCode: 3,
      reason: 'Error',
      message: undefined,
    },
  ].map(({ name, given, exitCode, reason, message }) => ({
    name,
    given: { job: job('e1', { status: failed() }), pods: [given] },
    want: run('e1', {
      ...{ phase: 'Failed' as const, reason, ...ended },
      ...(message === undefined ? {} : { message }),
      ...(exitCode === undefined ? {} : { exitCode }),
    }),
  })),
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
    name: 'what its program says of it, before the end of its log',
    given: {
      job: job('e1', { status: complete }),
      pods: [terminated(0, 'the end of the log')],
      output: { result: 'done', sessionId: 's1', usage: { inputTokens: 7, costUSD: '0.01', turns: 2 } },
    },
    want: run('e1', {
      ...{ phase: 'Succeeded', ...ended, exitCode: 0, result: 'done', sessionId: 's1' },
      usage: { inputTokens: 7, costUSD: '0.01', turns: 2 },
    }),
  },
  {
    name: 'a result that is a JSON object',
    given: {
      job: job('e1', { status: complete }),
      pods: [terminated(0, ' {"pr":42,"url":"https://a","files":["b"]}')],
    },
    want: run('e1', {
      ...{ phase: 'Succeeded', ...ended, exitCode: 0, result: ' {"pr":42,"url":"https://a","files":["b"]}' },
      outputs: { pr: '42', url: 'https://a', files: '["b"]' },
    }),
  },
  {
    name: 'half of a JSON object',
    given: { job: job('e1', { status: complete }), pods: [terminated(0, '{"pr":42,"url":"ht')] },
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: '{"pr":42,"url":"ht' }),
  },
  {
    name: 'outputs once they are told, and the pod is gone',
    given: { job: job('e1', { status: complete }), pods: [] },
    before: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: '{"pr":42}', outputs: { pr: '42' } }),
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: '{"pr":42}', outputs: { pr: '42' } }),
  },
  {
    name: 'outputs of files, before what a result has under their names',
    given: {
      job: job('e1', { status: complete }),
      pods: [read('pr\n7\0log\n\0', terminated(0, '{"pr":42,"url":"https://a"}'))],
    },
    want: run('e1', {
      ...{ phase: 'Succeeded', ...ended, exitCode: 0, result: '{"pr":42,"url":"https://a"}' },
      outputs: { pr: '7', log: '', url: 'https://a' },
    }),
  },
  {
    name: 'outputs of files alone',
    given: { job: job('e1', { status: complete }), pods: [read('pr\n7\0', terminated(0, 'done'))] },
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done', outputs: { pr: '7' } }),
  },
  {
    name: 'the same once they are told, and the pod is gone',
    given: { job: job('e1', { status: complete }), pods: [] },
    before: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, outputs: { pr: '7' } }),
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, outputs: { pr: '7' } }),
  },
  {
    name: 'outputs of files, which come before the many of a result',
    given: {
      job: job('e1', { status: complete }),
      pods: [read('zz\n7\0', terminated(0, JSON.stringify(MANY)))],
    },
    want: run('e1', {
      ...{ phase: 'Succeeded', ...ended, exitCode: 0, result: JSON.stringify(MANY) },
      outputs: { zz: '7', ...Object.fromEntries(Object.entries(MANY).slice(0, 63)) },
    }),
  },
  {
    name: 'a sidecar that ends badly after its agent',
    given: { job: job('e1', { status: failed() }), pods: [read('pr\n7\0', atItsEnd(3), 137)] },
    want: run('e1', { phase: 'Failed', reason: 'Error', ...ended, exitCode: 3, outputs: { pr: '7' } }),
  },
  {
    name: 'a sidecar that is as unknown as its agent',
    given: {
      job: job('e1', { status: failed() }),
      pods: [
        read('', pod({ terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } }, { phase: 'Failed' }), 137),
      ],
    },
    want: run('e1', { phase: 'Failed', reason: 'ContainerStatusUnknown', ...ended, exitCode: 137 }),
  },
  {
    name: 'the end of the log of one that failed',
    given: { job: job('e1', { status: failed() }), pods: [terminated(3)], logTail: 'no such branch' },
    want: run('e1', { phase: 'Failed', reason: 'Error', ...ended, exitCode: 3, logTail: 'no such branch' }),
  },
  {
    name: 'the same of one whose time was up',
    given: { job: job('e1', { status: failed() }), pods: [timedOut], logTail: 'still at it' },
    want: run('e1', {
      ...{ phase: 'TimedOut', reason: 'DeadlineExceeded', ...ended, exitCode: 143, result: 'half' },
      logTail: 'still at it',
    }),
  },
  {
    name: 'the same of a program that ends with 0',
    given: {
      job: job('e1', { status: complete }),
      pods: [terminated(0)],
      output: { isError: true, error: 'no credit' },
      logTail: 'no credit',
    },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'AgentError', ...ended, exitCode: 0, message: 'no credit', result: 'no credit' },
      logTail: 'no credit',
    }),
  },
  {
    name: 'of one that went well or was stopped it is not kept',
    given: { job: job('e1', { ended: 'Stopped', status: failed() }), pods: [timedOut], logTail: 'still at it' },
    want: run('e1', { phase: 'Stopped', reason: 'Stopped', ...ended, exitCode: 143, result: 'half' }),
  },
  {
    name: 'the end of a log once it is told, and the pod is gone',
    given: { job: job('e1', { status: failed() }) },
    before: run('e1', { phase: 'Failed', reason: 'Error', ...ended, exitCode: 3, logTail: 'no such branch' }),
    want: run('e1', { phase: 'Failed', reason: 'Error', ...ended, exitCode: 3, logTail: 'no such branch' }),
  },
  {
    name: 'the same once it is told: nobody reads the log again',
    given: { job: job('e1', { status: complete }), pods: [terminated(0, 'the end of the log')] },
    before: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done', usage: { turns: 2 } }),
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done', usage: { turns: 2 } }),
  },
  {
    name: 'what no status can hold is left out',
    given: {
      job: job('e1', { status: complete }),
      pods: [terminated(0)],
      output: {
        result: 'x'.repeat(9000),
        sessionId: 's'.repeat(300),
        usage: { inputTokens: -1, outputTokens: 1.5, costUSD: 'much', turns: 2 ** 40 },
      },
    },
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: `${'x'.repeat(7999)}…` }),
  },
  {
    name: 'a program that says it failed and ends with 0',
    given: {
      job: job('e1', { status: complete }),
      pods: [terminated(0)],
      output: { isError: true, error: 'Ran into this error: no credit' },
    },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'AgentError', ...ended, exitCode: 0 },
      ...{ message: 'Ran into this error: no credit', result: 'Ran into this error: no credit' },
    }),
  },
  {
    name: 'the same once it is told',
    given: { job: job('e1', { status: complete }), pods: [terminated(0)] },
    before: run('e1', { phase: 'Failed', reason: 'AgentError', ...ended, exitCode: 0, message: 'no credit' }),
    want: run('e1', { phase: 'Failed', reason: 'AgentError', ...ended, exitCode: 0, message: 'no credit' }),
  },
  {
    name: 'an exit code, and what the program says of it',
    given: {
      job: job('e1', { status: failed() }),
      pods: [terminated(1, '{"type":"result"}')],
      output: { isError: true, error: 'API Error: 400' },
    },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'Error', ...ended, exitCode: 1 },
      ...{ message: 'API Error: 400', result: 'API Error: 400' },
    }),
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
]

for (const { name, given, before, want } of cases)
  test(`a run: ${name}`, () =>
    expect(deriveRun({ job: job('e1'), pods: [], ...given }, before)).toStrictEqual(want as never))

test('the newest of several pods is told by time, then by name', () => {
  const at = (name: string, creationTimestamp: string) => ({ metadata: { name, creationTimestamp } })
  const [older, newer, twin] = [at('c', STARTED), at('a', ENDED), at('b', ENDED)]
  expect(newest([older, newer])?.metadata.name).toBe('a')
  expect(newest([twin, older, newer])?.metadata.name).toBe('b')
  expect(newest([newer, twin])?.metadata.name).toBe('b')
  expect(newest([])).toBeUndefined()
})

test.each([
  [
    'Error creating: pods "e1-x2k4s" is forbidden: violates PodSecurity',
    'FailedCreate',
    'the pod is forbidden: violates PodSecurity',
  ],
  [
    '(combined from similar events): Error creating: pods "e1-b" is forbidden: exceeded quota: q',
    'QuotaExceeded',
    'the pod is forbidden: exceeded quota: q',
  ],
  ['Error creating: Internal error occurred: no webhook', 'FailedCreate', 'Internal error occurred: no webhook'],
])('why there is no pod, without its name: %s', (failedCreate, reason, message) => {
  expect(whyWaiting({ job: job('e1'), pods: [], failedCreate })).toEqual({ reason, message })
})

test.each([
  ['MountVolume.SetUp failed for volume "a" : secret "deploy" not found', 'secret "deploy" not found'],
  [
    'MountVolume.SetUp failed for volume "a" : references non-existent secret key: id',
    'references non-existent secret key: id',
  ],
  ['MountVolume.SetUp failed for volume "a" : failed to sync secret cache: timed out', undefined],
])('what keeps a pod from its volumes, where somebody has to do something: %s', (failedMount, message) => {
  const known = { job: job('e1'), pods: [waitingFor('ContainerCreating')], failedMount }
  expect(whyWaiting(known)).toEqual(message ? { reason: 'FailedMount', message } : undefined)
  expect(whyWaiting({ ...known, pods: [waitingFor('ErrImagePull')] })?.reason).toBe('ErrImagePull')
  expect(whyWaiting({ ...known, pods: [] })).toBeUndefined()
})
