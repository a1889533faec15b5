import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import { RUNTIME_ANNOTATION } from '../expand/names.ts'
import { objectKey } from '../kube/object.ts'
import type { CachedReference } from '../references/caches.ts'
import { agentJobKeyOf, BY_NAMESPACE, BY_RUNTIME, type CachedJob, childrenOf } from './caches.ts'
import type { Context } from './context.ts'
import { startedToday } from './runsaday.ts'
import { ownerUid } from './types.ts'

/**
 * What has places for runs: `AgentRuntime/NAMESPACE/NAME`, an AgentRuntime with maxConcurrentRuns,
 * `AgentQuota/NAMESPACE/NAME`, an AgentQuota with maxRunningRuns, and `AgentQuotaDay/NAMESPACE/NAME`, today, of one with
 * maxRunsPerDay. A run needs one in each of its pools at once.
 */
export type Pool = string

type PoolKind = 'AgentRuntime' | 'AgentQuota' | 'AgentQuotaDay'

/** A pool by its parts. */
export const partsOf = (pool: Pool): { kind: PoolKind; namespace: string; name: string } => {
  const [kind, namespace, name] = pool.split('/') as [PoolKind, string, string]
  return { kind, namespace, name }
}

const isSet = (pool: Pool | undefined): pool is Pool => pool !== undefined

/**
 * The pools in which a run needs a place, told by its Job, which may not be there yet; `runtime` is `namespace/name`. Who is
 * counted among the runs of today already needs none of today. An AgentQuota that is not valid is none: admission lets
 * nothing new pass there.
 */
export function poolsOf(
  ctx: Context,
  { namespace, name }: { namespace?: string; name: string },
  runtime: string | undefined,
): Pool[] {
  const ofRuntime = `AgentRuntime/${runtime}`
  const quotas = ctx.caches.references.quotasOf(namespace ?? '') ?? []
  return [
    ...quotas.flatMap(({ name }) => [`AgentQuota/${namespace}/${name}`, `AgentQuotaDay/${namespace}/${name}`]),
    ...(runtime !== undefined && isReachable(ctx, runtime, namespace) ? [ofRuntime] : []),
  ].filter((pool) => limitOf(ctx, pool) !== undefined && !isCounted(ctx, pool, objectKey({ namespace, name })))
}

const isCounted = (ctx: Context, pool: Pool, job: string): boolean => {
  const { kind, namespace, name } = partsOf(pool)
  return kind === 'AgentQuotaDay' && startedToday(ctx, quotaAt(ctx, namespace, name)).counted.has(job)
}

/** The pools of a Job. */
export const poolsOfRun = (ctx: Context, { metadata }: CachedJob): Pool[] =>
  poolsOf(ctx, metadata, metadata.annotations?.[RUNTIME_ANNOTATION])

/** How many places there are; undefined where there is no limit. */
export function limitOf({ caches }: Context, pool: Pool): number | undefined {
  const { kind, namespace, name } = partsOf(pool)
  if (kind === 'AgentRuntime')
    return (caches.references.lookup(kind, namespace, name)?.spec as AgentRuntimeSpec | undefined)?.maxConcurrentRuns
  const quota = caches.references.quotasOf(namespace)?.find((one) => one.name === name)
  return kind === 'AgentQuota' ? quota?.spec?.maxRunningRuns : quota?.spec?.maxRunsPerDay
}

/** An AgentQuota of the cache. */
export const quotaAt = ({ caches }: Context, namespace: string, name: string): CachedReference | undefined =>
  caches.references.stores.get('AgentQuota')?.get(namespace, name)

/** How many places are taken, those of `given` among them: Jobs that are promised one, `namespace/name` each. */
export function takenIn(ctx: Context, pool: Pool, given: readonly string[]): number {
  const { kind, namespace, name } = partsOf(pool)
  if (kind === 'AgentQuotaDay') {
    const { runs, counted } = startedToday(ctx, quotaAt(ctx, namespace, name))
    return runs + given.filter((job) => !counted.has(job)).length
  }
  const running = runsIn(ctx, pool).filter(({ spec }) => spec?.suspend !== true)
  const seen = new Set(running.map(objectKey))
  return running.length + given.filter((job) => !seen.has(job)).length
}

/** Whether what runs in a namespace can be on an AgentRuntime: one of its own, or of the library. */
const isReachable = ({ libraryNamespace }: Context, runtime: string, namespace: string | undefined): boolean =>
  [namespace, libraryNamespace].some((one) => isSet(one) && runtime.startsWith(`${one}/`))

/**
 * Jobs that have not ended, of AgentJobs that can be there. Whoever may write Jobs writes their annotations as he likes:
 * he must not take places of an AgentRuntime that nobody in his namespace can have.
 */
export function runsIn(ctx: Context, pool: Pool): CachedJob[] {
  const { caches } = ctx
  const { kind, namespace, name } = partsOf(pool)
  const runtime = `${namespace}/${name}`
  const runs =
    kind === 'AgentRuntime' ? caches.jobs.byIndex(BY_RUNTIME, runtime) : caches.jobs.byIndex(BY_NAMESPACE, namespace)
  return runs.filter((run) => {
    if (kind === 'AgentRuntime' && !isReachable(ctx, runtime, run.metadata.namespace)) return false
    const owner = caches.agentJobs.getByKey(agentJobKeyOf(run) ?? '')
    const uid = ownerUid(run)
    return owner && [owner, ...childrenOf(caches, 'CronJob', owner)].some(({ metadata }) => metadata.uid === uid)
  })
}
