import type { Reference } from '../api/expansion.ts'
import { hash } from '../api/hash.ts'
import { JOB_LABEL } from '../expand/names.ts'
import type { KubeObject, ObjectMeta, PartialObjectMetadata } from '../kube/object.ts'
import { isTerminal } from '../status/run.ts'
import {
  type CachedAgentJob,
  type CachedJob,
  childrenOf,
  ownedBy,
  type SleepingAgentJob,
  withoutBallast,
} from './caches.ts'
import type { Context, Memory } from './context.ts'
import { jobsOf } from './mirror.ts'
import { touch } from './touch.ts'
import { AGENT_JOB } from './types.ts'

/*
 * AgentJobs at rest are most of those that there are, and each holds a prompt and an expansion. The cache keeps what
 * tells when to look at them again; what else is needed then is read from the API server, once.
 */

/** Beyond so many, those are looked for that nobody holds any more. */
const MAX_LISTS = 1000

export const isAsleep = (job: CachedAgentJob | SleepingAgentJob): job is SleepingAgentJob => 'asleep' in job

/**
 * Lets go of an AgentJob whose reconcile found nothing to do, of its CronJob and its runs. Not while a run is under way, or
 * while a status that we have written is still on its way back to us.
 */
export function fallAsleep(ctx: Context, job: CachedAgentJob): void {
  if (job.status?.runs?.some(({ phase }) => !isTerminal(phase)) || ctx.memory.written.has(job.metadata.uid as string))
    return
  const { apiVersion, kind, metadata, expansion } = job
  const { namespace, name, uid, resourceVersion } = metadata
  ctx.caches.agentJobs.swap(job, {
    apiVersion,
    kind,
    metadata: { namespace, name, uid, resourceVersion },
    expansion: { references: shared(ctx.memory, expansion?.references ?? []) },
    asleep: true,
  })
  for (const cronJob of childrenOf(ctx.caches, 'CronJob', job)) letGo(ctx, job, cronJob)
  const told = new Set(job.status?.runs?.map(({ uid }) => uid))
  for (const run of jobsOf(ctx, job)) if (told.has(run.metadata.uid ?? '')) letGoOfRun(ctx, run)
}

/** Most AgentJobs look the same things up: they share one list of them. */
function shared({ lookUps }: Memory, references: Reference[]): Reference[] {
  const key = JSON.stringify(references)
  const known = lookUps.get(key)?.deref()
  if (known) return known
  if (lookUps.size >= MAX_LISTS) for (const [list, held] of lookUps) if (!held.deref()) lookUps.delete(list)
  lookUps.set(key, new WeakRef(references))
  return references
}

/** An AgentJob as the API server has it now, into the cache where it is still the same; undefined where it is gone. */
export async function wake(ctx: Context, sleeping: SleepingAgentJob): Promise<CachedAgentJob | undefined> {
  const { namespace, name, uid, resourceVersion } = sleeping.metadata
  const live = await ctx.client.get<CachedAgentJob>(AGENT_JOB, { namespace, name: name as string })
  // its successor, or its end, is on its way to us
  if (!live || live.metadata.uid !== uid) return undefined
  withoutBallast(live)
  if (live.metadata.resourceVersion === resourceVersion) ctx.caches.agentJobs.swap(sleeping, live)
  return live
}

/** Touches an AgentJob without reading it first; where that does not help, the next try does. */
export async function touchAsleep(ctx: Context, sleeping: SleepingAgentJob): Promise<void> {
  ctx.caches.agentJobs.swap(sleeping, { ...sleeping, touched: true })
  await touch(ctx, sleeping)
}

function letGo(ctx: Context, job: CachedAgentJob, cronJob: KubeObject): void {
  const wanted = job.expansion?.resources.find(
    ({ kind, metadata }) => kind === 'CronJob' && metadata.name === cronJob.metadata.name,
  )
  if (!wanted || 'agreed' in cronJob) return
  const { apiVersion, kind, metadata, spec, status } = cronJob
  const { suspend } = spec as { suspend?: boolean }
  const outline = { apiVersion, kind, metadata, spec: { suspend }, status, agreed: digestOf(wanted) }
  ctx.caches.children.get(kind)?.swap(cronJob, outline)
}

/** Whether a child that the cache keeps no more than an outline of is known to be as it is wanted now. */
export const isAgreed = (cached: KubeObject, wanted: object): boolean | undefined =>
  'agreed' in cached ? cached.agreed === digestOf(wanted) : undefined

const digestOf = (wanted: object) => hash(wanted, 32)

function letGoOfRun(ctx: Context, run: CachedJob): void {
  const end = run.told ? undefined : run.status?.conditions?.find((one) => isEnd(one))
  if (!end) return
  const { apiVersion, kind, spec, uses } = run
  const outline = { apiVersion, kind, metadata: { ...traits(run), name: run.metadata.name }, spec, uses }
  ctx.caches.jobs.swap(run, { ...outline, status: ENDED[end.type], told: true })
  for (const pod of ownedBy(ctx.caches.pods, run)) {
    const { apiVersion, kind, status } = pod
    const metadata = { ...traits(pod), name: pod.metadata.name }
    ctx.caches.pods.swap(pod, { apiVersion, kind, metadata, status: { phase: status?.phase }, told: true })
  }
}

const ENDED: Record<string, CachedJob['status']> = Object.fromEntries(
  ['Complete', 'Failed'].map((type) => [type, { conditions: [{ type, status: 'True' }] }]),
)
const isEnd = ({ type, status }: { type: string; status: string }) => type in ENDED && status === 'True'

/** What tells whose an object is, and which state of it. */
function traits({ metadata }: PartialObjectMetadata): ObjectMeta {
  const { namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, annotations, ownerReferences } =
    metadata
  const labels = { [JOB_LABEL]: metadata.labels?.[JOB_LABEL] ?? '' }
  return {
    ...{ namespace, uid, resourceVersion, creationTimestamp, annotations, ownerReferences, labels },
    ...(deletionTimestamp ? { deletionTimestamp } : {}),
  }
}
