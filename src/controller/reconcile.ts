import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Expansion } from '../api/expansion.ts'
import { isPolicy } from '../expand/egress/egress.ts'
import { RENDERER } from '../expand/expand.ts'
import { holdsRuns, makesHeldJobs } from '../expand/held.ts'
import { looksElsewhere } from '../expand/references.ts'
import { restoredRevision, specHash } from '../expand/revision.ts'
import type { Failure } from '../status/observed.ts'
import type { CachedAgentJob } from './caches.ts'
import { applyChild } from './children.ts'
import type { Context } from './context.ts'
import { isLimitedOtherwise, isUnlimited, lacksPolicy, NO_POLICY, pauseSchedules } from './egress.ts'
import { endRuns } from './endruns.ts'
import { addFinalizer, finalize, needsFinalizer, sweep } from './finalizer.ts'
import type { Distrust } from './metrics.ts'
import { jobsOf, mirror, withNewestStatus } from './mirror.ts'
import { isAsleep } from './outline.ts'
import { askAgain, settlePlaces, waitsFor } from './places.ts'
import { prune } from './prune.ts'
import type { Result } from './queue.ts'
import { fallAsleep, touchAsleep, wake } from './sleep.ts'
import { releaseRuns, startRun } from './startrun.ts'
import { isOfOlderEpoch, isStale, PATIENCE, restOf, touch } from './touch.ts'

/**
 * One look at one AgentJob: what it says, what is there, and the writes that make the two agree. Reads caches only; a
 * lost, doubled or reordered event changes nothing.
 */
export async function reconcile(ctx: Context, key: string): Promise<Result> {
  const waitedFor = askAgain(ctx, key)
  let isClear = false
  try {
    const result = await look(ctx, key)
    isClear = true
    return result
  } finally {
    settlePlaces(ctx, key, { waitedFor, isClear })
  }
}

async function look(ctx: Context, key: string): Promise<Result> {
  await sweep(ctx, key)
  const cached = ctx.caches.agentJobs.getByKey(key)
  if (!cached) {
    ctx.memory.graves.delete(key)
    ctx.outbox.owe(key, [])
    return undefined
  }
  if (cached.metadata.deletionTimestamp) {
    await finalize(ctx, cached)
    return undefined
  }
  if (
    isAsleep(cached) &&
    !cached.touched &&
    (isStale(cached.expansion, ctx.caches.references) || isOfOlderEpoch(ctx, cached))
  ) {
    await touchAsleep(ctx, cached)
    return { retry: true }
  }
  const job = isAsleep(cached) ? await wake(ctx, cached) : withNewestStatus(ctx, cached)
  // what has happened to it meanwhile is on its way to us
  if (!job || job.metadata.deletionTimestamp) return undefined
  const distrust = await whyNotOurs(ctx, job)
  if (distrust) ctx.metrics?.distrusted(distrust)
  const verified = distrust === undefined
  const unlimited = verified && isUnlimited(ctx, job)
  const settled = verified && !unlimited && !isStale(job.expansion!, ctx.caches.references)
  const failures: Failure[] = []
  if (settled && needsFinalizer(job)) {
    await addFinalizer(ctx, job)
    return undefined
  }
  await endRuns(ctx, job, jobsOf(ctx, job), settled)
  const started = settled && (await materialize(ctx, job, failures))
  const isOpen = unlimited && ctx.egress?.enabled === true
  if (isOpen) await pauseSchedules(ctx, job)
  // the next run before what is told of this one: its status can wait, and has often more to tell by then
  if (started && lasts(job)) return { yield: true }
  const toJudge = isToJudge(ctx, job)
  const dated = !settled || isOutdated(ctx, job) || isOfOlderEpoch(ctx, job) || toJudge
  // before the status, which must not stand in the way: what was taken back goes with the next expansion
  const rest = dated ? restOf(ctx, job) : 0
  const untouched = dated && !rest ? await touch(ctx, job).catch((error: unknown) => ({ error })) : undefined
  if (toJudge && !rest && !untouched) judgedOnce(ctx, job)
  const told = isOpen ? [NO_POLICY] : failures
  const { written, look } = await mirror(ctx, job, { over: cached.metadata.resourceVersion, verified, failures: told })
  if (untouched) throw untouched.error
  if (failures.length || !written) return { retry: true }
  if (dated) return rest ? { afterMs: rest } : { retry: true }
  ctx.memory.vain.delete(job.metadata.uid as string)
  if (verified && !waitsFor(ctx, key)) fallAsleep(ctx, job)
  return look && { afterMs: Math.max(0, look.getTime() - ctx.now().getTime()) + 1000 }
}

/** Whether the Job of a run will be there for a while after its end: without it a status could not tell of the run. */
const lasts = ({ spec }: CachedAgentJob) => (spec.ttlSecondsAfterFinished ?? KEPT_SECONDS) >= KEPT_SECONDS
const KEPT_SECONDS = 60

/** Why the expansion was not made by us, for this object, from the spec that is stored; undefined where it was. */
async function whyNotOurs({ keys, memory }: Context, job: CachedAgentJob): Promise<Distrust | undefined> {
  const { expansion } = job
  if (expansion === undefined) return 'Missing'
  // a verdict by keys that change meanwhile is not kept
  const { verified } = memory
  // one object comes up again with each event of its children
  if (verified.has(expansion)) return verified.get(expansion)
  const identity = { namespace: job.metadata.namespace as string, name: job.metadata.name as string }
  const isSigned = await keys.holds(expansion, identity)
  const distrust = isSigned ? (expansion.specHash === specHash(job.spec) ? undefined : 'Spec') : 'Signature'
  verified.set(expansion, distrust)
  return distrust
}

/**
 * Made with look-ups in another library than the one of the settings; or by older rendering rules than ours, by other
 * settings of egress or of what stands in pods, or for an object whose restored status tells of another revision, or from
 * before ClusterAccess was switched off, or before its namespace had, or had not, an AgentQuota that counts runs. With a
 * problem in the way a touch would change none of these but the look-ups.
 */
const isOutdated = (ctx: Context, job: CachedAgentJob) =>
  job.expansion !== undefined &&
  (looksElsewhere(job.expansion.references, job.metadata.namespace ?? '', ctx) ||
    (job.expansion.problems.length === 0 &&
      (job.expansion.renderer < RENDERER ||
        job.expansion.settingsHash !== ctx.settingsHash ||
        restoredRevision(job) !== undefined ||
        hasForeign(ctx, job.expansion) ||
        isLimitedOtherwise(ctx, job.expansion) ||
        isHeldOtherwise(ctx, job))))

/**
 * What another version has found invalid may be valid by the rules of this one, what an AgentQuota forbids may be an image
 * of earlier settings, and what something is in the way of may have policies by other settings: each leader has it looked
 * at anew, or a schedule would stay paused after an upgrade or a way back that mends it. Some times, because a webhook of
 * the version before may still answer; not for ever, because an answer that is right stays what it is.
 */
const isToJudge = (ctx: Context, { metadata, expansion }: CachedAgentJob) =>
  expansion !== undefined &&
  expansion.problems.length > 0 &&
  (expansion.problems.some(({ reason }) => reason === 'Invalid' || reason === 'ForbiddenByQuota') ||
    isLimitedOtherwise(ctx, expansion)) &&
  (ctx.memory.judged.get(metadata.uid as string) ?? 0) < PATIENCE

function judgedOnce({ memory }: Context, { metadata: { uid = '' } }: CachedAgentJob): void {
  memory.judged.set(uid, (memory.judged.get(uid) ?? 0) + 1)
}

/** Whether it has children of a kind that is not looked after any more. */
const hasForeign = ({ caches }: Context, { resources }: Expansion) =>
  resources.some(({ kind }) => kind !== 'Job' && !caches.children.has(kind))

/** Whether the Jobs of a schedule would be made suspended now and are not, or are and would not be. */
function isHeldOtherwise({ caches }: Context, { metadata, spec, expansion }: CachedAgentJob): boolean {
  const cronJob = expansion?.resources.find(({ kind }) => kind === 'CronJob')
  const quotas = caches.references.quotasOf(metadata.namespace ?? '')
  if (!cronJob || !quotas) return false
  const runtime = expansion?.references.find(({ kind, hash }) => kind === 'AgentRuntime' && hash !== '')
  const found = runtime && caches.references.lookup(runtime.kind, runtime.namespace, runtime.name)
  return makesHeldJobs(cronJob) !== holdsRuns(spec, found?.spec as AgentRuntimeSpec | undefined, quotas)
}

/** Whether a run was started. */
async function materialize(ctx: Context, job: CachedAgentJob, failures: Failure[]): Promise<boolean> {
  let started = false
  for (const child of job.expansion?.resources ?? []) {
    if (child.kind === 'Job') continue
    const failure = await applyChild(ctx, job, child)
    if (!failure) continue
    failures.push(isPolicy(child) ? { ...failure, policy: true } : failure)
    // what follows may build on it: no rights are bound to an account that is a stranger's
    break
  }
  if (!failures.length) {
    const outcome = await startRun(ctx, job)
    started = outcome === 'started'
    if (outcome && typeof outcome !== 'string') failures.push(outcome)
  }
  if (lacksPolicy(ctx, job, failures)) await pauseSchedules(ctx, job)
  else failures.push(...(await releaseRuns(ctx, job, jobsOf(ctx, job))))
  await prune(ctx, job, jobsOf(ctx, job))
  return started
}
