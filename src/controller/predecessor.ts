import type { PartialObjectMetadata, ResourceType } from '../kube/object.ts'
import type { Failure } from '../status/observed.ts'
import type { CachedAgentJob } from './caches.ts'
import type { Context } from './context.ts'
import { conflictWith, isOfPredecessor } from './nameconflict.ts'
import { AGENT_JOB } from './types.ts'

/**
 * What stands in the way under a child's name. What an AgentJob that is gone has left is deleted, as the garbage
 * collector would: in a cluster where our kinds are new it takes half a minute to notice. Volumes are left to it.
 */
export async function clearTheWay(
  ctx: Context,
  job: CachedAgentJob,
  type: ResourceType,
  live: PartialObjectMetadata,
): Promise<Failure> {
  const failure = conflictWith(live, job)
  if (!isOfPredecessor(live, job) || live.metadata.deletionTimestamp || live.kind === 'PersistentVolumeClaim')
    return failure
  const { namespace, name, uid } = job.metadata as { namespace: string; name: string; uid: string }
  // read after the child: an owner of this name that is not the one which is there now is none that is to come
  const owner = await ctx.client.get<CachedAgentJob>(AGENT_JOB, { namespace, name })
  if (owner?.metadata.uid !== uid) return failure
  await ctx.client.delete(
    type,
    { namespace: live.metadata.namespace, name: live.metadata.name as string },
    { uid: live.metadata.uid, propagationPolicy: 'Background', signal: ctx.signal },
  )
  return failure
}
