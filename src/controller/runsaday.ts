import type { AgentQuotaStatus } from '../api/agentquota.ts'
import { isConflict, isNotFound } from '../kube/errors.ts'
import type { PartialObjectMetadata } from '../kube/object.ts'
import type { CachedReference } from '../references/caches.ts'
import type { Context } from './context.ts'
import { AGENT_QUOTA, FIELD_MANAGER } from './types.ts'

/*
 * maxRunsPerDay of an AgentQuota. What has started today is not told by what there is: Jobs go, and AgentJobs with their
 * statuses. So it is counted in the status of the AgentQuota, and before a run starts: a leader that is killed in between
 * leaves one too many there, never one too few. The count is only ever written over the one that it was made from.
 */

/** What has started on a day (UTC), by the AgentQuota's status, and which Jobs of them this leader has counted. */
export interface DayCount {
  day: string
  runs: number
  /** How many were under way when that was last told. */
  runningRuns: number | undefined
  resourceVersion: string | undefined
  counted: Set<string>
  /** Versions that this leader has written or read, and that may still come by its cache. */
  seen: Set<string | undefined>
}

/** An AgentQuota as the API server sends it. */
type StoredQuota = PartialObjectMetadata & { status?: AgentQuotaStatus }

/** How often a count is made again over what somebody else has written meanwhile. */
const TRIES = 5

/** The day of an instant: `2026-01-31`, in UTC. */
export const dayOf = (now: Date): string => now.toISOString().slice(0, 10)

/** When the next day begins. */
export const nextDay = (now: Date): Date => new Date(Date.parse(dayOf(now)) + 86_400_000)

/** How many runs an AgentQuota has had start today, and whether one of these Jobs is counted among them. */
export function startedToday(ctx: Context, quota: CachedReference | undefined): DayCount {
  const today = dayOf(ctx.now())
  const known = quota && knownOf(ctx, quota)
  return known?.day === today ? known : { ...nothing(), resourceVersion: known?.resourceVersion, day: today }
}

const nothing = () => ({ runs: 0, runningRuns: undefined, counted: new Set<string>(), seen: new Set<string>() })

/** How many runs were under way by what an AgentQuota's status was last told. */
export const toldRunning = (ctx: Context, quota: CachedReference): number | undefined => knownOf(ctx, quota).runningRuns

/** Counts a run, by its Job `namespace/name`, before it starts: whether it may. Counts each one once. */
export async function countRun(ctx: Context, quota: CachedReference, limit: number, job: string): Promise<boolean> {
  const { uid, namespace, name = '' } = quota.metadata
  for (let tries = 0; tries < TRIES; tries++) {
    const { day, runs, resourceVersion, counted } = startedToday(ctx, quota)
    if (counted.has(job)) return true
    if (runs >= limit) return false
    try {
      await writeUsed(ctx, quota, { day, runsToday: runs + 1 }, resourceVersion)
      startedToday(ctx, quota).counted.add(job)
      return true
    } catch (error) {
      if (isNotFound(error)) return true
      if (!isConflict(error)) throw error
      const live = await ctx.client.get<StoredQuota>(AGENT_QUOTA, { namespace, name })
      // another one of its name is on its way to us
      if (!live || live.metadata.uid !== uid) return true
      remember(ctx, live)
    }
  }
  throw new Error(`AgentQuota ${namespace}/${name} changes too often for a run to be counted`)
}

/** Writes a part of what an AgentQuota has used; with a resourceVersion, only over that version of it. */
export async function writeUsed(
  ctx: Context,
  { metadata }: CachedReference,
  used: NonNullable<AgentQuotaStatus['used']>,
  resourceVersion?: string,
): Promise<void> {
  const { uid, namespace, name = '' } = metadata
  const patch = { metadata: { uid, resourceVersion }, status: { used } }
  const o = { subresource: 'status', fieldManager: FIELD_MANAGER, signal: ctx.signal } as const
  remember(ctx, await ctx.client.mergePatch<StoredQuota>(AGENT_QUOTA, { namespace, name }, patch, o))
}

/** What this leader has written or read last; else what the cache has, which may be behind. */
function knownOf({ memory }: Context, { metadata, used }: CachedReference): DayCount {
  const known = memory.days.get(metadata.uid ?? '')
  if (known) return known
  const { day = '', runsToday: runs = 0, runningRuns } = used ?? {}
  return { ...nothing(), day, runs, runningRuns, resourceVersion: metadata.resourceVersion }
}

/**
 * An AgentQuota as the cache has it now. What somebody else has written is believed in the place of what this leader
 * remembers; older writes of its own, which come by the cache late, are not. Whether fewer runs are counted than before.
 */
export function quotaSeen(ctx: Context, quota: CachedReference): boolean {
  const { metadata, used } = quota
  const known = ctx.memory.days.get(metadata.uid ?? '')
  const { resourceVersion } = metadata
  if (!known || (known.resourceVersion !== resourceVersion && known.seen.has(resourceVersion))) return false
  const isOurs = known.resourceVersion === resourceVersion
  known.seen.clear()
  known.seen.add(resourceVersion)
  if (isOurs) return false
  const { runs } = startedToday(ctx, quota)
  remember(ctx, { ...quota, status: { used } })
  return startedToday(ctx, quota).runs < runs
}

function remember({ memory }: Context, { metadata, status }: StoredQuota): void {
  const { uid = '', resourceVersion } = metadata
  const { day = '', runsToday: runs = 0, runningRuns } = status?.used ?? {}
  const before = memory.days.get(uid)
  const counted = before?.day === day ? before.counted : new Set<string>()
  const seen = (before?.seen ?? new Set()).add(resourceVersion)
  memory.days.set(uid, { day, runs, runningRuns, resourceVersion, counted, seen })
}

/** Has what is written to an AgentQuota written one after the other. */
export function inTurn<T>({ memory }: Context, { metadata }: CachedReference, act: () => Promise<T>): Promise<T> {
  const uid = metadata.uid ?? ''
  const before = memory.writing.get(uid) ?? Promise.resolve()
  const now = before.then(act, act)
  const settled = now.then(
    () => {},
    () => {},
  )
  memory.writing.set(uid, settled)
  void settled.then(() => {
    if (memory.writing.get(uid) === settled) memory.writing.delete(uid)
  })
  return now
}
