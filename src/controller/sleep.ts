import { hash } from '../api/hash.ts'
import type { KubeObject } from '../kube/object.ts'
import { isOwed } from '../status/notifications.ts'
import { isTerminal } from '../status/run.ts'
import { type CachedAgentJob, type CachedJob, childrenOf, ownedBy, withoutBallast } from './caches.ts'
import type { Context } from './context.ts'
import { jobsOf } from './mirror.ts'
import { outlineOfJob, outlineOfPod, type SleepingAgentJob } from './outline.ts'
import { touch } from './touch.ts'
import { AGENT_JOB } from './types.ts'

/**
 * Lets go of an AgentJob whose reconcile found nothing to do, of its CronJob and its runs. Not while a run is under way, while
 * somebody is still to be told of the end of one, or while a status that we have written is still on its way back to us.
 */
export function fallAsleep(ctx: Context, job: CachedAgentJob): void {
  const isOpen = job.status?.runs?.some((run) => !isTerminal(run.phase) || isOwed(run))
  if (isOpen || ctx.memory.written.has(job.metadata.uid as string)) return
  ctx.caches.agentJobs.swap(job, ctx.caches.outline(job))
  for (const cronJob of childrenOf(ctx.caches, 'CronJob', job)) letGo(ctx, job, cronJob)
  const told = new Set(job.status?.runs?.map(({ uid }) => uid))
  for (const run of jobsOf(ctx, job)) if (told.has(run.metadata.uid ?? '')) letGoOfRun(ctx, run)
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
  const outline = run.told ? undefined : outlineOfJob(run)
  if (!outline) return
  ctx.caches.jobs.swap(run, outline)
  for (const pod of ownedBy(ctx.caches.pods, run)) ctx.caches.pods.swap(pod, outlineOfPod(pod))
}
