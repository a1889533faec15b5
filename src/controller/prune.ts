import { isPolicy } from '../expand/egress/egress.ts'
import type { KubeObject } from '../kube/object.ts'
import { type CachedAgentJob, type CachedJob, ownedBy } from './caches.ts'
import type { Context } from './context.ts'
import { isFinished } from './outline.ts'
import { CHILD_TYPES, CRON_JOB, FIELD_MANAGER } from './types.ts'

const ACCESS_KINDS = ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding']

/**
 * Deletes children that the expansion no longer names, but never one that a live Job uses, and never a volume. Where a
 * problem keeps the expansion from naming anything, what is there stays and schedules pause.
 */
export async function prune(ctx: Context, job: CachedAgentJob, jobs: CachedJob[]): Promise<void> {
  const wanted = new Set(job.expansion?.resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`))
  const live = jobs.filter((run) => !isFinished(run))
  const inUse = new Set(live.flatMap(({ uses }) => uses))
  for (const [kind, store] of ctx.caches.children) {
    if (kind === 'PersistentVolumeClaim') continue
    for (const child of ownedBy(store, job)) {
      if (wanted.has(`${kind}/${child.metadata.name}`) || child.metadata.deletionTimestamp) continue
      if (kind === 'CronJob') await pruneCronJob(ctx, job, child, live)
      else if (isPolicy({ kind })) {
        // a policy limits whatever runs, by no name of its own; switched off, no problem needs it for later
        if (!live.length && !(ctx.egress?.enabled && job.expansion?.problems.length)) await remove(ctx, kind, child)
      } else if (!isKept(job, kind, child, inUse, wanted)) await remove(ctx, kind, child)
    }
  }
}

function isKept(
  job: CachedAgentJob,
  kind: string,
  child: KubeObject,
  inUse: Set<string>,
  wanted: Set<string>,
): boolean {
  const account = `${job.metadata.name}-runner`
  // rights that were revoked go at once, also from under a running agent; its account is still wanted then
  if (ACCESS_KINDS.includes(kind)) return !wanted.has(`ServiceAccount/${account}`) && inUse.has(account)
  return Boolean(job.expansion?.problems.length) || inUse.has(child.metadata.name as string)
}

/** Deleting a CronJob deletes its Jobs: it is paused until the last of them has ended. */
async function pruneCronJob(ctx: Context, job: CachedAgentJob, child: KubeObject, live: CachedJob[]): Promise<void> {
  const running = live.some(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === child.metadata.uid))
  if (!running && !job.expansion?.problems.length) return remove(ctx, 'CronJob', child)
  await pause(ctx, child)
}

/** Has a CronJob start nothing more; what is running goes on. */
export async function pause(ctx: Context, child: KubeObject): Promise<void> {
  if ((child.spec as { suspend?: boolean }).suspend) return
  const key = { namespace: child.metadata.namespace, name: child.metadata.name as string }
  await ctx.client.mergePatch(
    CRON_JOB,
    key,
    { spec: { suspend: true } },
    { fieldManager: FIELD_MANAGER, signal: ctx.signal },
  )
}

async function remove(ctx: Context, kind: string, { metadata }: KubeObject): Promise<void> {
  const type = CHILD_TYPES[kind]
  if (!type) return
  await ctx.client.delete(
    type,
    { namespace: metadata.namespace, name: metadata.name as string },
    {
      uid: metadata.uid,
      propagationPolicy: 'Background',
      signal: ctx.signal,
    },
  )
}
