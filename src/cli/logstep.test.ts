import { expect, test } from 'bun:test'
import type { AgentJob } from '../api/agentjob.ts'
import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import { REVISION_ANNOTATION } from '../expand/names.ts'
import type { ContainerState, Pod } from '../status/observed.ts'
import { JOB_NAME_LABEL, type LogStep, logStep, newestJobName } from './logstep.ts'

const jobOf = (status?: AgentJobStatus, o: { asked?: string; backoffLimit?: number; retry?: object } = {}) =>
  ({
    metadata: { name: 'a' },
    spec: { backoffLimit: o.backoffLimit ?? 0, retry: o.retry },
    expansion: {
      resources: o.asked
        ? [{ kind: 'Job', metadata: { name: `a-${o.asked}`, annotations: { [REVISION_ANNOTATION]: o.asked } } }]
        : [],
    },
    status,
  }) as unknown as AgentJob

const UID_LABEL = 'batch.kubernetes.io/controller-uid'
const born = (creationTimestamp: string) => ({ metadata: { name: 'a', creationTimestamp } })

const podOf = (name: string, phase: string, state?: ContainerState, more: object = {}): Pod => ({
  metadata: { name, labels: { [JOB_NAME_LABEL]: 'a-1' } },
  status: { phase, containerStatuses: state ? [{ name: 'agent', state }] : [], ...more },
})

const running = podOf('p1', 'Running', { running: {} })
const failed = podOf('p1', 'Failed', { terminated: { exitCode: 1, finishedAt: '2026-11-21T12:00:00Z' } })

const cases: { name: string; job?: AgentJob; pods: Pod[]; shown?: string[]; want: LogStep }[] = [
  { name: 'a running agent', pods: [running], want: { step: 'stream', pod: 'p1' } },
  { name: 'one that has ended', pods: [failed], want: { step: 'stream', pod: 'p1' } },
  {
    name: 'the newest of several attempts',
    pods: [failed, podOf('p2', 'Running', { running: {} })],
    want: { step: 'stream', pod: 'p2' },
  },
  {
    name: "another Job's pod",
    job: jobOf({ phase: 'Pending', reason: 'Starting' }),
    pods: [{ ...running, metadata: { name: 'p', labels: { [JOB_NAME_LABEL]: 'a-2' } } }],
    want: { step: 'wait', why: 'Job a-1 has no pod: Pending (Starting)' },
  },
  {
    name: 'the pod of an earlier AgentJob of this name, whose end is not noticed yet',
    job: { ...jobOf({ phase: 'Pending', reason: 'Starting' }), ...born('2026-11-21T12:00:05Z') },
    pods: [{ ...running, metadata: { ...running.metadata, creationTimestamp: '2026-11-21T12:00:00Z' } }],
    want: { step: 'wait', why: 'Job a-1 has no pod: Pending (Starting)' },
  },
  {
    name: 'a pod of an earlier Job of this name',
    job: jobOf({ runs: [{ jobName: 'a-1', phase: 'Pending', uid: 'new' }] }),
    pods: [
      { ...running, metadata: { name: 'p0', labels: { [JOB_NAME_LABEL]: 'a-1', [UID_LABEL]: 'old' } } },
      { ...running, metadata: { name: 'p1', labels: { [JOB_NAME_LABEL]: 'a-1', [UID_LABEL]: 'new' } } },
    ],
    want: { step: 'stream', pod: 'p1' },
  },
  {
    name: 'an image that cannot be pulled',
    pods: [podOf('p1', 'Pending', { waiting: { reason: 'ImagePullBackOff', message: 'not found' } })],
    want: { step: 'wait', why: 'pod p1 has not started: ImagePullBackOff: not found' },
  },
  {
    name: 'no node for it',
    pods: [
      podOf('p1', 'Pending', undefined, {
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no room' }],
      }),
    ],
    want: { step: 'wait', why: 'pod p1 has not started: Unschedulable: no room' },
  },
  {
    name: 'a pod that is being made',
    pods: [podOf('p1', 'Pending')],
    want: { step: 'wait', why: 'pod p1 is starting' },
  },
  {
    name: 'a pod whose time was up before it had started',
    pods: [
      podOf(
        'p1',
        'Failed',
        { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
        { reason: 'DeadlineExceeded' },
      ),
    ],
    want: { step: 'gone', why: 'pod p1 ended before the agent had started (DeadlineExceeded)' },
  },
  {
    name: 'a pod whose precheck has found nothing to do',
    pods: [
      podOf(
        'p1',
        'Failed',
        { waiting: { reason: 'PodInitializing' } },
        {
          initContainerStatuses: [
            { name: 'precheck', state: { terminated: { exitCode: 1, message: 'no pull request is red\n' } } },
          ],
        },
      ),
    ],
    want: {
      step: 'gone',
      why: 'pod p1 ended before the agent had started (container precheck exited with code 1: no pull request is red)',
    },
  },
  {
    name: 'a run whose pod is gone',
    job: jobOf({ runs: [{ jobName: 'a-1', phase: 'Succeeded', result: 'done' }] }),
    pods: [],
    want: {
      step: 'gone',
      why: 'the pod of Job a-1 (Succeeded) is gone and its log with it; spec.ttlSecondsAfterFinished says how long they are kept',
      result: 'done',
    },
  },
  {
    name: 'a run that failed and whose pod is gone',
    job: jobOf({ runs: [{ jobName: 'a-1', phase: 'Failed', result: 'oh', logTail: 'no such branch' }] }),
    pods: [],
    want: {
      step: 'gone',
      why: 'the pod of Job a-1 (Failed) is gone and its log with it; spec.ttlSecondsAfterFinished says how long they are kept',
      ...{ logTail: 'no such branch', result: 'oh' },
    },
  },
  {
    name: 'a sidecar that was never found',
    pods: [
      podOf(
        'p1',
        'Failed',
        { waiting: { reason: 'PodInitializing' } },
        {
          reason: 'DeadlineExceeded',
          initContainerStatuses: [
            { name: 'outputs', state: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } } },
          ],
        },
      ),
    ],
    want: { step: 'gone', why: 'pod p1 ended before the agent had started (DeadlineExceeded)' },
  },
  { name: 'shown, and there is no other attempt', pods: [failed], shown: ['p1'], want: { step: 'end' } },
  {
    name: 'shown, and another attempt follows',
    job: jobOf({}, { backoffLimit: 1 }),
    pods: [failed],
    shown: ['p1'],
    want: { step: 'wait', why: 'pod p1 has failed; attempt 2 follows' },
  },
  {
    name: 'shown, and whether another attempt follows depends on what it failed of',
    job: jobOf({}, { retry: { limit: 1 } }),
    pods: [failed],
    shown: ['p1'],
    want: { step: 'wait', why: 'pod p1 has failed; another attempt may follow' },
  },
  {
    name: 'shown, and it may have been taken away, which does not count',
    job: jobOf({}, { retry: { limit: 0, ignoreDisruption: true } }),
    pods: [failed],
    shown: ['p1'],
    want: { step: 'wait', why: 'pod p1 has failed; another attempt may follow' },
  },
  {
    name: 'shown, and nobody knows yet whether it failed',
    job: jobOf({}, { backoffLimit: 1 }),
    pods: [running],
    shown: ['p1'],
    want: { step: 'wait' },
  },
  {
    name: 'shown, and the run was stopped',
    job: jobOf({ runs: [{ jobName: 'a-1', phase: 'Stopped' }] }, { backoffLimit: 1 }),
    pods: [failed],
    shown: ['p1'],
    want: { step: 'end' },
  },
  { name: 'shown, and the pod is gone', pods: [], shown: ['p1'], want: { step: 'end' } },
]
test.each(cases)('$name', ({ job = jobOf(), pods, shown = [], want }) => {
  expect(logStep(job, pods, 'a-1', new Set(shown))).toEqual(want)
})

test('without a Job it is the AgentJob that says why', () => {
  const job = jobOf({ phase: 'Suspended', message: 'spec.suspend is true' })
  expect(logStep(job, [], undefined, new Set())).toEqual({ step: 'wait', why: 'Suspended: spec.suspend is true' })
})

const newest: { name: string; job: AgentJob; want: string | undefined }[] = [
  { name: 'nothing has run', job: jobOf(), want: undefined },
  { name: 'about to start for the first time', job: jobOf(undefined, { asked: '1' }), want: 'a-1' },
  {
    name: 'about to start again',
    job: jobOf({ revision: '1', runs: [{ jobName: 'a-1', phase: 'Failed' }] }, { asked: '2' }),
    want: 'a-2',
  },
  {
    name: 'has started',
    job: jobOf({ revision: '1', runs: [{ jobName: 'a-1', phase: 'Failed' }] }, { asked: '1' }),
    want: 'a-1',
  },
  {
    name: 'the schedule has run since the rerun',
    job: jobOf(
      {
        revision: '1',
        runs: [
          { jobName: 'a-29', phase: 'Running' },
          { jobName: 'a-1', phase: 'Failed' },
        ],
      },
      { asked: '1' },
    ),
    want: 'a-29',
  },
  { name: 'only the schedule', job: jobOf({ runs: [{ jobName: 'a-29', phase: 'Running' }] }), want: 'a-29' },
]
test.each(newest)('the newest run: $name', ({ job, want }) => {
  expect(newestJobName(job)).toBe(want as string)
})
