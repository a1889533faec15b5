import { describe, expect, test } from 'bun:test'
import { memoryLog } from '../../test/kube/scripted.ts'
import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import { EgressSettings, egressHash } from '../expand/egress/settings.ts'
import { RENDERER } from '../expand/expand.ts'
import { HELD_ANNOTATION, JOB_LABEL, REVISION_ANNOTATION } from '../expand/names.ts'
import { specHash } from '../expand/revision.ts'
import type { PartialObjectMetadata } from '../kube/object.ts'
import { Store } from '../kube/store.ts'
import { BY_NAMESPACE, BY_REFERENCE, BY_RUNTIME, type CachedAgentJob } from './caches.ts'
import { type Context, createMemory } from './context.ts'
import { createOutline } from './outline.ts'
import { reconcile } from './reconcile.ts'

describe('where agents go is limited', () => {
  const egress = EgressSettings.parse({ enabled: true })
  const child = (kind: string, name: string) => ({
    ...{ apiVersion: 'v1', kind },
    metadata: {
      ...{ name, namespace: 'agents' },
      ...{ labels: { [JOB_LABEL]: 'hello' }, annotations: { [REVISION_ANNOTATION]: 'e1' } },
    },
  })
  const policy = child('NetworkPolicy', 'hello-egress')
  const job = child('Job', 'hello-e1')
  const nightly = { ...child('CronJob', 'hello'), spec: { suspend: false } }

  /**
   * One look at an AgentJob with this expansion: the kinds that were written, in their order, and how often it was touched.
   * It may have a schedule, with a Job that waits, and somebody may have an object of its policy's name.
   */
  async function looked(
    expansion: object,
    settings = egress,
    {
      schedule,
      stranger,
      status: told,
    }: { schedule?: boolean; stranger?: boolean; status?: (status: AgentJobStatus) => void } = {},
  ) {
    const written: string[] = []
    let touches = 0
    const store = <T extends PartialObjectMetadata>(...objects: object[]) => {
      const one = new Store<T>(memoryLog())
      for (const index of ['regarding', BY_REFERENCE, BY_RUNTIME, BY_NAMESPACE]) one.index(index, () => [])
      one.index('owner', ({ metadata }) => [`${metadata.namespace}/${metadata.ownerReferences?.[0]?.uid}`])
      for (const object of objects) one.upsert(object as T)
      return one
    }
    const owned = (by: string, name: string) => ({
      ...{ namespace: 'agents', name, uid: name, resourceVersion: '1' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Owner', name: by, uid: by, controller: true }],
    })
    const { annotations } = nightly.metadata
    const cronJob = { ...nightly, metadata: { ...owned('u', 'hello'), annotations } }
    const labels = { [JOB_LABEL]: 'hello' }
    const waiting = {
      metadata: { ...owned('hello', 'hello-1'), annotations: { [HELD_ANNOTATION]: 'true' }, labels },
      ...{ spec: { suspend: true }, status: {}, uses: [] },
    }
    const agentJobs = store<CachedAgentJob>()
    const make = async (_: unknown, object: { kind: string; metadata: object }) => {
      written.push(object.kind)
      return { ...object, metadata: { ...object.metadata, uid: object.kind, resourceVersion: '1' } }
    }
    const hello = {
      kind: 'AgentJob',
      metadata: { namespace: 'agents', name: 'hello', uid: 'u', resourceVersion: '1', generation: 1 },
      spec: { runtimeRef: 'echo', prompt: 'Say hello.', ...(schedule ? { schedule: '@daily' } : {}) },
      expansion: { renderer: RENDERER, references: [], problems: [], specHash: '', revision: 'e1', ...expansion },
    } as unknown as CachedAgentJob
    ;(hello.expansion as { specHash: string }).specHash = specHash(hello.spec)
    const client = {
      get: async ({ kind }: { kind: string }) => {
        if (kind === 'AgentJob') return hello
        return stranger && kind === 'NetworkPolicy' ? { kind, metadata: { name: 'hello-egress', uid: 's' } } : undefined
      },
      apply: make,
      create: make,
      mergePatch: async ({ kind }: { kind: string }, _: unknown, patch: { status?: AgentJobStatus; spec?: object }) => {
        if (patch.spec) written.push(`${kind} ${JSON.stringify(patch.spec)}`)
        else if (patch.status) told?.(patch.status)
        else touches++
        return { metadata: { uid: 'u', resourceVersion: '1' } }
      },
      async *pages() {},
    }
    const references = { quotasOf: () => [], stores: new Map(), lookup: () => undefined, hashOf: () => undefined }
    const children = new Map([['CronJob', schedule ? store(cronJob) : store()]])
    if (settings.enabled) children.set('NetworkPolicy', store())
    const now = () => new Date('2026-05-04T09:00:00Z')
    const ctx = {
      ...{ client, now, since: now(), memory: createMemory(), record() {}, log: memoryLog(), enqueue() {} },
      caches: {
        ...{
          agentJobs,
          jobs: schedule ? store(waiting) : store(),
          pods: store(),
          failedCreates: store(),
          failedMounts: store(),
        },
        ...{ children, references, outline: createOutline() },
      },
      keys: { holds: async () => true, signs: () => 1 },
      outbox: { owe() {}, deliveriesOf: () => new Map() },
      egress: settings,
      signal: new AbortController().signal,
    } as unknown as Context
    agentJobs.upsert(hello)
    // what is told of a run that was started follows in a look of its own
    const first = await reconcile(ctx, 'agents/hello')
    if (first && 'yield' in first) await reconcile(ctx, 'agents/hello')
    return { written, touches }
  }

  test('nothing is started before there is a policy, and admission is asked for one', async () =>
    expect(await looked({ resources: [job] })).toEqual({ written: [], touches: 1 }))

  test('the policy comes before the run', async () =>
    expect(await looked({ resources: [policy, job], egress: egressHash(egress) })).toEqual({
      written: ['NetworkPolicy', 'Job'],
      touches: 0,
    }))

  test('a policy by other settings limits until there is another one', async () =>
    expect(await looked({ resources: [policy, job], egress: 'another' })).toEqual({
      written: ['NetworkPolicy', 'Job'],
      touches: 1,
    }))

  test('switched off, nothing is started without a policy that is wanted, and admission is asked whether it is', async () =>
    expect(await looked({ resources: [policy, job], egress: egressHash(egress) }, EgressSettings.parse({}))).toEqual({
      written: [],
      touches: 1,
    }))

  test('switched off, also with something in the way admission is asked for an expansion without', async () => {
    const problems = [{ reason: 'ReferenceNotFound', path: 'spec.runtimeRef', message: '' }]
    const off = EgressSettings.parse({})
    expect(await looked({ resources: [policy], problems, egress: egressHash(egress) }, off)).toEqual({
      written: [],
      touches: 1,
    })
    expect(await looked({ resources: [], problems }, off)).toEqual({ written: [], touches: 0 })
  })

  describe('a schedule, with a Job that waits for its place', () => {
    const paused = 'CronJob {"suspend":true}'
    const released = 'Job {"suspend":false}'
    const problems = [{ reason: 'ReferenceNotFound', path: 'spec.mcpServerRefs[0]', message: '' }]
    const mark = egressHash(egress)
    const schedule = (o: object = {}) => ({ schedule: true, ...o })

    test('goes on under its policy', async () =>
      expect((await looked({ resources: [policy, nightly], egress: mark }, egress, schedule())).written).toContain(
        released,
      ))

    test('pauses when its policy cannot be there, and the Job waits on', async () =>
      expect(
        await looked({ resources: [policy, nightly], egress: mark }, egress, schedule({ stranger: true })),
      ).toEqual({
        written: [paused],
        touches: 0,
      }))

    test('pauses while its expansion is without a policy, and says so', async () => {
      const told: AgentJobStatus[] = []
      const status = (one: AgentJobStatus) => void told.push(one)
      expect(await looked({ resources: [nightly] }, egress, schedule({ status }))).toEqual({
        written: [paused],
        touches: 1,
      })
      const [ready] = told[0]?.conditions ?? []
      expect(ready).toMatchObject({ type: 'Ready', status: 'Unknown', reason: 'NoPolicy' })
    })

    test('pauses, too, when something else is in the way of the policy', async () =>
      expect((await looked({ resources: [nightly], problems }, egress, schedule())).written).toEqual([
        'CronJob',
        paused,
      ]))

    test('goes on without one where nothing is limited', async () => {
      const off = EgressSettings.parse({})
      expect((await looked({ resources: [nightly] }, off, schedule())).written).toEqual(['CronJob', released])
    })
  })
})
