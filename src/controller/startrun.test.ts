import { expect, test } from 'bun:test'
import { memoryLog } from '../../test/kube/scripted.ts'
import { traceOf, traceparent } from '../api/trace.ts'
import { REVISION_ANNOTATION } from '../expand/names.ts'
import { ApiError } from '../kube/errors.ts'
import { Store } from '../kube/store.ts'
import { BY_RUNTIME, type CachedAgentJob, type CachedJob } from './caches.ts'
import { type Context, createMemory } from './context.ts'
import { bury, forget, graveOf } from './graves.ts'
import { startRun } from './startrun.ts'

const owner = { kind: 'AgentJob', name: 'task', uid: 'uid', controller: true }
const metadata = {
  ...{ namespace: 'agents', name: 'task-1', uid: 'job' },
  labels: { 'agentjob.io/agentjob': 'task' },
  annotations: { [REVISION_ANNOTATION]: '1' },
}
const job = {
  metadata: { namespace: 'agents', name: 'task', uid: 'uid' },
  spec: {},
  expansion: { references: [], problems: [], resources: [{ kind: 'Job', metadata }] },
} as unknown as CachedAgentJob
const run = { metadata: { ...metadata, ownerReferences: [owner] }, uses: [] } as unknown as CachedJob

function world() {
  const jobs = new Store<CachedJob>(memoryLog())
  jobs.index('owner', () => [])
  const memory = createMemory()
  const created: string[] = []
  const sent: object[] = []
  const create = (_: unknown, object: CachedJob) => {
    created.push(object.metadata.name)
    sent.push(object)
    return Promise.resolve(run)
  }
  const references = { quotasOf: () => [] }
  const ctx = { caches: { jobs, references }, memory, log: memoryLog(), client: { create } } as unknown as Context
  return { ctx, memory, created, sent }
}

test('a revision whose Job is gone before any status told of it does not run again', async () => {
  const { ctx, memory, created } = world()
  bury(memory, run)
  expect(await startRun(ctx, job)).toBeUndefined()
  expect(created).toEqual([])
})

test('where traces are told, the Job and its pods name the trace of the run; an expansion does not', async () => {
  const [plain, tracing] = [world(), world()]
  const template = { metadata: { annotations: { words: 'kept' } }, spec: {} }
  const child = { kind: 'Job', metadata, spec: { template } }
  const traced = {
    ...job,
    expansion: { references: [], problems: [], resources: [child] },
  } as unknown as CachedAgentJob
  await startRun(plain.ctx, traced)
  expect(plain.sent).toHaveLength(1)
  expect(JSON.stringify(plain.sent)).not.toContain('traceparent')
  await startRun({ ...tracing.ctx, traces: { ended() {} } }, traced)
  const annotation = { 'agentjob.io/traceparent': traceparent(traceOf('agents', 'task-1')) }
  expect(tracing.sent[0]).toMatchObject({
    metadata: { annotations: { ...metadata.annotations, ...annotation } },
    spec: { template: { metadata: { annotations: { words: 'kept', ...annotation } } } },
  })
  expect(JSON.stringify(traced)).not.toContain('traceparent')
})

test('the Job of another AgentJob of that name keeps nothing from running', async () => {
  const { ctx, memory, created } = world()
  bury(memory, { ...run, metadata: { ...run.metadata, ownerReferences: [{ ...owner, uid: 'earlier' }] } } as CachedJob)
  expect(await startRun(ctx, job)).toBe('started')
  expect(created).toEqual(['task-1'])
})

test('what a status tells of is remembered no longer', () => {
  const { memory } = world()
  bury(memory, run)
  forget(memory, 'agents/task', graveOf(memory, 'agents/task'), {})
  expect(graveOf(memory, 'agents/task').jobs).toEqual([])
})

test('a run that was refused, and then finds no place, tells why it was for a minute; then that it waits', async () => {
  const echo = { kind: 'AgentRuntime', namespace: 'agents', name: 'echo', hash: '1' }
  const limited = {
    ...job,
    expansion: { references: [echo], problems: [], resources: [{ kind: 'Job', metadata }] },
  } as unknown as CachedAgentJob
  const { ctx, memory } = world()
  const clock = { ms: 0 }
  const running: CachedJob[] = []
  const agentJobs = { byIndex: () => [limited], getByKey: () => limited }
  const references = { quotasOf: () => [], lookup: () => ({ spec: { maxConcurrentRuns: 1 } }) }
  const taken = { get: () => undefined, byIndex: (index: string) => (index === BY_RUNTIME ? running : []) }
  Object.assign(ctx, {
    caches: { jobs: taken, agentJobs, references, children: new Map() },
    client: { create: () => Promise.reject(new ApiError(403, { reason: 'Forbidden', message: 'a policy says no' })) },
    ...{ now: () => new Date(clock.ms), enqueue() {} },
  })
  memory.places.isComplete = true
  expect(await startRun(ctx, limited)).toMatchObject({ reason: 'Refused' })
  expect([...memory.places.given]).toEqual([])
  running.push({ metadata: { ...metadata, name: 'other', ownerReferences: [owner] } } as unknown as CachedJob)
  clock.ms = 59_999
  expect(await startRun(ctx, limited)).toMatchObject({ reason: 'Refused' })
  clock.ms = 60_000
  expect(await startRun(ctx, limited)).toBe('queued')
})
