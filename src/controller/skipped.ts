import type { AgentJobStatus, Skip, SkipReason } from '../api/agentjobstatus.ts'
import { EVENTS } from '../kube/events.ts'
import { deriveStatus } from '../status/derive.ts'
import type { CronJob, Observed } from '../status/observed.ts'
import type { CachedAgentJob } from './caches.ts'
import type { Context } from './context.ts'
import { type Note, toNote } from './notes.ts'

const CAUSES: Record<SkipReason, string> = {
  Suspended: 'the schedule was suspended',
  ConcurrencyForbid: 'the run before it had not ended, and spec.concurrencyPolicy is Forbid',
  MissedDeadline: 'Kubernetes created no Job in time',
  ReferenceMissing: 'the AgentJob could not be expanded, and its condition Expanded says why',
  QuotaExceeded: 'a ResourceQuota allowed no more objects of a kind',
}

/**
 * The status, with the reason that Kubernetes alone knows: its CronJob controller says in Events that it could not create
 * a Job. They are asked for in the one case in which they matter.
 */
export async function deriveWithRefusals(ctx: Context, observed: Observed): Promise<AgentJobStatus> {
  const status = deriveStatus(observed)
  const isMissed = newSkips(observed.job.status, status).some(({ skip }) => skip.reason === 'MissedDeadline')
  if (!isMissed || !observed.cronJob) return status
  return deriveStatus({ ...observed, refusals: await refusalsOf(ctx, observed.cronJob) })
}

async function refusalsOf({ client, signal }: Context, { metadata }: CronJob): Promise<string[]> {
  const { namespace, name } = metadata
  const fieldSelector = `reason=FailedCreate,regarding.kind=CronJob,regarding.name=${name}`
  const { items } = await client.list<Note>(EVENTS, { namespace, fieldSelector, signal })
  return items.map((event) => toNote(event).note)
}

/** Counts what was skipped since the status before, and tells of each row of skips once. */
export function announceSkips(ctx: Context, job: CachedAgentJob, status: AgentJobStatus): void {
  for (const { skip, times, isFirst } of newSkips(job.status, status)) {
    ctx.metrics?.skipped(skip.reason, times)
    const what = `the run due at ${skip.scheduledAt} did not start: ${CAUSES[skip.reason]}`
    if (isFirst) ctx.record(job, 'Warning', 'Skipped', `${skip.reason}: ${what}`)
  }
}

/** The skips that a status tells of and the one before did not, or not as many of. */
function newSkips(before: AgentJobStatus | undefined, { skips = [] }: AgentJobStatus) {
  const told = new Map(before?.skips?.map((skip) => [skip.scheduledAt, timesOf(skip)]))
  return skips
    .map((skip) => ({
      skip,
      times: timesOf(skip) - (told.get(skip.scheduledAt) ?? 0),
      isFirst: !told.has(skip.scheduledAt),
    }))
    .filter(({ times }) => times > 0)
}

const timesOf = ({ count = 1 }: Skip) => count
