import { expect, test } from 'bun:test'
import { memoryLog } from '../../test/kube/scripted.ts'
import type { AgentJobStatus, Run } from '../api/agentjobstatus.ts'
import { ApiError, TransportError } from '../kube/errors.ts'
import { Store } from '../kube/store.ts'
import { observed } from '../status/testdata/observed.ts'
import type { CachedAgentJob, CachedJob, CachedPod } from './caches.ts'
import { type Context, createMemory } from './context.ts'
import { mirror } from './mirror.ts'
import { BY_REGARDING, type Note, regardingKeyOf } from './notes.ts'

/** An AgentJob whose one run has ended, and an API server that answers its status writes as the test says. */
function world() {
  const [jobs, pods] = [new Store<CachedJob>(memoryLog()), new Store<CachedPod>(memoryLog())]
  const [failedCreates, failedMounts] = [new Store<Note>(memoryLog()), new Store<Note>(memoryLog())]
  for (const store of [failedCreates, failedMounts]) store.index(BY_REGARDING, regardingKeyOf)
  for (const store of [jobs, pods])
    (store as Store<CachedJob>).index('owner', ({ metadata }) => [`agents/${metadata.ownerReferences?.[0]?.uid}`])
  jobs.upsert({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...{ namespace: 'agents', name: 'a-e1', uid: 'uid-e1', resourceVersion: '1' },
      labels: { 'agentjob.io/agentjob': 'a' },
      annotations: { 'agentjob.io/revision': 'e1' },
      ownerReferences: [{ kind: 'AgentJob', name: 'a', uid: 'uid-a', controller: true }],
    },
    status: { conditions: [{ type: 'Complete', status: 'True' }], startTime: '2026-05-04T09:00:05Z' },
    uses: [],
  } as unknown as CachedJob)
  let stored: CachedAgentJob = {
    ...(observed({}).job as CachedAgentJob),
    metadata: { namespace: 'agents', name: 'a', uid: 'uid-a', generation: 3, resourceVersion: '1' },
  } as CachedAgentJob
  const told = { counted: [] as string[], events: [] as string[] }
  let answer = (written: CachedAgentJob) => written
  const ctx = {
    caches: { jobs, pods, failedCreates, failedMounts, children: new Map() },
    client: {
      list: () => Promise.resolve({ items: [] }),
      mergePatch(_: object, __: object, { status }: { status: AgentJobStatus }) {
        const { resourceVersion } = stored.metadata
        const metadata = { ...stored.metadata, resourceVersion: `${Number(resourceVersion) + 1}` }
        return Promise.resolve().then(() => answer({ ...stored, metadata, status }))
      },
    },
    memory: createMemory(),
    log: memoryLog(),
    metrics: { ended: ({ uid, phase }: Run) => told.counted.push(`${uid} ${phase}`), skipped() {} },
    outbox: { owe() {}, deliveriesOf: () => new Map() },
    record: (_: object, __: string, reason: string) => told.events.push(reason),
    now: () => new Date('2026-05-04T10:00:00Z'),
    since: new Date('2026-05-04T09:00:00Z'),
  } as unknown as Context
  return {
    ctx,
    told,
    look: () => mirror(ctx, stored, { over: stored.metadata.resourceVersion, verified: true, failures: [] }),
    /** The next writes are answered like that; `done` is what the API server has afterwards. */
    answers(next: 'ok' | 'lost' | 'conflict') {
      answer = (written) => {
        if (next === 'conflict') throw new ApiError(409, { reason: 'Conflict' })
        stored = written
        if (next === 'lost') throw new TransportError('reset')
        return written
      }
    },
  }
}

test('the end of a run is counted when it is written, and never again', async () => {
  const { look, told, answers } = world()
  answers('ok')
  await look()
  await look()
  expect(told).toEqual({ counted: ['uid-e1 Succeeded'], events: ['Started', 'Succeeded'] })
})

test('a status that is written already is no news: a new leader counts no old runs', async () => {
  const { ctx, look, told, answers } = world()
  answers('ok')
  await look()
  told.counted.length = 0
  ctx.memory = createMemory()
  await look()
  expect(told.counted).toEqual([])
})

test('a write that was done but not answered is told of at the next look', async () => {
  const { look, told, answers } = world()
  answers('lost')
  await expect(look()).rejects.toThrow('reset')
  expect(told.counted).toEqual([])
  await look()
  await look()
  expect(told).toEqual({ counted: ['uid-e1 Succeeded'], events: ['Started', 'Succeeded'] })
})

test('what could not be written is not told of', async () => {
  const { look, told, answers } = world()
  answers('conflict')
  expect((await look()).written).toBe(false)
  expect(told).toEqual({ counted: [], events: [] })
  answers('ok')
  await look()
  expect(told.counted).toEqual(['uid-e1 Succeeded'])
})
