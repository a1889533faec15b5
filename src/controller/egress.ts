import type { Expansion } from '../api/expansion.ts'
import { isPolicy, UNLIMITED } from '../expand/egress/egress.ts'
import { egressHash } from '../expand/egress/settings.ts'
import type { Failure } from '../status/observed.ts'
import { type CachedAgentJob, childrenOf } from './caches.ts'
import type { Context } from './context.ts'
import { pause } from './prune.ts'

/** Whether its pods would be limited by other policies now, or by none. */
export function isLimitedOtherwise({ egress }: Context, expansion: Expansion): boolean {
  if (egress?.enabled) return expansion.egress !== egressHash(egress)
  return expansion.egress !== undefined && expansion.egress !== UNLIMITED
}

/** Told of an AgentJob whose expansion has no policy yet; another one is on its way, unless admission is not asked. */
export const NO_POLICY: Failure = {
  reason: 'NoPolicy',
  message:
    'where pods go is limited here, and its expansion has no policy for it; nothing starts, and admission is asked for one',
  policy: true,
}

/** Has the schedules of an AgentJob start nothing more until their CronJobs are applied again. */
export async function pauseSchedules(ctx: Context, job: CachedAgentJob): Promise<void> {
  for (const cronJob of childrenOf(ctx.caches, 'CronJob', job))
    if (!cronJob.metadata.deletionTimestamp) await pause(ctx, cronJob)
}

/**
 * Made without policies where pods are limited, or with some that this controller does not look after: nothing is started
 * of it. Webhook and controller get other settings one after the other, and a run without its policy could go anywhere.
 */
export function isUnlimited({ egress, caches }: Context, { expansion }: CachedAgentJob): boolean {
  const { problems = [], resources = [] } = expansion ?? {}
  const policies = resources.filter(isPolicy)
  if (!policies.length) return egress?.enabled === true && problems.length === 0
  return policies.some(({ kind }) => !caches.children.has(kind))
}

/** Whether pods that started now would go anywhere, or where an earlier policy lets them: its own is not there. */
export const lacksPolicy = ({ egress }: Context, { expansion }: CachedAgentJob, failures: Failure[]) =>
  failures.some(({ policy }) => policy) || (egress?.enabled === true && !expansion?.resources.some(isPolicy))
