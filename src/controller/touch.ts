import type { Expansion } from '../api/expansion.ts'
import { isNotFound } from '../kube/errors.ts'
import type { PartialObjectMetadata } from '../kube/object.ts'
import type { ReferenceCaches } from '../references/caches.ts'
import { epochOf } from '../signing/signature.ts'
import type { CachedAgentJob } from './caches.ts'
import type { Context } from './context.ts'
import { isAsleep, type SleepingAgentJob } from './outline.ts'
import { AGENT_JOB, FIELD_MANAGER } from './types.ts'

/** Whether an object that the expansion was made from has changed, come or gone since, by our own cache. */
export const isStale = (
  expansion: Pick<Expansion, 'references'>,
  { hashOf }: Pick<ReferenceCaches, 'hashOf'>,
): boolean =>
  expansion.references.some(({ kind, namespace, name, hash }) => (hashOf(kind, namespace, name) ?? '') !== hash)

/** Whether its signature is of an older epoch than new ones are: it is to be signed anew before that one is retired. */
export function isOfOlderEpoch({ keys }: Pick<Context, 'keys'>, job: CachedAgentJob | SleepingAgentJob): boolean {
  const epoch = isAsleep(job) ? job.epoch : epochOf(job.expansion)
  return epoch !== undefined && epoch < keys.signs()
}

/**
 * Has admission expand an AgentJob anew: an empty patch, which changes nothing but what the webhook changes. Whether it
 * helped shows when the object comes back on the watch; until then it is tried again with back-off.
 */
export async function touch(ctx: Context, { metadata }: PartialObjectMetadata): Promise<void> {
  const key = { namespace: metadata.namespace, name: metadata.name as string }
  try {
    await ctx.client.mergePatch(AGENT_JOB, key, {}, { fieldManager: FIELD_MANAGER, signal: ctx.signal })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
