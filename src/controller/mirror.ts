import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import { canonicalJson } from '../api/hash.ts'
import { isNotFound } from '../kube/errors.ts'
import { objectKey, type PartialObjectMetadata } from '../kube/object.ts'
import { deriveStatus } from '../status/derive.ts'
import type { CronJob, Failure, Observed } from '../status/observed.ts'
import { isTerminal } from '../status/run.ts'
import { type CachedAgentJob, type CachedJob, type CachedPod, childrenOf, ownedBy } from './caches.ts'
import type { Context } from './context.ts'
import { lastNote } from './failedcreate.ts'
import { forget, type Grave, graveOf } from './graves.ts'
import { findStrays } from './strays.ts'
import { AGENT_JOB, FIELD_MANAGER, ownerUid } from './types.ts'

/** The Jobs of an AgentJob: its own and those of its CronJob. */
export const jobsOf = (ctx: Context, job: CachedAgentJob): CachedJob[] =>
  [job, ...cronJobsOf(ctx, job)].flatMap((owner) => ownedBy(ctx.caches.jobs, owner))

const cronJobsOf = ({ caches }: Context, job: CachedAgentJob) => childrenOf(caches, 'CronJob', job)

/** The AgentJob with the newest status that we know of: our own last write, until the cache has moved on. */
export function withNewestStatus(ctx: Context, job: CachedAgentJob): CachedAgentJob {
  const written = ctx.memory.written.get(job.metadata.uid as string)
  if (!written) return job
  if (written.over === job.metadata.resourceVersion) return { ...job, status: written.status }
  ctx.memory.written.delete(job.metadata.uid as string)
  return job
}

/** Derives the status and writes it, if it says anything new. Gives the time of the next scheduled run, if any. */
export async function mirror(
  ctx: Context,
  job: CachedAgentJob,
  verified: boolean,
  failures: Failure[],
): Promise<Date | undefined> {
  const key = objectKey(job)
  const strays = await findStrays(ctx, job, [...jobsOf(ctx, job), ...graveOf(ctx.memory, key).jobs])
  const grave = graveOf(ctx.memory, key)
  const status = deriveStatus(observe(ctx, job, { verified, failures, strays, grave }))
  if (canonicalJson(status) !== canonicalJson(job.status)) {
    await write(ctx, job, status)
    announce(ctx, job, status)
  }
  forget(ctx.memory, key, grave, status)
  return status.nextRunTime ? new Date(status.nextRunTime) : undefined
}

function observe(
  ctx: Context,
  job: CachedAgentJob,
  { verified, failures, strays, grave }: { verified: boolean; failures: Failure[]; strays: CachedJob[]; grave: Grave },
): Observed {
  const jobs = new Map<string | undefined, CachedJob>()
  for (const run of [...grave.jobs, ...strays, ...jobsOf(ctx, job)]) jobs.set(run.metadata.uid, run)
  const cronJob = cronJobsOf(ctx, job).find(({ metadata }) => !metadata.deletionTimestamp)
  return {
    job,
    verified,
    runs: [...jobs.values()].map((run) => ({
      job: run,
      pods: podsOf(ctx, run, grave.pods),
      failedCreate: lastNote(ctx.caches.failedCreates, run),
    })),
    cronJob: cronJob as CronJob | undefined,
    owned: resourcesOf(ctx, job),
    failures,
    now: ctx.now(),
  }
}

function podsOf(ctx: Context, run: CachedJob, dead: CachedPod[]): CachedPod[] {
  const live = ownedBy(ctx.caches.pods, run)
  const names = new Set(live.map(({ metadata }) => metadata.name))
  return [...live, ...dead.filter((pod) => ownerUid(pod) === run.metadata.uid && !names.has(pod.metadata.name))]
}

function resourcesOf(ctx: Context, job: CachedAgentJob): { kind: string; name: string }[] {
  const stores = [...ctx.caches.children, ['Job', ctx.caches.jobs] as const]
  return stores
    .flatMap(([kind, store]) =>
      ownedBy<PartialObjectMetadata>(store, job).map(({ metadata }) => ({ kind, name: metadata.name as string })),
    )
    .sort((a, b) => (`${a.kind}/${a.name}` < `${b.kind}/${b.name}` ? -1 : 1))
}

/** A merge patch of the whole status: what is gone from it is set to null. */
async function write(ctx: Context, job: CachedAgentJob, status: AgentJobStatus): Promise<void> {
  const gone = Object.keys(job.status ?? {}).filter((field) => !(field in status))
  const patch = { status: { ...Object.fromEntries(gone.map((field) => [field, null])), ...status } }
  const key = { namespace: job.metadata.namespace, name: job.metadata.name as string }
  try {
    await ctx.client.mergePatch(AGENT_JOB, key, patch, {
      subresource: 'status',
      fieldManager: FIELD_MANAGER,
      signal: ctx.signal,
    })
    ctx.memory.written.set(job.metadata.uid as string, { over: job.metadata.resourceVersion, status })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

/** Events for what people want to be told of: an end, and something in the way. */
function announce(ctx: Context, job: CachedAgentJob, status: AgentJobStatus): void {
  const [before, now] = [job.status?.runs?.[0], status.runs?.[0]]
  const ended = now && isTerminal(now.phase) && (before?.uid !== now.uid || before?.phase !== now.phase)
  if (ended)
    ctx.record(job, now.phase === 'Succeeded' ? 'Normal' : 'Warning', now.phase, `${now.jobName} ended as ${now.phase}`)
  const obstacle = status.conditions?.find(
    ({ type, status }) => (type === 'Stalled' || type === 'Reconciling') && status === 'True',
  )
  const said = job.status?.conditions?.find(({ type }) => type === obstacle?.type)
  if (obstacle && !ended && obstacle.reason !== 'Starting' && said?.reason !== obstacle.reason)
    ctx.record(job, 'Warning', obstacle.reason, obstacle.message)
}
