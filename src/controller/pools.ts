import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import { RUNTIME_ANNOTATION } from '../expand/names.ts'
import { agentJobKeyOf, BY_NAMESPACE, BY_RUNTIME, type CachedJob, childrenOf } from './caches.ts'
import type { Context } from './context.ts'
import { ownerUid } from './types.ts'

/**
 * What has places for runs: `AgentRuntime/NAMESPACE/NAME`, an AgentRuntime with maxConcurrentRuns, or
 * `AgentQuota/NAMESPACE/NAME`, an AgentQuota with maxRunningRuns. A run needs one in each of its pools at once.
 */
export type Pool = string

type PoolKind = 'AgentRuntime' | 'AgentQuota'

/** A pool by its parts. */
export const partsOf = (pool: Pool): { kind: PoolKind; namespace: string; name: string } => {
  const [kind, namespace, name] = pool.split('/') as [PoolKind, string, string]
  return { kind, namespace, name }
}

const isSet = (pool: Pool | undefined): pool is Pool => pool !== undefined

/**
 * The pools in which a run of a namespace needs a place; `runtime` is `namespace/name`. An AgentQuota that is not valid
 * is none: admission lets nothing new pass there.
 */
export function poolsOf(ctx: Context, namespace: string | undefined, runtime: string | undefined): Pool[] {
  const ofRuntime = `AgentRuntime/${runtime}`
  const quotas = ctx.caches.references.quotasOf(namespace ?? '') ?? []
  return [
    ...quotas.map(({ name }) => `AgentQuota/${namespace}/${name}`),
    ...(runtime !== undefined && isReachable(ctx, runtime, namespace) ? [ofRuntime] : []),
  ].filter((pool) => limitOf(ctx, pool) !== undefined)
}

/** The pools of a Job. */
export const poolsOfRun = (ctx: Context, { metadata }: CachedJob): Pool[] =>
  poolsOf(ctx, metadata.namespace, metadata.annotations?.[RUNTIME_ANNOTATION])

/** How many places there are; undefined where there is no limit. */
export function limitOf({ caches }: Context, pool: Pool): number | undefined {
  const { kind, namespace, name } = partsOf(pool)
  if (kind === 'AgentQuota')
    return caches.references.quotasOf(namespace)?.find((quota) => quota.name === name)?.spec?.maxRunningRuns
  const spec = caches.references.lookup(kind, namespace, name)?.spec as AgentRuntimeSpec | undefined
  return spec?.maxConcurrentRuns
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
