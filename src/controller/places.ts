import { RUNTIME_ANNOTATION } from '../expand/names.ts'
import { objectKey } from '../kube/object.ts'
import { agentJobKeyOf, BY_RUNTIME, type CachedAgentJob, type CachedJob, OURS, toCachedJob } from './caches.ts'
import type { Context } from './context.ts'
import { isHeld, isReachable, limitOf, lineOf, runsOn, runtimeOf, type Waiting, waitingRunsOf } from './line.ts'
import { isFinished } from './outline.ts'
import { JOB } from './types.ts'

/*
 * maxConcurrentRuns of an AgentRuntime. A run has a place from when its Job is asked for until the Job has ended. Who
 * has one and who waits is told by the objects, so that nothing is lost with a leader. Runs are named by their Jobs,
 * `namespace/name`, whether these are there yet or not.
 */

/** What the leader knows of places, beside what the caches tell. */
export interface Places {
  /** Runs that have been given a place which no cache shows yet. */
  given: Map<string, { runtime: string; owner: string; isReleased: boolean }>
  /** Runs that have been told to wait. */
  waiting: Map<string, { runtime: string; owner: string }>
  /** Runs in the line that something else keeps from starting: nobody waits behind them. */
  stuck: Map<string, { owner: string }>
  /** Whether all that waits is known: a new leader gives no place away before that. */
  isComplete: boolean
}

export const createPlaces = (): Places => ({
  given: new Map(),
  waiting: new Map(),
  stuck: new Map(),
  isComplete: false,
})

/** Gives a run of an AgentJob a place, or has it wait for one: whether it may start now. */
export function takePlace(ctx: Context, job: CachedAgentJob, run: { name: string; runtime?: string }): boolean {
  const { given, waiting } = ctx.memory.places
  const runtime = run.runtime ?? runtimeOf(job)
  const { namespace } = job.metadata
  const name = objectKey({ namespace, name: run.name })
  if (runtime === undefined || !isReachable(ctx, runtime, namespace) || limitOf(ctx, runtime) === undefined) return true
  if (given.has(name)) return true
  const owner = objectKey(job)
  const isTurn = nextOf(ctx, runtime, name).some(({ job }) => job === name)
  if (isTurn) given.set(name, { runtime, owner, isReleased: false })
  else waiting.set(name, { runtime, owner })
  return isTurn
}

/** Keeps the place of a Job that was suspended until the cache shows that it no longer is. */
export function keepPlace({ memory }: Context, run: CachedJob): void {
  const place = memory.places.given.get(objectKey(run))
  if (place) place.isReleased = true
}

/** A Job that the cache shows at work, or no more, is counted there. */
export function isSeen(ctx: Context, run: CachedJob, isDeleted: boolean): void {
  if (isDeleted || run.spec?.suspend !== true) ctx.memory.places.given.delete(objectKey(run))
  if (isDeleted || isFinished(run) || run.spec?.suspend === true)
    callNext(ctx, run.metadata.annotations?.[RUNTIME_ANNOTATION])
}

/** Has those looked at whose turn it is. */
function callNext(ctx: Context, runtime: string | undefined): void {
  if (runtime === undefined) return
  for (const { owner } of nextOf(ctx, runtime)) ctx.enqueue(owner)
}

/** An AgentRuntime has another limit, or none any more. */
export function limitChanged(ctx: Context, runtime: string): void {
  if (limitOf(ctx, runtime) !== undefined) callNext(ctx, runtime)
  else
    for (const run of ctx.caches.jobs.byIndex(BY_RUNTIME, runtime))
      if (isHeld(run)) ctx.enqueue(agentJobKeyOf(run) ?? '')
}

/**
 * What a new leader does when everything that waits is in its cache: it counts the runs that its predecessor may have
 * let go a moment ago, and begins to give places away.
 */
export async function countRuns(ctx: Context): Promise<void> {
  const { caches, memory } = ctx
  const runtimes = caches.references.stores.get('AgentRuntime')?.values() ?? []
  const isLimited = [...runtimes].some((runtime) => limitOf(ctx, objectKey(runtime)) !== undefined)
  const unsuccessful = { ...OURS, fieldSelector: 'status.successful=0', goOn: true, signal: ctx.signal }
  if (isLimited)
    for await (const { items } of ctx.client.pages<CachedJob>(JOB, unsuccessful))
      for (const item of items) count(ctx, item)
  memory.places.isComplete = true
  for (const runtime of new Set([...memory.places.waiting.values()].map(({ runtime }) => runtime)))
    callNext(ctx, runtime)
}

function count({ caches, memory }: Context, run: CachedJob): void {
  const cached = caches.jobs.getByKey(objectKey(run))
  caches.jobs.upsertIfAbsent(toCachedJob(run))
  const runtime = run.metadata.annotations?.[RUNTIME_ANNOTATION]
  const isReleased = cached?.spec?.suspend === true && run.spec?.suspend !== true
  if (isReleased && runtime !== undefined)
    memory.places.given.set(objectKey(run), { runtime, owner: agentJobKeyOf(run) ?? '', isReleased })
}

/** The runs of an AgentJob that wait, with their AgentRuntimes; they are to be asked again. */
export function askAgain({ memory }: Context, key: string): Map<string, string> {
  const { waiting } = memory.places
  const asked = new Map(entriesOf(waiting, key).map(([name, { runtime }]) => [name, runtime]))
  for (const name of asked.keys()) waiting.delete(name)
  return asked
}

/** Whether a run of an AgentJob has been told to wait. */
export const isWaiting = ({ memory }: Context, key: string): boolean => entriesOf(memory.places.waiting, key).length > 0

/**
 * After a look at an AgentJob, or its end: a place that it has not used is free again, and who waits behind a run that
 * has left the line, or cannot go on, need not wait for it. `isClear`: it is known what came of its requests.
 */
export function settlePlaces(ctx: Context, key: string, o: { waitedFor: Map<string, string>; isClear: boolean }): void {
  const { given, waiting, stuck } = ctx.memory.places
  const called = new Set([...o.waitedFor].flatMap(([name, runtime]) => (waiting.has(name) ? [] : [runtime])))
  if (o.isClear)
    for (const [name, { runtime, isReleased }] of entriesOf(given, key)) {
      if (isReleased) continue
      given.delete(name)
      called.add(runtime)
    }
  const before = new Set(entriesOf(stuck, key).map(([name]) => name))
  for (const name of before) stuck.delete(name)
  for (const { job, runtime } of waitingRunsOf(ctx, key)) {
    if (waiting.has(job) || given.has(job) || limitOf(ctx, runtime) === undefined) continue
    stuck.set(job, { owner: key })
    if (!before.has(job)) called.add(runtime)
  }
  for (const runtime of called) callNext(ctx, runtime)
}

const entriesOf = <T extends { owner: string }>(map: Map<string, T>, key: string): [string, T][] =>
  [...map].filter(([, { owner }]) => owner === key)

/** Whose turn it is: as many as there are places, the oldest first; who is stuck is asked only by himself. */
function nextOf(ctx: Context, runtime: string, self?: string): Waiting[] {
  const limit = limitOf(ctx, runtime)
  const { stuck, given, isComplete } = ctx.memory.places
  if (limit === undefined || !isComplete) return []
  const free = limit - takenOf(ctx, runtime)
  if (free <= 0) return []
  const line = lineOf(ctx, runtime).filter(({ job }) => !given.has(job) && (job === self || !stuck.has(job)))
  return line.sort(byAge).slice(0, free)
}

const byAge = (a: Waiting, b: Waiting) => (`${a.since} ${a.job}` < `${b.since} ${b.job}` ? -1 : 1)

function takenOf(ctx: Context, runtime: string): number {
  const running = runsOn(ctx, runtime).filter(({ spec }) => spec?.suspend !== true)
  const seen = new Set(running.map(objectKey))
  const unseen = [...ctx.memory.places.given].filter(([name, place]) => place.runtime === runtime && !seen.has(name))
  return running.length + unseen.length
}
