import { expect, test } from 'bun:test'
import { memoryLog } from '../../test/kube/scripted.ts'
import { Store } from '../kube/store.ts'
import { BY_NAMESPACE, BY_REFERENCE, BY_RUNTIME, type CachedAgentJob } from './caches.ts'
import { type Context, createMemory } from './context.ts'
import { reconcile } from './reconcile.ts'

test('an AgentJob that admission is not asked about is left alone for some time, however often it is looked at', async () => {
  const store = () => {
    const one = new Store<never>(memoryLog())
    for (const index of ['owner', 'regarding', BY_REFERENCE, BY_RUNTIME, BY_NAMESPACE]) one.index(index, () => [])
    return one
  }
  const agentJobs = store() as unknown as Store<CachedAgentJob>
  let touches = 0
  let version = 1
  const client = {
    mergePatch: async (_: unknown, __: unknown, patch: { status?: object }) => {
      if (patch.status) version++
      else touches++
      return { metadata: { uid: 'u', resourceVersion: `${version}` } }
    },
    async *pages() {},
  }
  const references = { quotasOf: () => [], stores: new Map(), lookup: () => undefined }
  const caches = {
    ...{ agentJobs, jobs: store(), pods: store(), failedCreates: store(), failedMounts: store() },
    ...{ children: new Map(), references },
  }
  let time = Date.parse('2026-05-04T09:00:00Z')
  const now = () => new Date(time)
  const ctx = {
    ...{ client, caches, now, since: now(), memory: createMemory(), record() {}, log: memoryLog(), enqueue() {} },
    outbox: { owe() {}, deliveriesOf: () => new Map() },
    signal: new AbortController().signal,
  } as unknown as Context
  agentJobs.upsert({
    metadata: {
      namespace: 'agents',
      name: 'hello',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: now().toISOString(),
    },
    spec: { runtimeRef: 'echo', prompt: 'Say hello.' },
  } as unknown as CachedAgentJob)
  const results = []
  for (let looks = 0; looks < 30; looks++) results.push(await reconcile(ctx, 'agents/hello'))
  expect(touches).toBe(11)
  expect(results.slice(0, 10)).toEqual(Array(10).fill({ retry: true }))
  expect(results.at(-1)).toEqual({ afterMs: 60_000 })
  time += 60_000
  await reconcile(ctx, 'agents/hello')
  expect(touches).toBe(12)
})
