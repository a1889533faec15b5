import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import { HELD_ANNOTATION, RUNTIME_ANNOTATION } from '../expand/names.ts'
import { objectKey, type PartialObjectMetadata } from '../kube/object.ts'
import { ENDED_ANNOTATION } from '../status/observed.ts'
import { isToStart, renderedJob } from '../status/revision.ts'
import {
  agentJobKeyOf,
  BY_REFERENCE,
  BY_RUNTIME,
  type CachedAgentJob,
  type CachedJob,
  childrenOf,
  OURS,
  referenceKey,
  toCachedJob,
} from './caches.ts'
import type { Context } from './context.ts'
import { isAsleep, isFinished, type SleepingAgentJob } from './outline.ts'
import { JOB, ownerUid } from './types.ts'

/*
 * maxConcurrentRuns of an AgentRuntime. A run has a place from when its Job is asked for until the Job has ended. Who
 * has one and who waits is told by the objects, so that nothing is lost with a leader.
 */

/** What the leader knows of places, beside what the caches tell. */
export interface Places {
  /** Jobs that have been given a place which no cache shows yet, by `namespace/name`. */
  given: Map<string, { runtime: string; owner: string; isReleased: boolean }>
  /** AgentJobs that have been told to wait, with their AgentRuntime. */
  waiting: Map<string, string>
  /** AgentJobs in the line that something else keeps from starting: nobody waits behind them. */
  stuck: Set<string>
  /** Whether all that waits is known: a new leader gives no place away before that. */
  isComplete: boolean
}

export const createPlaces = (): Places => ({
  given: new Map(),
  waiting: new Map(),
  stuck: new Set(),
  isComplete: false,
})

/** A run in the line. */
interface Waiting {
  /** `namespace/name` of the Job, which may not be there yet. */
  job: string
  /** `namespace/name` of the AgentJob. */
  owner: string
  since: string
}

/** `namespace/name` of the AgentRuntime that an expansion was made with. */
function runtimeOf({ expansion }: Pick<CachedAgentJob | SleepingAgentJob, 'expansion'>): string | undefined {
  const found = expansion?.references.find(({ kind, hash }) => kind === 'AgentRuntime' && hash !== '')
  return found && objectKey({ namespace: found.namespace, name: found.name })
}

/** The same of a Job. */
export const runtimeOfJob = ({ metadata }: CachedJob): string | undefined => metadata.annotations?.[RUNTIME_ANNOTATION]

/** Whether a Job of a schedule waits for a place. */
export const isHeld = (run: CachedJob): boolean =>
  run.spec?.suspend === true &&
  run.metadata.annotations?.[HELD_ANNOTATION] !== undefined &&
  run.metadata.annotations[ENDED_ANNOTATION] === undefined &&
  !run.metadata.deletionTimestamp

function limitOf({ caches }: Context, runtime: string): number | undefined {
  const [namespace, name] = runtime.split('/') as [string, string]
  const spec = caches.references.lookup('AgentRuntime', namespace, name)?.spec as AgentRuntimeSpec | undefined
  return spec?.maxConcurrentRuns
}

/** Gives a Job of an AgentJob a place, or has the AgentJob wait for one: whether it may start now. */
export function takePlace(ctx: Context, job: CachedAgentJob, run: { name: string; runtime?: string }): boolean {
  const { given, waiting } = ctx.memory.places
  const runtime = run.runtime ?? runtimeOf(job)
  const name = objectKey({ namespace: job.metadata.namespace, name: run.name })
  if (runtime === undefined || limitOf(ctx, runtime) === undefined || given.has(name)) return true
  const owner = objectKey(job)
  const isTurn = nextOf(ctx, runtime, owner).some(({ job }) => job === name)
  if (isTurn) given.set(name, { runtime, owner, isReleased: false })
  else waiting.set(owner, runtime)
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
  if (isDeleted || isFinished(run) || run.spec?.suspend === true) callNext(ctx, runtimeOfJob(run))
}

/** Has those looked at whose turn it is. */
export function callNext(ctx: Context, runtime: string | undefined): void {
  if (runtime === undefined) return
  for (const { owner } of nextOf(ctx, runtime)) ctx.enqueue(owner)
}

/**
 * What a new leader does when everything that waits is in its cache: it counts the runs that its predecessor may have
 * started a moment ago, and begins to give places away.
 */
export async function countRuns(ctx: Context): Promise<void> {
  const runtimes = ctx.caches.references.stores.get('AgentRuntime')?.values() ?? []
  const isLimited = [...runtimes].some((runtime) => limitOf(ctx, objectKey(runtime)) !== undefined)
  const unsuccessful = { ...OURS, fieldSelector: 'status.successful=0', goOn: true, signal: ctx.signal }
  if (isLimited)
    for await (const { items } of ctx.client.pages<CachedJob>(JOB, unsuccessful))
      for (const item of items) ctx.caches.jobs.upsertIfAbsent(toCachedJob(item))
  ctx.memory.places.isComplete = true
  for (const runtime of new Set(ctx.memory.places.waiting.values())) callNext(ctx, runtime)
}

/**
 * After a look at an AgentJob, or its end: what it has not used is free again, and who waits behind one that has left
 * the line, or cannot go on, need not wait for it. `isClear`: it is known what came of its requests.
 */
export function settlePlaces(ctx: Context, key: string, o: { waitedFor: string | undefined; isClear: boolean }): void {
  const { given, waiting, stuck } = ctx.memory.places
  if (o.isClear) for (const [name, { owner, isReleased }] of given) if (owner === key && !isReleased) given.delete(name)
  if (waiting.has(key)) {
    stuck.delete(key)
    return
  }
  const job = ctx.caches.agentJobs.getByKey(key)
  const runtime = job && waitingRun(ctx, job) ? runtimeOf(job) : undefined
  const isLimited = runtime !== undefined && limitOf(ctx, runtime) !== undefined
  const isNew = isLimited && !stuck.has(key)
  if (isLimited) stuck.add(key)
  else stuck.delete(key)
  if (o.waitedFor !== undefined) callNext(ctx, o.waitedFor)
  if (isNew && runtime !== o.waitedFor) callNext(ctx, runtime)
}

/** Whose turn it is: as many as there are places, the oldest first. */
function nextOf(ctx: Context, runtime: string, self?: string): Waiting[] {
  const limit = limitOf(ctx, runtime)
  if (limit === undefined || !ctx.memory.places.isComplete) return []
  const free = limit - takenOf(ctx, runtime)
  if (free <= 0) return []
  const { stuck } = ctx.memory.places
  const line = lineOf(ctx, runtime).filter(({ owner }) => owner === self || !stuck.has(owner))
  return line.sort(byAge).slice(0, free)
}

const byAge = (a: Waiting, b: Waiting) => (a.since === b.since ? (a.job < b.job ? -1 : 1) : a.since < b.since ? -1 : 1)

function takenOf(ctx: Context, runtime: string): number {
  const { memory } = ctx
  const running = runsOn(ctx, runtime).filter(({ spec }) => spec?.suspend !== true)
  const seen = new Set(running.map(objectKey))
  const unseen = [...memory.places.given].filter(([name, place]) => place.runtime === runtime && !seen.has(name))
  return running.length + unseen.length
}

/**
 * Jobs that have not ended, of AgentJobs that may run there. Whoever may write Jobs writes their annotations as he likes:
 * he must not take places of an AgentRuntime that no AgentJob of his can have.
 */
function runsOn({ caches }: Context, runtime: string): CachedJob[] {
  return caches.jobs.byIndex(BY_RUNTIME, runtime).filter((run) => {
    const owner = caches.agentJobs.getByKey(agentJobKeyOf(run) ?? '')
    if (!owner) return false
    const owners = [owner, ...childrenOf(caches, 'CronJob', owner)].map(({ metadata }) => metadata.uid)
    const isNear = runtime.startsWith(`${run.metadata.namespace}/`)
    return owners.includes(ownerUid(run)) && (isNear || runtimeOf(owner) === runtime)
  })
}

function lineOf(ctx: Context, runtime: string): Waiting[] {
  const { caches, memory } = ctx
  const [namespace, name] = runtime.split('/') as [string, string]
  const dependents = caches.agentJobs.byIndex(BY_REFERENCE, referenceKey('AgentRuntime', namespace, name))
  const runs = dependents.flatMap((job): Waiting[] => {
    const run = runtimeOf(job) === runtime ? waitingRun(ctx, job) : undefined
    return run === undefined ? [] : [{ job: run, owner: objectKey(job), since: job.metadata.creationTimestamp ?? '' }]
  })
  const held = runsOn(ctx, runtime).flatMap((run): Waiting[] => {
    const owner = agentJobKeyOf(run)
    if (owner === undefined || !isHeld(run) || !isGoing(caches.agentJobs.getByKey(owner))) return []
    return [{ job: objectKey(run), owner, since: run.metadata.creationTimestamp ?? '' }]
  })
  return [...runs, ...held].filter(({ job }) => !memory.places.given.has(job))
}

/** `namespace/name` of the Job that an AgentJob waits to have. */
function waitingRun({ caches, memory }: Context, job: CachedAgentJob | SleepingAgentJob): string | undefined {
  if (isAsleep(job) || !isGoing(job) || job.expansion?.problems.length || !isToStart(job)) return undefined
  const written = memory.written.get(job.metadata.uid as string)
  const status = written?.over === job.metadata.resourceVersion ? written?.status : job.status
  if (!isToStart({ ...job, status })) return undefined
  const { namespace } = job.metadata
  const { name } = renderedJob(job)?.metadata ?? {}
  return name === undefined || caches.jobs.get(namespace, name) ? undefined : objectKey({ namespace, name })
}

/** Whether an AgentJob starts anything. */
const isGoing = (job: (PartialObjectMetadata & { spec?: { suspend?: boolean } }) | undefined): boolean =>
  job !== undefined && !job.metadata.deletionTimestamp && job.spec?.suspend !== true
