import type { ChildResource } from '../api/expansion.ts'
import { TRACE_ANNOTATION, traceOf, traceparent } from '../api/trace.ts'
import { HELD_ANNOTATION, REVISION_ANNOTATION, RUNTIME_ANNOTATION } from '../expand/names.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../kube/errors.ts'
import type { Failure } from '../status/observed.ts'
import { isToStart, renderedJob, renderedRevision } from '../status/revision.ts'
import { type CachedAgentJob, type CachedJob, ownedBy, toCachedJob } from './caches.ts'
import type { Context } from './context.ts'
import { isBuried } from './graves.ts'
import { isHeld } from './line.ts'
import { isFinished } from './outline.ts'
import { countToday, keepPlace, refuse, refusedLately, takePlace } from './places.ts'
import { clearTheWay } from './predecessor.ts'
import { refusalOf } from './refusal.ts'
import { AGENT_JOB, FIELD_MANAGER, JOB, ownerReference, ownerUid } from './types.ts'

/**
 * Starts the run of the expansion's revision, once: not when the status says that it was started, not while the
 * AgentJob is suspended or something is in the way. The Job's name is the lock against a second one.
 */
export async function startRun(ctx: Context, job: CachedAgentJob): Promise<Failure | 'started' | 'queued' | undefined> {
  const child = renderedJob(job)
  const revision = renderedRevision(job)
  if (!child || !isToStart(job) || job.expansion?.problems.length) return undefined
  if (child.metadata.namespace !== job.metadata.namespace)
    return {
      reason: 'Refused',
      message: `an expansion cannot hold a Job in namespace ${child.metadata.namespace}`,
      final: true,
    }
  const cached = ctx.caches.jobs.get(job.metadata.namespace, child.metadata.name)
  if (cached && ownerUid(cached) === job.metadata.uid) return undefined
  // it has ended and gone before a status told of it
  if (isBuried(ctx.memory, job, child.metadata.name)) return undefined
  const before = ownedBy(ctx.caches.jobs, job).find((run) => isRevision(run) && !isFinished(run))
  if (before)
    return { reason: 'WaitingForEnd', message: `Job ${before.metadata.name} of the revision before is ending` }
  if (!(await isStillDue(ctx, job, revision))) return undefined
  const run = { name: child.metadata.name }
  if (!takePlace(ctx, job, run) || !(await countToday(ctx, job, run))) return refusedLately(ctx, job, run) ?? 'queued'
  const outcome = await createJob(ctx, job, child)
  return typeof outcome === 'object' ? refuse(ctx, job, run, outcome) : outcome
}

/** Lets Jobs of a schedule go that wait for a place, as far as there is one. */
export async function releaseRuns(ctx: Context, job: CachedAgentJob, runs: CachedJob[]): Promise<Failure[]> {
  const failures: Failure[] = []
  if (job.spec.suspend) return failures
  for (const run of runs.filter(isHeld).sort(byCreation)) {
    const { namespace, name, uid } = run.metadata
    const isTurn = takePlace(ctx, job, { name, runtime: run.metadata.annotations?.[RUNTIME_ANNOTATION] })
    if (!isTurn || !(await countToday(ctx, job, { name }))) {
      const failure = refusedLately(ctx, job, { name })
      if (failure) failures.push(failure)
      continue
    }
    const patch = { metadata: { uid, annotations: { [HELD_ANNOTATION]: null } }, spec: { suspend: false } }
    try {
      await ctx.client.mergePatch(JOB, { namespace, name }, patch, { fieldManager: FIELD_MANAGER, signal: ctx.signal })
      keepPlace(ctx, run)
    } catch (error) {
      // it is gone, or another one by now
      if (isNotFound(error) || isConflict(error)) continue
      const failure = refusalOf(error, `the release of Job ${name}`)
      if (!failure) throw error
      failures.push(refuse(ctx, job, { name }, failure))
    }
  }
  return failures
}

const byCreation = ({ metadata: a }: CachedJob, { metadata: b }: CachedJob) =>
  `${a.creationTimestamp} ${a.name}` < `${b.creationTimestamp} ${b.name}` ? -1 : 1

/** Never two revisions at a time: they share a volume, and what they work on. */
const isRevision = ({ metadata }: CachedJob) => metadata.annotations?.[REVISION_ANNOTATION] !== undefined

/**
 * A new leader's cache may be behind what the last one wrote: it reads what it finds once before it acts on it; and
 * again where it does not know what came of its own last request.
 */
async function isStillDue(ctx: Context, job: CachedAgentJob, revision: string | undefined): Promise<boolean> {
  const { namespace, name, uid } = job.metadata as { namespace: string; name: string; uid: string }
  if (!ctx.memory.unread.has(uid)) return true
  const live = await ctx.client.get<CachedAgentJob>(AGENT_JOB, { namespace, name })
  ctx.memory.unread.delete(uid)
  return live?.metadata.uid === uid && !live.metadata.deletionTimestamp && live.status?.revision !== revision
}

/** A Job whose trace is told by itself and its pods: for who finds one of them, and for what collects their logs. */
function withTrace<T extends ChildResource>(child: T): T {
  const annotation = { [TRACE_ANNOTATION]: traceparent(traceOf(child.metadata.namespace ?? '', child.metadata.name)) }
  const annotated = <M extends object>(metadata: M & { annotations?: Record<string, string> }) => ({
    ...metadata,
    annotations: { ...metadata.annotations, ...annotation },
  })
  const spec = child.spec as { template: { metadata: object } }
  const template = { ...spec.template, metadata: annotated(spec.template.metadata) }
  return { ...child, metadata: annotated(child.metadata), spec: { ...spec, template } }
}

async function createJob(
  ctx: Context,
  job: CachedAgentJob,
  child: ChildResource,
): Promise<Failure | 'started' | undefined> {
  const what = `Job ${child.metadata.name}`
  const owned = { ...child, metadata: { ...child.metadata, ownerReferences: [ownerReference(job)] } }
  const wanted = ctx.traces ? withTrace(owned) : owned
  try {
    const created = await ctx.client.create(JOB, wanted, { fieldManager: FIELD_MANAGER, signal: ctx.signal })
    ctx.caches.jobs.upsertIfAbsent(toCachedJob(created as unknown as CachedJob))
    return 'started'
  } catch (error) {
    if (isAlreadyExists(error)) return adopt(ctx, job, child.metadata.name)
    const failure = refusalOf(error, what)
    if (failure) return failure
    // it may have been created all the same, and be gone with its AgentJob before we try again
    ctx.memory.unread.add(job.metadata.uid as string)
    throw error
  }
}

/** Somebody was faster: we ourselves before a restart, a predecessor's Job that is going away, or a stranger. */
async function adopt(ctx: Context, job: CachedAgentJob, name: string): Promise<Failure | undefined> {
  const live = await ctx.client.get<CachedJob>(JOB, { namespace: job.metadata.namespace, name })
  if (!live) return { reason: 'WaitingForDeletion', message: `Job ${name} has just been deleted` }
  if (ownerUid(live) !== job.metadata.uid || live.metadata.deletionTimestamp) return clearTheWay(ctx, job, JOB, live)
  ctx.caches.jobs.upsertIfAbsent(toCachedJob(live))
  return undefined
}
