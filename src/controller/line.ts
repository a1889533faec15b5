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
  ownedBy,
  referenceKey,
} from './caches.ts'
import type { Context } from './context.ts'
import { isAsleep, type SleepingAgentJob } from './outline.ts'
import { ownerUid } from './types.ts'

type AnyAgentJob = CachedAgentJob | SleepingAgentJob

/** A run that waits for a place on an AgentRuntime. */
export interface Waiting {
  /** `namespace/name` of the Job, which may not be there yet. */
  job: string
  /** `namespace/name` of the AgentJob. */
  owner: string
  /** `namespace/name` of the AgentRuntime. */
  runtime: string
  /** When it was asked for, as nearly as that is known. */
  since: string
}

/** `namespace/name` of the AgentRuntime that an expansion was made with. */
export function runtimeOf({ expansion }: Pick<AnyAgentJob, 'expansion'>): string | undefined {
  const found = expansion?.references.find(({ kind, hash }) => kind === 'AgentRuntime' && hash !== '')
  return found && objectKey({ namespace: found.namespace, name: found.name })
}

export function limitOf({ caches }: Context, runtime: string): number | undefined {
  const [namespace, name] = runtime.split('/') as [string, string]
  const spec = caches.references.lookup('AgentRuntime', namespace, name)?.spec as AgentRuntimeSpec | undefined
  return spec?.maxConcurrentRuns
}

/** Whether what runs in a namespace can be on an AgentRuntime: one of its own, or of the library. */
export const isReachable = ({ libraryNamespace }: Context, runtime: string, namespace: string | undefined): boolean =>
  [namespace, libraryNamespace].some((one) => one !== undefined && runtime.startsWith(`${one}/`))

/** Whether a Job of a schedule waits for a place. */
export const isHeld = (run: CachedJob): boolean =>
  run.spec?.suspend === true &&
  run.metadata.annotations?.[HELD_ANNOTATION] !== undefined &&
  run.metadata.annotations[ENDED_ANNOTATION] === undefined &&
  !run.metadata.deletionTimestamp

/**
 * Jobs that have not ended, of AgentJobs that can be there. Whoever may write Jobs writes their annotations as he likes:
 * he must not take places of an AgentRuntime that nobody in his namespace can have.
 */
export function runsOn(ctx: Context, runtime: string): CachedJob[] {
  const { caches } = ctx
  return caches.jobs.byIndex(BY_RUNTIME, runtime).filter((run) => {
    const owner = caches.agentJobs.getByKey(agentJobKeyOf(run) ?? '')
    if (!owner || !isReachable(ctx, runtime, run.metadata.namespace)) return false
    return ownersOf(ctx, owner).some(({ metadata }) => metadata.uid === ownerUid(run))
  })
}

/** Everything that waits for a place on an AgentRuntime. */
export function lineOf(ctx: Context, runtime: string): Waiting[] {
  const { caches } = ctx
  const [namespace, name] = runtime.split('/') as [string, string]
  const dependents = caches.agentJobs.byIndex(BY_REFERENCE, referenceKey('AgentRuntime', namespace, name))
  const runs = dependents.flatMap((job) => (runtimeOf(job) === runtime ? oneShotOf(ctx, job) : []))
  const held = runsOn(ctx, runtime).flatMap((run) => {
    const owner = caches.agentJobs.getByKey(agentJobKeyOf(run) ?? '')
    return owner ? heldRun(owner, run) : []
  })
  return [...runs, ...held]
}

/** What of it is an AgentJob's, on whichever AgentRuntime. */
export function waitingRunsOf(ctx: Context, key: string): Waiting[] {
  const job = ctx.caches.agentJobs.getByKey(key)
  if (!job) return []
  const runs = ownersOf(ctx, job).flatMap((owner) => ownedBy(ctx.caches.jobs, owner))
  return [...oneShotOf(ctx, job), ...runs.flatMap((run) => heldRun(job, run))]
}

const ownersOf = (ctx: Context, job: AnyAgentJob) => [job, ...childrenOf(ctx.caches, 'CronJob', job)]

function oneShotOf({ caches, memory }: Context, job: AnyAgentJob): Waiting[] {
  if (isAsleep(job) || !isGoing(job) || job.expansion?.problems.length || !isToStart(job)) return []
  const written = memory.written.get(job.metadata.uid as string)
  const status = written?.over === job.metadata.resourceVersion ? written?.status : job.status
  if (!isToStart({ ...job, status })) return []
  const { namespace } = job.metadata
  const { name } = renderedJob(job)?.metadata ?? {}
  const runtime = runtimeOf(job)
  if (name === undefined || runtime === undefined || caches.jobs.get(namespace, name)) return []
  return [{ job: objectKey({ namespace, name }), owner: objectKey(job), runtime, since: askedAt(job) }]
}

/** Under `Replace` each time the schedule is due makes another Job in the place of the one that waits: they wait as one. */
function heldRun(job: AnyAgentJob, run: CachedJob): Waiting[] {
  const runtime = run.metadata.annotations?.[RUNTIME_ANNOTATION]
  if (runtime === undefined || !isHeld(run) || !isGoing(job)) return []
  const isReplaced = !isAsleep(job) && job.spec.concurrencyPolicy === 'Replace'
  const since = isReplaced ? askedAt(job) : (run.metadata.creationTimestamp ?? '')
  return [{ job: objectKey(run), owner: objectKey(job), runtime, since }]
}

/** A run that comes after another one was asked for when that had ended, at the earliest: it goes to the end of the line. */
const askedAt = ({ metadata, status }: CachedAgentJob): string =>
  [metadata.creationTimestamp, ...(status?.runs ?? []).map((run) => (run.startTime ? run.completionTime : undefined))]
    .filter((time) => time !== undefined)
    .reduce((newest, time) => (time > newest ? time : newest), '')

/** Whether an AgentJob starts anything. */
const isGoing = (job: PartialObjectMetadata & { spec?: { suspend?: boolean } }): boolean =>
  !job.metadata.deletionTimestamp && job.spec?.suspend !== true
