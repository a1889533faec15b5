import { expect, test } from 'bun:test'
import type { Client } from '../../kube/client.ts'
import { ApiError } from '../../kube/errors.ts'
import type { Pod } from '../../status/observed.ts'
import { type Deployment, podsOf, whatIsMissing } from './rollout.ts'

const NOW = Date.parse('2030-01-01T00:00:00Z')
const deployment = (status: Deployment['status'], replicas = 2): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'agentjob-webhook', namespace: 'ops', generation: 3 },
  spec: { replicas, selector: { matchLabels: { a: 'b', c: 'd' } } },
  status: { observedGeneration: 3, ...status },
})
const pod = (name: string, metadata: object = {}, waiting?: { reason: string; message?: string }): Pod => ({
  metadata: { name, creationTimestamp: '2029-12-31T23:00:00Z', ...metadata },
  status: { containerStatuses: [{ name: 'webhook', state: waiting ? { waiting } : { running: {} } }] },
})
const BACK_OFF = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "nope:1"\nErrImagePull: not found' }
const THROUGH = { updatedReplicas: 2, availableReplicas: 2, replicas: 2 }

const cases: { name: string; status: Deployment['status']; replicas?: number; pods?: Pod[]; want?: string }[] = [
  { name: 'nobody has looked', status: { ...THROUGH, observedGeneration: 2 }, want: 'its rollout has not begun' },
  {
    name: 'the first of an upgrade',
    status: { updatedReplicas: 1, availableReplicas: 2, replicas: 3 },
    want: '1 of 2 pods has the new version',
  },
  { name: 'none yet', status: { replicas: 2, availableReplicas: 2 }, want: '0 of 2 pods have the new version' },
  {
    name: 'an old one is there beside all new ones',
    status: { updatedReplicas: 2, availableReplicas: 3, replicas: 3 },
    want: '1 old pod is still there',
  },
  {
    name: 'too many of the new version',
    status: { updatedReplicas: 4, availableReplicas: 4, replicas: 4 },
    want: '2 old pods are still there',
  },
  { name: 'a first installation', status: { updatedReplicas: 2, replicas: 2 }, want: '0 of 2 pods are ready' },
  {
    name: 'one is ready',
    status: { updatedReplicas: 2, availableReplicas: 1, replicas: 2 },
    want: '1 of 2 pods is ready',
  },
  {
    name: 'an image that is not there, in the first line of the words for it',
    status: { updatedReplicas: 1, availableReplicas: 2, replicas: 3 },
    pods: [pod('old'), pod('new', {}, BACK_OFF)],
    want: '1 of 2 pods has the new version; pod new: ImagePullBackOff: Back-off pulling image "nope:1"',
  },
  {
    name: 'a reason without words, of the newest pod',
    status: { updatedReplicas: 2, replicas: 2 },
    pods: [
      pod('later', { creationTimestamp: '2029-12-31T23:30:00Z' }, { reason: 'CrashLoopBackOff' }),
      pod('sooner', {}, BACK_OFF),
    ],
    want: '0 of 2 pods are ready; pod later: CrashLoopBackOff',
  },
  {
    name: 'what an old one waits for is no reason',
    status: { updatedReplicas: 1, replicas: 3 },
    pods: [
      pod('old', { labels: { 'pod-template-hash': 'a' } }, BACK_OFF),
      pod('new', { labels: { 'pod-template-hash': 'b' }, creationTimestamp: '2029-12-31T23:30:00Z' }),
    ],
    want: '1 of 2 pods has the new version',
  },
  {
    name: 'no pod may be made',
    status: {
      replicas: 2,
      conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'pods "a" is forbidden: exceeded quota: all' }],
    },
    pods: [pod('old', {}, BACK_OFF)],
    want: '0 of 2 pods have the new version; pods "a" is forbidden: exceeded quota: all',
  },
  {
    name: 'an old one that was broken is no reason',
    status: { replicas: 2 },
    pods: [pod('old', {}, BACK_OFF)],
    want: '0 of 2 pods have the new version',
  },
  {
    name: 'what starts, and what ends, has no reason',
    status: { updatedReplicas: 2, replicas: 2 },
    pods: [
      pod('new', {}, { reason: 'ContainerCreating' }),
      pod('gone', { deletionTimestamp: '2029-12-31T23:59:00Z' }, BACK_OFF),
    ],
    want: '0 of 2 pods are ready',
  },
  {
    name: 'old ones may answer until their time is up',
    status: THROUGH,
    pods: ['2030-01-01T00:00:30Z', '2030-01-01T00:00:01Z', '2029-12-31T23:59:59Z'].map((deletionTimestamp, index) =>
      pod(`old-${index}`, { deletionTimestamp }),
    ),
    want: '2 old pods are still ending',
  },
  { name: 'all new', status: THROUGH, pods: [pod('a'), pod('b')], want: undefined },
  { name: 'none is wanted', status: {}, replicas: 0, want: undefined },
]
test.each(cases)('$name', ({ status, replicas, pods = [], want }) =>
  expect(whatIsMissing(deployment(status, replicas), pods, NOW)).toBe(want),
)

test('pods are those that the Deployment selects, and none where they may not be listed', async () => {
  const asked: unknown[] = []
  const list = async (_: unknown, selection: unknown) => {
    asked.push(selection)
    return { items: [pod('a')] }
  }
  expect(await podsOf({ list } as unknown as Client, deployment({}))).toEqual([pod('a')])
  expect(asked).toEqual([{ namespace: 'ops', labelSelector: 'a=b,c=d' }])
  const forbidden = async () => {
    throw new ApiError(403, { reason: 'Forbidden', message: 'may not list' })
  }
  expect(await podsOf({ list: forbidden } as unknown as Client, deployment({}))).toEqual([])
})
