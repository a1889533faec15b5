import { childNames } from '../expand/names.ts'
import { isConflict, isNotFound } from '../kube/errors.ts'
import type { KubeObject, PartialObjectMetadata } from '../kube/object.ts'
import { agentJobKeyOf, type CachedAgentJob, childrenOf } from './caches.ts'
import type { Context } from './context.ts'
import { pause } from './prune.ts'
import { AGENT_JOB, CHILD_TYPES, FIELD_MANAGER, ownerUid } from './types.ts'

/** Held by AgentJobs with cluster-scoped children, which no garbage collector deletes with their owner. */
export const FINALIZER = 'agentjob.io/cluster-scoped-children'

const CLUSTER_KINDS = Object.values(CHILD_TYPES)
  .filter(({ namespaced }) => !namespaced)
  .map(({ kind }) => kind)

const RIGHTS = ['ClusterRoleBinding', 'ClusterRole', 'RoleBinding', 'Role']

/** Whether the finalizer has to be there before the expansion's children can be created. */
export const needsFinalizer = (job: CachedAgentJob): boolean =>
  !job.metadata.finalizers?.includes(FINALIZER) &&
  (job.expansion?.resources.some(({ kind }) => CLUSTER_KINDS.includes(kind)) ?? false)

/** Adds the finalizer to the object as we know it; somebody else's change in between makes a conflict, and a new try. */
export const addFinalizer = (ctx: Context, job: CachedAgentJob): Promise<void> =>
  writeFinalizers(ctx, job, [...(job.metadata.finalizers ?? []), FINALIZER])

const KEPT =
  'it has rights in the whole cluster, which the operator may not take back while ClusterAccess is switched off; it is deleted when that is switched on'

/**
 * Takes back the rights of an AgentJob that is being deleted and pauses its schedule, whoever's finalizer holds it,
 * then lets go of it. The garbage collector comes when the object is gone, which may be much later.
 */
export async function finalize(ctx: Context, job: PartialObjectMetadata): Promise<void> {
  for (const kind of RIGHTS) for (const child of childrenOf(ctx.caches, kind, job)) await remove(ctx, kind, child)
  for (const cronJob of childrenOf(ctx.caches, 'CronJob', job)) await pause(ctx, cronJob)
  if (!job.metadata.finalizers?.includes(FINALIZER)) return
  // what it may not look at it has not taken back: whoever makes the account anew would have the rights
  if (!CLUSTER_KINDS.every((kind) => ctx.caches.children.has(kind))) {
    ctx.record(job, 'Warning', 'RightsKept', KEPT)
    return
  }
  await writeFinalizers(
    ctx,
    job,
    job.metadata.finalizers.filter((finalizer) => finalizer !== FINALIZER),
  )
}

/**
 * Deletes the cluster-scoped children under an AgentJob's name that belong to one which is gone without having waited
 * for us: another one of that name must not inherit its rights.
 */
export async function sweep(ctx: Context, key: string): Promise<void> {
  const [namespace, name] = key.split('/') as [string, string]
  for (const kind of [...CLUSTER_KINDS].reverse()) {
    const child = ctx.caches.children.get(kind)?.get(undefined, childNames.clusterRole(namespace, name))
    const uid = child && agentJobKeyOf(child) === key ? ownerUid(child) : undefined
    if (!child || !uid || ctx.caches.agentJobs.getByKey(key)?.metadata.uid === uid) continue
    // our cache may be behind what a leader before us knew
    const live = await ctx.client.get<CachedAgentJob>(AGENT_JOB, { namespace, name })
    if (live?.metadata.uid !== uid) await remove(ctx, kind, child)
  }
}

/** The AgentJobs (`namespace/name`) that cluster-scoped children belong to, whether they are there or not. */
export const clusterScopedOwners = ({ caches }: Context): string[] =>
  CLUSTER_KINDS.flatMap((kind) => [...(caches.children.get(kind)?.values() ?? [])])
    .map(agentJobKeyOf)
    .filter((key) => key !== undefined)

async function remove(ctx: Context, kind: string, { metadata }: KubeObject): Promise<void> {
  const type = CHILD_TYPES[kind]
  const key = { namespace: metadata.namespace, name: metadata.name as string }
  if (type) await ctx.client.delete(type, key, { uid: metadata.uid, signal: ctx.signal })
}

async function writeFinalizers(ctx: Context, { metadata }: PartialObjectMetadata, finalizers: string[]): Promise<void> {
  const patch = { metadata: { finalizers, resourceVersion: metadata.resourceVersion } }
  const key = { namespace: metadata.namespace, name: metadata.name as string }
  try {
    await ctx.client.mergePatch(AGENT_JOB, key, patch, { fieldManager: FIELD_MANAGER, signal: ctx.signal })
  } catch (error) {
    // the newer version of the object is on its way to us
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}
