import { expect, test } from 'bun:test'
import { memoryLog } from '../../test/kube/scripted.ts'
import { EgressSettings } from '../expand/egress/settings.ts'
import { RENDERER } from '../expand/expand.ts'
import { expandInvalid } from '../expand/invalid.ts'
import { specHash } from '../expand/revision.ts'
import { Store } from '../kube/store.ts'
import { BY_NAMESPACE, BY_REFERENCE, BY_RUNTIME, type CachedAgentJob } from './caches.ts'
import { type Context, createMemory } from './context.ts'
import { reconcile } from './reconcile.ts'

/** A leader with one AgentJob, which it looks at. */
function leader(job: object) {
  const store = () => {
    const one = new Store<never>(memoryLog())
    for (const index of ['owner', 'regarding', BY_REFERENCE, BY_RUNTIME, BY_NAMESPACE]) one.index(index, () => [])
    return one
  }
  const agentJobs = store() as unknown as Store<CachedAgentJob>
  const clock = { time: Date.parse('2026-05-04T09:00:00Z') }
  const seen = { touches: 0 }
  let version = 1
  const client = {
    mergePatch: async (_: unknown, __: unknown, patch: { status?: object }) => {
      if (patch.status) version++
      else seen.touches++
      return { metadata: { uid: 'u', resourceVersion: `${version}` } }
    },
    async *pages() {},
  }
  const references = { quotasOf: () => [], stores: new Map(), lookup: () => undefined, hashOf: () => undefined }
  const caches = {
    ...{ agentJobs, jobs: store(), pods: store(), failedCreates: store(), failedMounts: store() },
    ...{ children: new Map(), references },
  }
  const now = () => new Date(clock.time)
  const ctx = {
    ...{ client, caches, now, since: now(), memory: createMemory(), record() {}, log: memoryLog(), enqueue() {} },
    outbox: { owe() {}, deliveriesOf: () => new Map() },
    keys: { holds: async () => true, signs: () => 1 },
    signal: new AbortController().signal,
  } as unknown as Context
  const metadata = { namespace: 'agents', name: 'hello', uid: 'u', resourceVersion: '1' }
  agentJobs.upsert({
    metadata: { ...metadata, creationTimestamp: now().toISOString() },
    ...job,
  } as unknown as CachedAgentJob)
  return { ctx, clock, seen, look: () => reconcile(ctx, 'agents/hello') }
}
const SPEC = { runtimeRef: 'echo', prompt: 'Say hello.' }

test('an AgentJob that admission is not asked about is left alone for some time, however often it is looked at', async () => {
  const { clock, seen, look } = leader({ spec: SPEC })
  const results = []
  for (let looks = 0; looks < 30; looks++) results.push(await look())
  expect(seen.touches).toBe(11)
  expect(results.slice(0, 10)).toEqual(Array(10).fill({ retry: true }))
  expect(results.at(-1)).toEqual({ afterMs: 60_000 })
  clock.time += 60_000
  await look()
  expect(seen.touches).toBe(12)
})

test('what another version has found invalid is judged anew by each leader, for as long as webhooks may roll, and not again', async () => {
  const spec = { ...SPEC, backoffLimit: -1 }
  const expansion = expandInvalid(spec, [{ path: 'spec.backoffLimit', message: 'is wrong' }], undefined, {})
  for (const _ of ['one', 'the next']) {
    const { seen, look } = leader({ spec, expansion })
    for (let looks = 0; looks < 30; looks++) await look()
    expect(seen.touches).toBe(10)
  }
})

test('what something is in the way of, under a policy by other settings, is asked about a few times', async () => {
  const problems = [{ reason: 'ReferenceNotFound', path: 'spec.runtimeRef', message: '' }]
  const expansion = { ...{ renderer: RENDERER, references: [], resources: [] }, problems, egress: 'another' }
  const { ctx, seen, look } = leader({ spec: SPEC, expansion: { ...expansion, specHash: specHash(SPEC) } })
  ctx.egress = EgressSettings.parse({ enabled: true })
  for (let looks = 0; looks < 30; looks++) await look()
  expect(seen.touches).toBe(10)
})
