import type { AgentQuotaSpec } from '../api/agentquota.ts'
import { countsRuns } from '../expand/held.ts'
import type { Referenced } from '../expand/input.ts'
import { objectKey } from '../kube/object.ts'
import type { Failure, WaitsFor } from '../status/observed.ts'
import {
  agentJobKeyOf,
  BY_NAMESPACE,
  BY_RUNTIME,
  type CachedAgentJob,
  type CachedJob,
  OURS,
  toCachedJob,
} from './caches.ts'
import type { Context } from './context.ts'
import { isHeld, lineOf, runtimeOf, type Waiting, waitingRunsOf } from './line.ts'
import { isFinished } from './outline.ts'
import { limitOf, type Pool, partsOf, poolsOf, poolsOfRun, quotaAt, takenIn } from './pools.ts'
import { countRun, inTurn } from './runsaday.ts'
import { JOB } from './types.ts'

/*
 * maxConcurrentRuns of an AgentRuntime, maxRunningRuns and maxRunsPerDay of AgentQuotas. A run has a place from when its
 * Job is asked for until the Job has ended, or the day. Who has one and who waits is told by the objects, so that nothing
 * is lost with a leader. Runs are named by their Jobs, `namespace/name`, whether these are there yet or not.
 */

/** What the leader knows of places, beside what the caches tell. */
export interface Places {
  /** Runs that have been given a place which no cache shows yet. */
  given: Map<string, { pools: Pool[]; owner: string; isReleased: boolean }>
  /** Runs that have been told to wait, and in which of their pools. */
  waiting: Map<string, { pools: Pool[]; owner: string; behind: Pool }>
  /** Runs in the line that something else keeps from starting: nobody waits behind them. */
  stuck: Map<string, { owner: string }>
  /** Runs that the API server has refused a short while ago, and why. */
  refused: Map<string, { owner: string; failure: Failure; at: number }>
  /** Whether all that waits is known: a new leader gives no place away before that. */
  isComplete: boolean
}

export const createPlaces = (): Places => ({
  given: new Map(),
  waiting: new Map(),
  stuck: new Map(),
  refused: new Map(),
  isComplete: false,
})

/** Gives a run of an AgentJob a place, or has it wait for one: whether it may start now. */
export function takePlace(ctx: Context, job: CachedAgentJob, run: { name: string; runtime?: string }): boolean {
  const { given, waiting } = ctx.memory.places
  const { namespace } = job.metadata
  const name = objectKey({ namespace, name: run.name })
  const pools = poolsOf(ctx, { namespace, name: run.name }, run.runtime ?? runtimeOf(job))
  const [first] = pools
  if (first === undefined || given.has(name)) return true
  const owner = objectKey(job)
  const full = pools.find((pool) => freeOf(ctx, pool) <= 0)
  const isTurn = full === undefined && nextOf(ctx, pools, name).some(({ job }) => job === name)
  if (isTurn) given.set(name, { pools, owner, isReleased: false })
  else waiting.set(name, { pools, owner, behind: full ?? first })
  return isTurn
}

/** For how long a run that was refused tells so, and not that it waits for a place: who is asked why by turns never rests. */
const REFUSED_MS = 60_000

/**
 * The API server has refused to start a run, or to let it go: its place is free again, and nobody waits behind it. The
 * other runs of its own AgentJob are looked at as it is.
 */
export function refuse(ctx: Context, job: CachedAgentJob, run: { name: string }, failure: Failure): Failure {
  const { given, stuck, refused } = ctx.memory.places
  const owner = objectKey(job)
  const name = objectKey({ namespace: job.metadata.namespace, name: run.name })
  const { pools = [] } = given.get(name) ?? {}
  refused.set(name, { owner, failure, at: ctx.now().getTime() })
  stuck.set(name, { owner })
  given.delete(name)
  callNext(ctx, pools, owner)
  return failure
}

/** Why a run that waits for a place was refused when it had one, a short while ago. */
export function refusedLately(ctx: Context, job: CachedAgentJob, run: { name: string }): Failure | undefined {
  const one = ctx.memory.places.refused.get(objectKey({ namespace: job.metadata.namespace, name: run.name }))
  return one && ctx.now().getTime() - one.at < REFUSED_MS ? one.failure : undefined
}

/** Counts a run that has been given a place among those of today: whether it may start. If not, it waits. */
export async function countToday(ctx: Context, job: CachedAgentJob, run: { name: string }): Promise<boolean> {
  const { given, waiting } = ctx.memory.places
  const name = objectKey({ namespace: job.metadata.namespace, name: run.name })
  for (const pool of given.get(name)?.pools.filter(isOfDay) ?? []) {
    const { namespace, name: called } = partsOf(pool)
    const [quota, limit] = [quotaAt(ctx, namespace, called), limitOf(ctx, pool)]
    if (!quota || limit === undefined) continue
    if (await inTurn(ctx, quota, () => countRun(ctx, quota, limit, name))) continue
    const { pools, owner } = given.get(name) ?? { pools: [pool], owner: objectKey(job) }
    given.delete(name)
    waiting.set(name, { pools, owner, behind: pool })
    return false
  }
  return true
}

/** What waits for a place of a day can go on by itself when the next one begins: those whose turn it is are looked at. */
export function dayBegins(ctx: Context): void {
  const waiting = [...ctx.memory.places.waiting.values()].flatMap(({ pools }) => (pools.some(isOfDay) ? pools : []))
  callNext(ctx, new Set(waiting))
}

const isOfDay = (pool: Pool) => partsOf(pool).kind === 'AgentQuotaDay'

/** Keeps the place of a Job that was suspended until the cache shows that it no longer is. */
export function keepPlace({ memory }: Context, run: CachedJob): void {
  const place = memory.places.given.get(objectKey(run))
  if (place) place.isReleased = true
}

/** A Job that the cache shows at work, or no more, is counted there. */
export function isSeen(ctx: Context, run: CachedJob, isDeleted: boolean): void {
  if (isDeleted || run.spec?.suspend !== true) ctx.memory.places.given.delete(objectKey(run))
  if (isDeleted || isFinished(run) || run.spec?.suspend === true) callNext(ctx, poolsOfRun(ctx, run))
}

/** Has those looked at whose turn it is, now that there may be room in a pool; `asker` is being looked at. */
function callNext(ctx: Context, pools: Iterable<Pool>, asker?: string): void {
  const open = [...pools].filter((pool) => freeOf(ctx, pool) > 0)
  if (!open.length) return
  for (const { owner } of nextOf(ctx, open)) if (owner !== asker) ctx.enqueue(owner, { urgent: true })
}

/** An AgentRuntime has another limit, or none any more. */
export function limitChanged(ctx: Context, runtime: string): void {
  const pool = `AgentRuntime/${runtime}`
  if (limitOf(ctx, pool) !== undefined) callNext(ctx, [pool])
  else
    for (const run of ctx.caches.jobs.byIndex(BY_RUNTIME, runtime))
      if (isHeld(run)) ctx.enqueue(agentJobKeyOf(run) ?? '')
}

/**
 * An AgentQuota has come, changed or gone: whoever waits in its namespace is told what for, or goes on. Where it counts
 * runs now and did not, or no longer does, the schedules of the namespace are looked at: their Jobs are to wait, or not.
 */
export function quotaChanged(ctx: Context, namespace: string, [before, now]: [QuotaState, QuotaState]): void {
  const { agentJobs, jobs } = ctx.caches
  const counts = (state: QuotaState) => countsRuns(state?.referenced?.spec as AgentQuotaSpec | undefined)
  if (counts(before) !== counts(now))
    for (const job of agentJobs.values()) if (job.metadata.namespace === namespace) ctx.enqueue(objectKey(job))
  for (const run of jobs.byIndex(BY_NAMESPACE, namespace)) if (isHeld(run)) ctx.enqueue(agentJobKeyOf(run) ?? '')
  for (const { owner } of ctx.memory.places.waiting.values()) if (owner.startsWith(`${namespace}/`)) ctx.enqueue(owner)
}

type QuotaState = { referenced?: Referenced } | undefined

/**
 * What a new leader does when everything that waits is in its cache: it counts the runs that its predecessor may have
 * let go a moment ago, and begins to give places away.
 */
export async function countRuns(ctx: Context): Promise<void> {
  const { caches, memory } = ctx
  const kinds = { AgentRuntime: 'AgentRuntime', AgentQuota: 'AgentQuota', AgentQuotaDay: 'AgentQuota' }
  const pools = Object.entries(kinds).flatMap(([kind, of]) =>
    [...(caches.references.stores.get(of)?.values() ?? [])].map((one) => `${kind}/${objectKey(one)}`),
  )
  const isLimited = pools.some((pool) => limitOf(ctx, pool) !== undefined)
  const unsuccessful = { ...OURS, fieldSelector: 'status.successful=0', goOn: true, signal: ctx.signal }
  if (isLimited)
    for await (const { items } of ctx.client.pages<CachedJob>(JOB, unsuccessful))
      for (const item of items) count(ctx, item)
  memory.places.isComplete = true
  callNext(ctx, new Set([...memory.places.waiting.values()].flatMap(({ pools }) => pools)))
}

function count(ctx: Context, run: CachedJob): void {
  const { caches, memory } = ctx
  const cached = caches.jobs.getByKey(objectKey(run))
  caches.jobs.upsertIfAbsent(toCachedJob(run))
  const pools = poolsOfRun(ctx, run)
  const isReleased = cached?.spec?.suspend === true && run.spec?.suspend !== true
  if (isReleased && pools.length)
    memory.places.given.set(objectKey(run), { pools, owner: agentJobKeyOf(run) ?? '', isReleased })
}

/** The runs of an AgentJob that wait, with their pools; they are to be asked again. */
export function askAgain({ memory }: Context, key: string): Map<string, Pool[]> {
  const { waiting } = memory.places
  const asked = new Map(entriesOf(waiting, key).map(([name, { pools }]) => [name, pools]))
  for (const name of asked.keys()) waiting.delete(name)
  return asked
}

/** What a run of an AgentJob has been told to wait for; undefined where none has. */
export function waitsFor({ memory }: Context, key: string): WaitsFor | undefined {
  const [entry] = entriesOf(memory.places.waiting, key)
  if (!entry) return undefined
  const { kind, name } = partsOf(entry[1].behind)
  return { kind, name }
}

/**
 * After a look at an AgentJob, or its end: a place that it has not used is free again, and who waits behind a run that
 * has left the line, or cannot go on, need not wait for it. `isClear`: it is known what came of its requests.
 */
export function settlePlaces(ctx: Context, key: string, o: { waitedFor: Map<string, Pool[]>; isClear: boolean }): void {
  const { given, waiting, stuck, refused } = ctx.memory.places
  const called = new Set([...o.waitedFor].flatMap(([name, pools]) => (waiting.has(name) ? [] : pools)))
  if (o.isClear)
    for (const [name, { pools, isReleased }] of entriesOf(given, key)) {
      if (isReleased) continue
      given.delete(name)
      for (const pool of pools) called.add(pool)
    }
  const before = new Set(entriesOf(stuck, key).map(([name]) => name))
  for (const name of before) stuck.delete(name)
  const line = waitingRunsOf(ctx, key)
  for (const [name] of entriesOf(refused, key)) if (!line.some(({ job }) => job === name)) refused.delete(name)
  for (const { job, pools } of line) {
    if (waiting.has(job) || given.has(job) || !pools.length) continue
    stuck.set(job, { owner: key })
    if (!before.has(job)) for (const pool of pools) called.add(pool)
  }
  callNext(ctx, called)
}

const entriesOf = <T extends { owner: string }>(map: Map<string, T>, key: string): [string, T][] =>
  [...map].filter(([, { owner }]) => owner === key)

/**
 * Whose turn it is, of those who wait in these pools: the oldest first, each where every pool of his has a place left. So
 * nobody waits in one pool behind somebody who waits in another one. Who is stuck is asked only by himself.
 */
function nextOf(ctx: Context, pools: readonly Pool[], self?: string): Waiting[] {
  const { stuck, given, isComplete } = ctx.memory.places
  if (!isComplete) return []
  const free = new Map<Pool, number>()
  const line = new Map<string, Waiting>()
  // who waits in one of them may wait in others, and there before others again
  const open = [...pools]
  for (let pool = open.pop(); pool !== undefined; pool = open.pop()) {
    if (free.has(pool)) continue
    free.set(pool, freeOf(ctx, pool))
    for (const waiting of lineOf(ctx, pool)) {
      const { job } = waiting
      if (line.has(job) || given.has(job) || (job !== self && stuck.has(job))) continue
      line.set(job, waiting)
      open.push(...waiting.pools)
    }
  }
  return [...line.values()].sort(byAge).filter((waiting) => {
    if (waiting.pools.some((pool) => (free.get(pool) as number) <= 0)) return false
    for (const pool of waiting.pools) free.set(pool, (free.get(pool) as number) - 1)
    return true
  })
}

const byAge = (a: Waiting, b: Waiting) => (`${a.since} ${a.job}` < `${b.since} ${b.job}` ? -1 : 1)

/** How many places are left in a pool. */
const freeOf = (ctx: Context, pool: Pool): number =>
  (limitOf(ctx, pool) ?? Number.POSITIVE_INFINITY) - takenOf(ctx, pool)

function takenOf(ctx: Context, pool: Pool): number {
  const given = [...ctx.memory.places.given].flatMap(([name, { pools }]) => (pools.includes(pool) ? [name] : []))
  return takenIn(ctx, pool, given)
}
