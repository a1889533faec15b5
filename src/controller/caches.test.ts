import { expect, test } from 'bun:test'
import { type CachedPod, toCachedPod } from './caches.ts'

test('a pod is cached with what tells why it does not start, or who has ended it', () => {
  const condition = (type: string) => ({ type, status: 'True' })
  const types = ['Initialized', 'Ready', 'PodScheduled', 'DisruptionTarget']
  const pod: CachedPod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', deletionTimestamp: '2026-05-04T09:20:30Z', deletionGracePeriodSeconds: 30 },
    status: { conditions: types.map(condition) },
  }
  const { metadata, status } = toCachedPod(pod)
  expect(status?.conditions).toEqual([condition('PodScheduled'), condition('DisruptionTarget')])
  expect(metadata).toEqual(pod.metadata)
})
