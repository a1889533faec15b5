import type { ChildResource } from '../api/expansion.ts'
import { parseQuantity } from '../api/quantity.ts'
import { isPolicy } from '../expand/egress/egress.ts'
import { childNames } from '../expand/names.ts'
import { isConflict } from '../kube/errors.ts'
import type { KubeObject, ResourceType } from '../kube/object.ts'
import type { Failure } from '../status/observed.ts'
import { hasAdditions } from './additions.ts'
import type { CachedAgentJob } from './caches.ts'
import type { Context } from './context.ts'
import { clearTheWay } from './predecessor.ts'
import { refusalOf } from './refusal.ts'
import { isAgreed } from './sleep.ts'
import { isSubset } from './subset.ts'
import { CHILD_TYPES, FIELD_MANAGER, OWNER_UID_LABEL, ownerReference, ownerUid } from './types.ts'

/**
 * Brings a child other than a Job to what the expansion says, with server-side apply: created, restored after somebody
 * deleted or edited it, changed with the expansion. An object of that name that is not ours is left alone.
 */
export async function applyChild(
  ctx: Context,
  job: CachedAgentJob,
  child: ChildResource,
): Promise<Failure | undefined> {
  const type = CHILD_TYPES[child.kind]
  const what = `${child.kind} ${child.metadata.name}`
  if (!type || !isInPlace(job, child, type))
    return { reason: 'Refused', message: `an expansion cannot hold ${what}`, final: true }
  const wanted = withOwner(job, child, type)
  const store = ctx.caches.children.get(child.kind)
  const whose = isPolicy(child) ? 'egress' : 'ClusterAccess'
  if (!store) return { reason: 'Refused', message: `${what}: ${whose} is switched off in this cluster` }
  const cached = store?.get(wanted.metadata.namespace, child.metadata.name)
  const known = cached && ownerUid(cached) === job.metadata.uid
  if (known && (isAgreed(cached, child) ?? !isDue(ctx, wanted, cached))) return undefined
  try {
    const live = await ctx.client.get<KubeObject>(type, {
      namespace: wanted.metadata.namespace,
      name: child.metadata.name,
    })
    if (live && ownerUid(live) !== job.metadata.uid) return clearTheWay(ctx, job, type, live)
    if (live?.metadata.deletionTimestamp) return { reason: 'WaitingForDeletion', message: `${what} is being deleted` }
    if (known && live && isAgreed(cached, child) === false && !isDue(ctx, wanted, live)) {
      if (live.metadata.resourceVersion === cached.metadata.resourceVersion) store?.swap(cached, live)
      return undefined
    }
    if (live) wanted.metadata.uid = live.metadata.uid
    const applied = await put(ctx, type, wanted, live)
    remember(ctx, wanted, applied, live)
    if (!live) store?.upsertIfAbsent(applied)
    return undefined
  } catch (error) {
    if (isConflict(error)) return { reason: 'NameConflict', message: `${what}: ${error.message}` }
    const failure = refusalOf(error, what)
    if (!failure) throw error
    if (child.kind !== 'PersistentVolumeClaim' || !cached) return failure
    // a volume that cannot grow is there all the same
    ctx.record(job, 'Warning', 'VolumeNotGrown', failure.message)
    remember(ctx, wanted, cached, cached)
    return undefined
  }
}

/**
 * Server-side apply. A CronJob that is there is replaced as a whole instead, and so is a policy: apply leaves what others
 * have added to its pods, a container or a host's network for example, or to what it opens.
 */
async function put(ctx: Context, type: ResourceType, wanted: KubeObject, live: KubeObject | undefined) {
  const o = { fieldManager: FIELD_MANAGER, signal: ctx.signal }
  if (live && (live.kind === 'CronJob' || isPolicy(live))) {
    const { labels, annotations } = live.metadata
    const metadata = {
      ...live.metadata,
      ...wanted.metadata,
      labels: { ...labels, ...wanted.metadata.labels },
      annotations: { ...annotations, ...wanted.metadata.annotations },
    }
    const { apiVersion, kind, spec } = wanted
    return ctx.client.update<KubeObject>(type, { apiVersion, kind, metadata, spec }, o)
  }
  // what is ours we take back; what is new must not take over fields of somebody who was faster
  return ctx.client.apply<KubeObject>(type, grown(wanted, live), { ...o, force: live !== undefined })
}

/** In the AgentJob's own namespace, or cluster-scoped under the name that is its own. */
function isInPlace({ metadata }: CachedAgentJob, child: ChildResource, { namespaced }: ResourceType): boolean {
  if (namespaced) return child.metadata.namespace === metadata.namespace
  return child.metadata.name === childNames.clusterRole(metadata.namespace as string, metadata.name as string)
}

function isDue(ctx: Context, wanted: KubeObject, cached: KubeObject): boolean {
  if (cached.metadata.deletionTimestamp) return true
  const { data: _, ...comparable } = grown(wanted, cached)
  if (isSubset(comparable, cached) && !hasAdditions(wanted, cached)) return false
  return (
    ctx.memory.unchangeable.get(cached.metadata.uid ?? '') !==
    `${cached.metadata.resourceVersion} ${wantedHash(wanted)}`
  )
}

const wantedHash = ({ metadata }: KubeObject) => JSON.stringify(metadata.annotations)

/** An apply that changed nothing would change nothing the next time: the API server writes the same thing differently. */
function remember(ctx: Context, wanted: KubeObject, applied: KubeObject, live: KubeObject | undefined): void {
  const { uid = '', resourceVersion } = applied.metadata
  if (live?.metadata.resourceVersion === resourceVersion)
    ctx.memory.unchangeable.set(uid, `${resourceVersion} ${wantedHash(wanted)}`)
  else ctx.memory.unchangeable.delete(uid)
}

function withOwner(job: CachedAgentJob, child: ChildResource, type: ResourceType): KubeObject {
  const { metadata } = child
  return {
    ...child,
    metadata: type.namespaced
      ? { ...metadata, ownerReferences: [ownerReference(job)] }
      : { ...metadata, labels: { ...metadata.labels, [OWNER_UID_LABEL]: job.metadata.uid as string } },
  }
}

interface Claim {
  accessModes?: string[]
  storageClassName?: string
  resources?: { requests?: { storage?: string } }
}

/** A volume only grows: a smaller size than it has, another class or mode is not asked for. */
function grown(wanted: KubeObject, live: KubeObject | undefined): KubeObject {
  if (wanted.kind !== 'PersistentVolumeClaim' || !live) return wanted
  const has = (live.spec as Claim).resources?.requests?.storage
  const asked = (wanted.spec as Claim).resources?.requests?.storage
  const more = has === undefined || (parseQuantity(asked ?? 0) ?? 0) > (parseQuantity(has) ?? 0)
  // nothing else of a claim can change
  const { accessModes, storageClassName } = live.spec as Claim
  const spec = { accessModes, storageClassName, resources: { requests: { storage: more ? asked : has } } }
  return { ...wanted, spec }
}
