import { expect, test } from 'bun:test'
import { whyWaiting } from './run.ts'
import { active, job, pod, run, waitingFor } from './testdata/observed.ts'
import { started, testRuns, unschedulable } from './testdata/runs.ts'

const MISSING = 'MountVolume.SetUp failed for volume "credential-0" : secret "deploy" not found'

testRuns([
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
])

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
