import { expect, test } from 'bun:test'
import { memoryLog } from '../../test/kube/scripted.ts'
import { HELD_ANNOTATION, REVISION_ANNOTATION, RUNTIME_ANNOTATION } from '../expand/names.ts'
import { ApiError } from '../kube/errors.ts'
import type { KubeObject } from '../kube/object.ts'
import { Store } from '../kube/store.ts'
import { BY_NAMESPACE, BY_REFERENCE, BY_RUNTIME, type CachedAgentJob, type CachedJob, referenceKey } from './caches.ts'
import { type Context, createMemory } from './context.ts'
import { isFinished } from './outline.ts'
import { askAgain, isSeen, settlePlaces, takePlace } from './places.ts'
import { releaseRuns } from './startrun.ts'
import { ownerUid } from './types.ts'

/* One-shots and schedules of several namespaces, on AgentRuntimes with limits of their own and of the library. */

const at = (second: number) => new Date(second * 1000).toISOString()

function world(limits: Record<string, number>, refuses: string[] = [], quotas: Record<string, number> = {}) {
  let version = 0
  const metadata = (namespace: string, name: string, second = 0) => ({
    ...{ namespace, name, uid: name, resourceVersion: `${++version}`, creationTimestamp: at(second) },
  })
  const agentJobs = new Store<CachedAgentJob>(memoryLog())
  agentJobs.index(BY_REFERENCE, (job) =>
    (job.expansion?.references ?? []).map(({ kind, namespace, name }) => referenceKey(kind, namespace, name)),
  )
  const jobs = new Store<CachedJob>(memoryLog())
  jobs.index(BY_RUNTIME, (job) => (isFinished(job) ? [] : [job.metadata.annotations?.[RUNTIME_ANNOTATION] ?? '']))
  jobs.index(BY_NAMESPACE, (job) => (isFinished(job) ? [] : [job.metadata.namespace ?? '']))
  agentJobs.index(BY_NAMESPACE, (job) => [job.metadata.namespace ?? ''])
  const cronJobs = new Store<KubeObject>(memoryLog())
  for (const store of [jobs, cronJobs])
    store.index('owner', (object) => [`${object.metadata.namespace}/${ownerUid(object)}`])
  const memory = createMemory()
  const clock = { ms: 0 }
  const asked: string[] = []
  memory.places.isComplete = true
  const queue = new Set<string>()
  const ctx = {
    caches: {
      ...{ agentJobs, jobs, children: new Map([['CronJob', cronJobs]]) },
      references: {
        lookup: (_: string, namespace: string, name: string) => ({
          spec: { maxConcurrentRuns: limits[`${namespace}/${name}`] },
          hash: '1',
        }),
        quotasOf: (namespace: string) =>
          namespace in quotas ? [{ name: 'team', spec: { maxRunningRuns: quotas[namespace] } }] : [],
      },
    },
    client: {
      mergePatch: async (_: unknown, { namespace, name }: { namespace: string; name: string }) => {
        asked.push(name)
        if (refuses.includes(name)) throw new ApiError(403, { reason: 'Forbidden', message: 'a policy says no' })
        const run = jobs.get(namespace, name) as CachedJob
        jobs.upsert({
          ...run,
          metadata: { ...run.metadata, resourceVersion: `${++version}` },
          spec: { suspend: false },
        })
      },
    },
    ...{ memory, libraryNamespace: 'library', enqueue: (key: string) => queue.add(key), now: () => new Date(clock.ms) },
  } as unknown as Context
  jobs.onChange(({ object, type }) => isSeen(ctx, object, type === 'deleted'))

  function agentJob(key: string, runtime: string, o: { second?: number; spec?: object; runs?: object[] } = {}) {
    const [namespace, name] = key.split('/') as [string, string]
    const [at, called] = runtime.split('/') as [string, string]
    const isSchedule = o.spec !== undefined
    const run = { kind: 'Job', metadata: { name: `${name}-1`, annotations: { [REVISION_ANNOTATION]: '1' } } }
    agentJobs.upsert({
      metadata: metadata(namespace, name, o.second),
      spec: o.spec ?? {},
      status: { runs: o.runs ?? [] },
      expansion: {
        references: [{ kind: 'AgentRuntime', namespace: at, name: called, hash: '1' }],
        problems: [],
        resources: isSchedule ? [] : [run],
      },
    } as unknown as CachedAgentJob)
    if (isSchedule)
      cronJobs.upsert({
        kind: 'CronJob',
        metadata: { ...metadata(namespace, name), uid: `${name}-cron`, ...ownedBy(name) },
      } as KubeObject)
  }
  function scheduledJob(key: string, runtime: string, o: { of: string; second?: number; held?: boolean }) {
    const [namespace, name] = key.split('/') as [string, string]
    jobs.upsert({
      metadata: {
        ...metadata(namespace, name, o.second),
        ...ownedBy(`${o.of}-cron`),
        labels: { 'agentjob.io/agentjob': o.of },
        annotations: { [RUNTIME_ANNOTATION]: runtime, ...(o.held ? { [HELD_ANNOTATION]: 'true' } : {}) },
      },
      spec: { suspend: o.held === true },
      status: {},
    } as unknown as CachedJob)
  }
  /** Looks at an AgentJob as a reconcile does, up to the creation of its Job: whether that may be created. */
  async function look(key: string, o: { throws?: boolean; refused?: boolean } = {}): Promise<boolean> {
    const [namespace, name] = key.split('/') as [string, string]
    const waitedFor = askAgain(ctx, key)
    const job = agentJobs.getByKey(key) as CachedAgentJob
    let starts = false
    if (!o.throws) {
      starts = !o.refused && job.expansion?.resources.length ? takePlace(ctx, job, { name: `${name}-1` }) : false
      const runs = [...jobs.values()].filter(
        (run) => run.metadata.namespace === namespace && ownerUid(run) === `${name}-cron`,
      )
      failures.push(...(await releaseRuns(ctx, job, runs)).map(({ reason }) => reason))
    }
    settlePlaces(ctx, key, { waitedFor, isClear: !o.throws })
    return starts
  }
  const failures: string[] = []
  const isSuspended = (key: string) => jobs.getByKey(key)?.spec?.suspend
  return { ctx, memory, queue, agentJob, scheduledJob, look, isSuspended, asked, failures, clock }
}

const ownedBy = (uid: string) => ({ ownerReferences: [{ uid, controller: true }] })
const SCHEDULE = { spec: {} }

test('a Job that waits on the AgentRuntime that its schedule had before is let go all the same', async () => {
  const w = world({ 'library/big': 1, 'library/other': 5 })
  w.agentJob('a/nightly', 'library/other', SCHEDULE)
  w.scheduledJob('a/nightly-100', 'library/big', { of: 'nightly', held: true })
  await w.look('a/nightly')
  expect(w.isSuspended('a/nightly-100')).toBe(false)
})

test('one that runs there goes on to take its place', async () => {
  const w = world({ 'library/big': 1, 'library/other': 5 })
  w.agentJob('a/nightly', 'library/other', SCHEDULE)
  w.scheduledJob('a/nightly-100', 'library/big', { of: 'nightly' })
  w.agentJob('b/mine', 'library/big', { second: 9 })
  expect(await w.look('b/mine')).toBe(false)
})

test('a schedule that waits for one AgentRuntime is let go on another', async () => {
  const w = world({ 'library/big': 1, 'a/mine': 1 })
  w.agentJob('a/hog', 'a/mine', SCHEDULE)
  w.scheduledJob('a/hog-1', 'a/mine', { of: 'hog' })
  w.agentJob('a/both', 'library/big', SCHEDULE)
  w.scheduledJob('a/both-1', 'a/mine', { of: 'both', second: 2, held: true })
  w.scheduledJob('a/both-2', 'library/big', { of: 'both', second: 3, held: true })
  await w.look('a/both')
  expect([w.isSuspended('a/both-1'), w.isSuspended('a/both-2')]).toEqual([true, false])
})

test('nobody waits behind a Job whose release is refused', async () => {
  const w = world({ 'library/big': 1 }, ['evil-1'])
  w.agentJob('a/evil', 'library/big', SCHEDULE)
  w.scheduledJob('a/evil-1', 'library/big', { of: 'evil', second: 2, held: true })
  w.agentJob('b/next', 'library/big', { second: 9 })
  await w.look('a/evil')
  expect([...w.memory.places.given.keys()]).toEqual([])
  expect(w.queue).toContain('b/next')
  expect(await w.look('b/next')).toBe(true)
})

test('nor does the next Job of the same schedule, which asks for nobody to be looked at again', async () => {
  const w = world({ 'library/big': 1 }, ['evil-1', 'evil-2'])
  w.agentJob('a/evil', 'library/big', SCHEDULE)
  for (const second of [1, 2, 3]) w.scheduledJob(`a/evil-${second}`, 'library/big', { of: 'evil', second, held: true })
  w.queue.clear()
  await w.look('a/evil')
  expect(w.asked).toEqual(['evil-1', 'evil-2', 'evil-3'])
  expect(w.isSuspended('a/evil-3')).toBe(false)
  expect([...w.queue]).toEqual([])
})

test('who was refused and finds no place at the next try tells why, for a minute', async () => {
  const w = world({ 'library/big': 1 }, ['evil-1'])
  w.agentJob('a/evil', 'library/big', SCHEDULE)
  w.scheduledJob('a/evil-1', 'library/big', { of: 'evil', second: 1, held: true })
  await w.look('a/evil')
  w.agentJob('b/next', 'library/big', SCHEDULE)
  w.scheduledJob('b/next-1', 'library/big', { of: 'next' })
  w.clock.ms += 59_999
  await w.look('a/evil')
  expect([w.failures, w.asked]).toEqual([['Refused', 'Refused'], ['evil-1']])
  expect([...w.memory.places.waiting.keys()]).toEqual(['a/evil-1'])
  w.clock.ms += 1
  await w.look('a/evil')
  expect(w.failures).toHaveLength(2)
  w.scheduledJob('a/evil-1', 'library/big', { of: 'evil', second: 1 })
  await w.look('a/evil')
  expect([...w.memory.places.refused]).toEqual([])
})

test('nobody waits behind a Job whose AgentJob cannot be looked at', async () => {
  const w = world({ 'library/big': 1 })
  w.agentJob('a/evil', 'library/big', SCHEDULE)
  w.scheduledJob('a/evil-1', 'library/big', { of: 'evil', second: 2, held: true })
  w.agentJob('b/next', 'library/big', { second: 9 })
  await w.look('a/evil', { throws: true })
  expect(await w.look('b/next')).toBe(true)
})

test('a run that is refused does not keep the scheduled one of its AgentJob', async () => {
  const w = world({ 'library/big': 1 })
  w.agentJob('a/rerun', 'library/big')
  w.agentJob('a/rerun', 'library/big', { spec: {} })
  w.agentJob('a/rerun', 'library/big')
  w.scheduledJob('a/rerun-100', 'library/big', { of: 'rerun', second: 5, held: true })
  w.agentJob('b/next', 'library/big', { second: 9 })
  await w.look('a/rerun', { refused: true })
  await w.look('a/rerun', { refused: true })
  expect(w.isSuspended('a/rerun-100')).toBe(false)
})

test('an old AgentJob that has run already goes to the end of the line', async () => {
  const w = world({ 'library/big': 1 })
  w.agentJob('b/young', 'library/big', { second: 9 })
  w.agentJob('a/old', 'library/big', { second: 0, runs: [{ startTime: at(1), completionTime: at(20) }] })
  expect([await w.look('a/old'), await w.look('b/young')]).toEqual([false, true])
})

test('under Replace a Job waits from when the one before had ended', async () => {
  const w = world({ 'library/big': 1 })
  w.agentJob('a/often', 'library/big', { spec: { concurrencyPolicy: 'Replace' }, second: 1 })
  w.scheduledJob('a/often-7', 'library/big', { of: 'often', second: 700, held: true })
  w.agentJob('b/young', 'library/big', { second: 9 })
  expect(await w.look('b/young')).toBe(false)
})

test('a place that was not used is given to who was told to wait meanwhile', () => {
  const w = world({ 'library/big': 1 })
  const take = (key: string) => {
    const job = w.ctx.caches.agentJobs.getByKey(key) as CachedAgentJob
    return takePlace(w.ctx, job, { name: `${job.metadata.name}-1` })
  }
  const settle = (key: string) => settlePlaces(w.ctx, key, { waitedFor: new Map(), isClear: true })
  w.agentJob('a/refused', 'library/big', { second: 1 })
  expect(take('a/refused')).toBe(true)
  settle('a/refused')
  w.agentJob('b/next', 'library/big', { second: 9 })
  // its next try is under way
  expect([take('a/refused'), take('b/next')]).toEqual([true, false])
  settle('b/next')
  w.queue.clear()
  settle('a/refused')
  expect([...w.queue]).toEqual(['b/next'])
})

test('a Job of another namespace takes no place of an AgentRuntime that is not of the library', async () => {
  const w = world({ 'b/mine': 1 })
  w.agentJob('a/evil', 'library/big', SCHEDULE)
  w.scheduledJob('a/forged', 'b/mine', { of: 'evil' })
  w.agentJob('b/next', 'b/mine', { second: 9 })
  expect(await w.look('b/next')).toBe(true)
})

test('who waits for an AgentQuota of his own holds up nobody of another namespace', async () => {
  const w = world({ 'library/big': 1 }, [], { a: 0 })
  w.agentJob('a/blocked', 'library/big', { second: 1 })
  w.agentJob('b/next', 'library/big', { second: 9 })
  expect([await w.look('a/blocked'), await w.look('b/next')]).toEqual([false, true])
})

test('an AgentQuota counts the runs of its namespace on whichever AgentRuntime, and lets suspended ones go one by one', async () => {
  const w = world({}, [], { a: 2 })
  w.agentJob('a/busy', 'a/one', SCHEDULE)
  w.scheduledJob('a/busy-1', 'a/one', { of: 'busy' })
  w.agentJob('a/nightly', 'a/two', SCHEDULE)
  w.scheduledJob('a/nightly-1', 'a/two', { of: 'nightly', second: 2, held: true })
  w.scheduledJob('a/nightly-2', 'a/two', { of: 'nightly', second: 3, held: true })
  w.agentJob('b/other', 'b/one', { second: 9 })
  await w.look('a/nightly')
  expect(['a/nightly-1', 'a/nightly-2'].map(w.isSuspended)).toEqual([false, true])
  expect(await w.look('b/other')).toBe(true)
})

test('a Job that an AgentJob has not made takes no place of an AgentQuota', async () => {
  const w = world({}, [], { a: 1 })
  w.agentJob('a/mine', 'a/one', { second: 5 })
  w.scheduledJob('a/forged', 'a/one', { of: 'mine' })
  expect(await w.look('a/mine')).toBe(true)
})
