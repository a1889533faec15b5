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

/** Touches of an AgentJob that have changed nothing. */
export interface Vain {
  times: number
  /** The version that they left as it was. */
  resourceVersion: string | undefined
  /** When the last one was, in milliseconds. */
  at: number
}

/** So many touches in vain are nothing yet: a webhook's cache can be behind ours, or its registration on its way. */
export const PATIENCE = 10
const REST_MS = 60_000
const MOST_REST_MS = 1_800_000

/**
 * For how many milliseconds an AgentJob is not to be touched: admission was asked about this version of it often enough,
 * and has answered nothing. It is not asked at all where the namespace is left out of the webhook's registration. One
 * minute first, then twice as long each time, half an hour at most.
 */
export function restOf({ memory, now }: Pick<Context, 'memory' | 'now'>, { metadata }: PartialObjectMetadata): number {
  const vain = memory.vain.get(metadata.uid ?? '')
  if (!vain || vain.resourceVersion !== metadata.resourceVersion || vain.times < PATIENCE) return 0
  const rest = Math.min(MOST_REST_MS, REST_MS * 2 ** (vain.times - PATIENCE))
  return Math.max(0, vain.at + rest - now().getTime())
}

/**
 * Has admission expand an AgentJob anew: an empty patch, which changes nothing but what the webhook changes. Whether it
 * helped shows when the object comes back on the watch; until then it is tried again with back-off.
 */
export async function touch(ctx: Context, { metadata }: PartialObjectMetadata): Promise<void> {
  const { namespace, name = '', uid = '', resourceVersion } = metadata
  const o = { fieldManager: FIELD_MANAGER, signal: ctx.signal }
  try {
    const live = await ctx.client.mergePatch<PartialObjectMetadata>(AGENT_JOB, { namespace, name }, {}, o)
    const { vain } = ctx.memory
    const before = vain.get(uid)
    if (live.metadata.resourceVersion !== resourceVersion) vain.delete(uid)
    else {
      const times = before?.resourceVersion === resourceVersion ? before?.times : 0
      vain.set(uid, { times: (times ?? 0) + 1, resourceVersion, at: ctx.now().getTime() })
    }
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
