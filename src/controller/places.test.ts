import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { memoryLog } from '../../test/kube/scripted.ts'
import { HELD_ANNOTATION, REVISION_ANNOTATION, RUNTIME_ANNOTATION } from '../expand/names.ts'
import { Store } from '../kube/store.ts'
import { BY_NAMESPACE, BY_REFERENCE, BY_RUNTIME, type CachedAgentJob, type CachedJob, referenceKey } from './caches.ts'
import { type Context, createMemory } from './context.ts'
import { bury } from './graves.ts'
import { isFinished } from './outline.ts'
import { askAgain, dayBegins, isSeen, settlePlaces, takePlace, waitsFor } from './places.ts'

interface JobGiven {
  suspend?: boolean
  ended?: boolean
  held?: boolean
  second?: number
  /** Uid of its AgentJob. */
  owner?: string
}

/** A controller of which only the places are real, with an AgentRuntime agents/echo that runs `limit` at a time, and AgentQuotas. */
class World {
  agentJobs = new Store<CachedAgentJob>(memoryLog())
  jobs = new Store<CachedJob>(memoryLog())
  queue = new Set<string>()
  memory = createMemory()
  time = '2026-03-01T12:00:00Z'
  #version = 0
  ctx: Context

  constructor(limit: number | undefined, quotas: Record<string, number> = {}) {
    this.agentJobs.index(BY_REFERENCE, () => [referenceKey('AgentRuntime', 'agents', 'echo')])
    this.jobs.index('owner', (job) => [`agents/${job.metadata.ownerReferences?.[0]?.uid}`])
    this.jobs.index(BY_RUNTIME, (job) => (isFinished(job) ? [] : ['agents/echo']))
    const unended = (job: CachedJob) => (isFinished(job) ? [] : ['agents'])
    this.jobs.index(BY_NAMESPACE, unended)
    this.agentJobs.index(BY_NAMESPACE, () => ['agents'])
    const references = {
      lookup: () => ({ spec: { maxConcurrentRuns: limit }, hash: '1' }),
      quotasOf: () => Object.entries(quotas).map(([name, limit]) => ({ name, spec: specOf(name, limit) })),
      stores: new Map([['AgentQuota', { get: (_: string, name: string) => ({ metadata: { name, uid: name } }) }]]),
    }
    // an AgentQuota of the name day has a limit of a day
    const specOf = (name: string, limit: number) =>
      name === 'day' ? { maxRunsPerDay: limit } : { maxRunningRuns: limit }
    const enqueue = (key: string) => this.queue.add(key)
    const { agentJobs, jobs, memory } = this
    const caches = { agentJobs, jobs, references, children: new Map() }
    const now = () => new Date(this.time)
    this.ctx = { caches, memory, enqueue, now } as unknown as Context
    this.memory.places.isComplete = true
    this.jobs.onChange(({ object, type }) => {
      if (type === 'deleted') bury(this.memory, object)
      isSeen(this.ctx, object, type === 'deleted')
    })
    this.agentJobs.onChange(({ object }) => this.queue.add(`agents/${object.metadata.name}`))
  }

  ask(name: string, second: number, spec: object = {}): void {
    const run = { kind: 'Job', metadata: { name: `${name}-1`, annotations: { [REVISION_ANNOTATION]: '1' } } }
    this.agentJobs.upsert({
      metadata: { namespace: 'agents', name, uid: name, resourceVersion: `${++this.#version}`, ...at(second) },
      spec,
      expansion: {
        references: [{ kind: 'AgentRuntime', namespace: 'agents', name: 'echo', hash: '1' }],
        problems: [],
        resources: [run],
      },
    } as unknown as CachedAgentJob)
  }

  job(name: string, o: JobGiven = {}): void {
    this.jobs.upsert({
      metadata: {
        ...{ namespace: 'agents', name: `${name}-1`, uid: `${name}-1`, resourceVersion: `${++this.#version}` },
        ...at(o.second ?? 0),
        labels: { 'agentjob.io/agentjob': name },
        ownerReferences: [{ kind: 'AgentJob', name, uid: o.owner ?? name, controller: true }],
        annotations: { [RUNTIME_ANNOTATION]: 'agents/echo', ...(o.held ? { [HELD_ANNOTATION]: 'true' } : {}) },
      },
      spec: { suspend: o.suspend },
      status: o.ended ? { conditions: [{ type: 'Complete', status: 'True' }] } : {},
    } as unknown as CachedJob)
  }

  /** Looks at an AgentJob: whether it got a place. `fails` keeps it from using it. */
  look(name: string, fails = false): boolean {
    const key = `agents/${name}`
    const waitedFor = askAgain(this.ctx, key)
    const job = this.agentJobs.getByKey(key)
    const isDue = job && !job.spec.suspend && !this.jobs.get('agents', `${name}-1`)
    const starts = isDue === true && !fails && takePlace(this.ctx, job, { name: `${name}-1` })
    if (starts) this.job(name)
    settlePlaces(this.ctx, key, { waitedFor, isClear: true })
    return starts
  }

  get running(): string[] {
    return [...this.jobs.values()].filter((job) => !isFinished(job)).map(({ metadata }) => metadata.name.slice(0, -2))
  }
}

const TODAY = { day: '2026-03-01', runningRuns: 0, resourceVersion: '1' }
const at = (second: number) => ({ creationTimestamp: new Date(second * 1000).toISOString() })

test('no more than the limit, and then the oldest', () => {
  const world = new World(1)
  for (const [name, second] of [
    ['young', 3],
    ['old', 1],
    ['middle', 2],
  ] as const)
    world.ask(name, second)
  expect([world.look('young'), world.look('old'), world.look('middle')]).toEqual([false, true, false])
  world.queue.clear()
  world.job('old', { ended: true })
  expect([...world.queue]).toEqual(['agents/middle'])
})

test('a run that is gone before a status told of it does not stand in line', () => {
  const world = new World(1)
  for (const [name, second] of [
    ['x', 1],
    ['y', 2],
  ] as const)
    world.ask(name, second)
  expect([world.look('x'), world.look('y')]).toEqual([true, false])
  world.queue.clear()
  world.jobs.delete(world.jobs.get('agents', 'x-1')!)
  expect([...world.queue]).toEqual(['agents/y'])
  expect(world.look('y')).toBe(true)
})

test('without a limit nobody waits', () => {
  const world = new World(undefined)
  for (const name of ['a', 'b']) world.ask(name, 1)
  expect([world.look('b'), world.look('a')]).toEqual([true, true])
})

test('a new leader gives nothing away before it knows who waits', () => {
  const world = new World(5)
  world.memory.places.isComplete = false
  world.ask('a', 1)
  expect(world.look('a')).toBe(false)
})

test('nobody waits behind one that cannot start', () => {
  const world = new World(1)
  world.ask('refused', 1)
  world.ask('next', 2)
  expect(world.look('next')).toBe(false)
  world.queue.clear()
  expect(world.look('refused', true)).toBe(false)
  expect([...world.queue]).toEqual(['agents/next'])
  expect(world.look('next')).toBe(true)
})

test('who leaves the line lets the next one through', () => {
  const world = new World(1)
  for (const [name, second] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const)
    world.ask(name, second)
  for (const name of ['a', 'b', 'c']) world.look(name)
  world.job('a', { ended: true })
  world.ask('b', 2, { suspend: true })
  world.queue.clear()
  expect(world.look('b')).toBe(false)
  expect([...world.queue]).toEqual(['agents/c'])
})

test('a suspended Job of a schedule waits in the same line, and has its place from its release on', () => {
  const world = new World(1)
  world.ask('later', 5)
  world.job('nightly', { suspend: true, held: true, second: 4 })
  world.ask('nightly', 0)
  const owner = world.agentJobs.getByKey('agents/nightly') as CachedAgentJob
  expect(world.look('later')).toBe(false)
  expect(takePlace(world.ctx, owner, { name: 'nightly-1', runtime: 'agents/echo' })).toBe(true)
  expect(world.look('later')).toBe(false)
})

test('a Job that nobody has asked for takes no place, and waits for none', () => {
  const world = new World(1)
  world.ask('mine', 5)
  world.job('stranger')
  world.ask('other', 9, { suspend: true })
  world.job('other', { owner: 'somebody else' })
  world.job('mine', { owner: 'somebody else', held: true, suspend: true })
  world.jobs.delete(world.jobs.get('agents', 'mine-1') as CachedJob)
  expect(world.look('mine')).toBe(true)
})

test('all AgentQuotas of the namespace hold, beside the limit of the AgentRuntime', () => {
  const world = new World(3, { wide: 9, narrow: 2 })
  const names = ['a', 'b', 'c', 'd']
  for (const [second, name] of names.entries()) world.ask(name, second)
  expect(names.map((name) => world.look(name))).toEqual([true, true, false, false])
  expect(waitsFor(world.ctx, 'agents/d')).toEqual({ kind: 'AgentQuota', name: 'narrow' })
  expect(waitsFor(world.ctx, 'agents/a')).toBeUndefined()
  world.queue.clear()
  world.job('a', { ended: true })
  expect([...world.queue]).toEqual(['agents/c'])
})

test('when the next day begins, those are looked at who have a place of it, and nobody else', () => {
  const world = new World(undefined, { day: 2 })
  const names = ['a', 'b', 'c', 'd', 'e']
  for (const [second, name] of names.entries()) world.ask(name, second)
  const counted = new Set(['agents/a-1', 'agents/b-1'])
  world.memory.days.set('day', { ...TODAY, runs: 2, counted, seen: new Set() })
  expect(names.map((name) => world.look(name))).toEqual([true, true, false, false, false])
  world.queue.clear()
  dayBegins(world.ctx)
  expect([...world.queue]).toEqual([])
  world.time = '2026-03-02T00:00:01Z'
  dayBegins(world.ctx)
  expect([...world.queue]).toEqual(['agents/c', 'agents/d'])
})

test('who is counted today needs no place of today again, and nobody else has his', () => {
  const world = new World(undefined, { day: 1 })
  for (const [second, name] of ['a', 'b'].entries()) world.ask(name, second)
  const counted = new Set(['agents/a-1'])
  world.memory.days.set('day', {
    day: '2026-03-01',
    runs: 1,
    runningRuns: 0,
    resourceVersion: '1',
    counted,
    seen: new Set(),
  })
  expect([world.look('b'), world.look('a')]).toEqual([false, true])
  expect(waitsFor(world.ctx, 'agents/b')).toEqual({ kind: 'AgentQuotaDay', name: 'day' })
  world.job('a', { ended: true })
  expect(world.look('b')).toBe(false)
})

test('in whatever order things happen: never more than the limit, first come first served, and all of them run', () => {
  const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const most = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined })
  const limits = { ofRuntime: most, one: most, two: most }
  const step = fc.record({ what: fc.constantFrom('look', 'end', 'fail', 'suspend', 'resume'), which: fc.nat(7) })
  fc.assert(
    fc.property(fc.record(limits), fc.array(step, { maxLength: 60 }), ({ ofRuntime, one, two }, steps) => {
      const quotas = { ...(one ? { one } : {}), ...(two ? { two } : {}) }
      const world = new World(ofRuntime, quotas)
      const limit = Math.min(ofRuntime ?? 99, one ?? 99, two ?? 99)
      for (const [second, name] of NAMES.entries()) world.ask(name, second)
      const happen = (name: string, what: string) => {
        world.queue.delete(`agents/${name}`)
        const isRunning = world.running.includes(name)
        if (what === 'look') world.look(name)
        else if (what === 'fail') world.look(name, true)
        else if (what === 'end' && isRunning) world.job(name, { ended: true })
        else if (what === 'suspend' || what === 'resume')
          world.ask(name, NAMES.indexOf(name), { suspend: what === 'suspend' })
        // what has failed is tried again
        if (what === 'fail') world.queue.add(`agents/${name}`)
        expect(world.running.length).toBeLessThanOrEqual(limit)
      }
      for (const { what, which } of steps) happen(NAMES[which] as string, what)
      for (const name of NAMES) happen(name, 'resume')
      for (let round = 0; round < 100 && (world.queue.size || world.running.length); round++) {
        for (const key of [...world.queue]) happen(key.slice('agents/'.length), 'look')
        const [running] = world.running
        if (running) happen(running, 'end')
      }
      expect(NAMES.filter((name) => !world.jobs.get('agents', `${name}-1`))).toEqual([])
    }),
  )
})
