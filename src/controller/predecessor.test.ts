import { expect, test } from 'bun:test'
import type { OwnerReference } from '../kube/object.ts'
import type { CachedAgentJob } from './caches.ts'
import type { Context } from './context.ts'
import { clearTheWay } from './predecessor.ts'
import { CHILD_TYPES, JOB } from './types.ts'

const us = {
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentJob',
  metadata: { name: 'a', namespace: 'n', uid: 'ours' },
} as CachedAgentJob
const owner: OwnerReference = {
  apiVersion: us.apiVersion,
  kind: 'AgentJob',
  name: 'a',
  uid: 'earlier',
  controller: true,
}
const child = (kind: string, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'a-r1', namespace: 'n', uid: 'child', ownerReferences: [owner], ...metadata },
})

const cases: { name: string; given: ReturnType<typeof child>; there?: string; deleted: boolean }[] = [
  { name: "an earlier AgentJob's", given: child('Job'), deleted: true },
  {
    name: "an earlier one's, while ours is gone too and our cache behind",
    given: child('Job'),
    there: 'later',
    deleted: false,
  },
  { name: "an earlier one's that is going away", given: child('Job', { deletionTimestamp: 'now' }), deleted: false },
  { name: "a stranger's", given: child('Job', { ownerReferences: [] }), deleted: false },
  { name: "an earlier one's volume", given: child('PersistentVolumeClaim'), deleted: false },
]

for (const { name, given, there = 'ours', deleted } of cases)
  test(`${name}: ${deleted ? 'deleted' : 'left alone'}`, async () => {
    const deletions: object[] = []
    const client = {
      get: async () => ({ ...us, metadata: { ...us.metadata, uid: there } }),
      delete: async (_: unknown, key: object, o: object) => deletions.push({ ...key, ...o }),
    }
    const ctx = { client } as unknown as Context
    await clearTheWay(ctx, us, given.kind === 'Job' ? JOB : CHILD_TYPES[given.kind]!, given)
    expect(deletions).toEqual(
      deleted
        ? [{ namespace: 'n', name: 'a-r1', uid: 'child', propagationPolicy: 'Background', signal: undefined }]
        : [],
    )
  })
