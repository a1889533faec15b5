import { HELD_ANNOTATION, RUNTIME_ANNOTATION } from '../expand/names.ts'
import { objectKey, type PartialObjectMetadata } from '../kube/object.ts'
import { ENDED_ANNOTATION } from '../status/observed.ts'
import { isToStart, renderedJob } from '../status/revision.ts'
import {
  agentJobKeyOf,
  BY_NAMESPACE,
  BY_REFERENCE,
  type CachedAgentJob,
  type CachedJob,
  childrenOf,
  ownedBy,
  referenceKey,
} from './caches.ts'
import type { Context } from './context.ts'
import { isBuried } from './graves.ts'
import { statusOf } from './newest.ts'
import { isAsleep, type SleepingAgentJob } from './outline.ts'
import { type Pool, partsOf, poolsOf, runsIn } from './pools.ts'

type AnyAgentJob = CachedAgentJob | SleepingAgentJob

/** A run that waits for a place in each of its pools. */
export interface Waiting {
  /** `namespace/name` of the Job, which may not be there yet. */
  job: string
  /** `namespace/name` of the AgentJob. */
  owner: string
  pools: Pool[]
  /** When it was asked for, as nearly as that is known. */
  since: string
}

/** `namespace/name` of the AgentRuntime that an expansion was made with. */
export function runtimeOf({ expansion }: Pick<AnyAgentJob, 'expansion'>): string | undefined {
  const found = expansion?.references.find(({ kind, hash }) => kind === 'AgentRuntime' && hash !== '')
  return found && objectKey({ namespace: found.namespace, name: found.name })
}

/** Whether a Job of a schedule waits for a place. */
export const isHeld = (run: CachedJob): boolean =>
  run.spec?.suspend === true &&
  run.metadata.annotations?.[HELD_ANNOTATION] !== undefined &&
  run.metadata.annotations[ENDED_ANNOTATION] === undefined &&
  !run.metadata.deletionTimestamp

/** Everything that waits for a place in a pool. */
export function lineOf(ctx: Context, pool: Pool): Waiting[] {
  const { caches } = ctx
  const { kind, namespace, name } = partsOf(pool)
  const dependents =
    kind === 'AgentRuntime'
      ? caches.agentJobs.byIndex(BY_REFERENCE, referenceKey(kind, namespace, name))
      : caches.agentJobs.byIndex(BY_NAMESPACE, namespace)
  const runs = dependents.flatMap((job) => oneShotOf(ctx, job))
  const held = runsIn(ctx, pool).flatMap((run) => {
    const owner = caches.agentJobs.getByKey(agentJobKeyOf(run) ?? '')
    return owner ? heldRun(ctx, owner, run) : []
  })
  return [...runs, ...held].filter(({ pools }) => pools.includes(pool))
}

/** What of it is an AgentJob's, in whichever pools. */
export function waitingRunsOf(ctx: Context, key: string): Waiting[] {
  const job = ctx.caches.agentJobs.getByKey(key)
  if (!job) return []
  const runs = ownersOf(ctx, job).flatMap((owner) => ownedBy(ctx.caches.jobs, owner))
  return [...oneShotOf(ctx, job), ...runs.flatMap((run) => heldRun(ctx, job, run))]
}

const ownersOf = (ctx: Context, job: AnyAgentJob) => [job, ...childrenOf(ctx.caches, 'CronJob', job)]

function oneShotOf(ctx: Context, job: AnyAgentJob): Waiting[] {
  const runtime = runtimeOf(job)
  if (runtime === undefined || !isDue(ctx, job)) return []
  const run = { namespace: job.metadata.namespace, name: renderedJob(job)?.metadata.name as string }
  return [{ job: objectKey(run), owner: objectKey(job), pools: poolsOf(ctx, run, runtime), since: askedAt(job) }]
}

/** Whether an AgentJob has a run to be started that nothing is known to be in the way of but a place. */
export function isDue({ caches, memory }: Pick<Context, 'caches' | 'memory'>, job: AnyAgentJob): job is CachedAgentJob {
  if (isAsleep(job) || !isGoing(job) || job.expansion?.problems.length || !isToStart(job)) return false
  if (!isToStart({ ...job, status: statusOf(memory, job) })) return false
  const name = renderedJob(job)?.metadata.name
  return name !== undefined && !caches.jobs.get(job.metadata.namespace, name) && !isBuried(memory, job, name)
}

/** Under `Replace` each time the schedule is due makes another Job in the place of the one that waits: they wait as one. */
function heldRun(ctx: Context, job: AnyAgentJob, run: CachedJob): Waiting[] {
  const runtime = run.metadata.annotations?.[RUNTIME_ANNOTATION]
  if (runtime === undefined || !isHeld(run) || !isGoing(job)) return []
  const isReplaced = !isAsleep(job) && job.spec.concurrencyPolicy === 'Replace'
  const since = isReplaced ? askedAt(job) : (run.metadata.creationTimestamp ?? '')
  return [{ job: objectKey(run), owner: objectKey(job), pools: poolsOf(ctx, run.metadata, runtime), since }]
}

/** A run that comes after another one was asked for when that had ended, at the earliest: it goes to the end of the line. */
const askedAt = ({ metadata, status }: CachedAgentJob): string =>
  [metadata.creationTimestamp, ...(status?.runs ?? []).map((run) => (run.startTime ? run.completionTime : undefined))]
    .filter((time) => time !== undefined)
    .reduce((newest, time) => (time > newest ? time : newest), '')

/** Whether an AgentJob starts anything. */
const isGoing = (job: PartialObjectMetadata & { spec?: { suspend?: boolean } }): boolean =>
  !job.metadata.deletionTimestamp && job.spec?.suspend !== true
