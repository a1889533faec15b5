import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import { canonicalJson } from '../api/hash.ts'
import { egressHash, enforcerOf } from '../expand/egress/settings.ts'
import { isConflict, isNotFound } from '../kube/errors.ts'
import { objectKey, type PartialObjectMetadata } from '../kube/object.ts'
import { nextLook } from '../status/nextlook.ts'
import type { CronJob, Failure, Observed, ObservedRun } from '../status/observed.ts'
import { isOver, isTerminal, newest, wentWell } from '../status/run.ts'
import { type CachedAgentJob, type CachedJob, type CachedPod, childrenOf, ownedBy } from './caches.ts'
import type { Context } from './context.ts'
import { forget, type Grave, graveOf } from './graves.ts'
import { identityOf } from './identity.ts'
import { lastWords, recall } from './lastwords.ts'
import { newestOf, remember } from './newest.ts'
import { endedRuns, newRuns } from './news.ts'
import { lastNote } from './notes.ts'
import { announceNotifications, deliverOwed } from './notify.ts'
import { readLog } from './output.ts'
import { waitsFor } from './places.ts'
import { announceSkips, deriveWithRefusals } from './skipped.ts'
import { mergePatchOf } from './statuspatch.ts'
import { findStrays } from './strays.ts'
import { traceOfRun } from './traces.ts'
import { AGENT_JOB, FIELD_MANAGER, ownerUid } from './types.ts'

/** How many children a status names. */
const MAX_OWNED = 256

/** The Jobs of an AgentJob: its own and those of its CronJob. */
export const jobsOf = (ctx: Context, job: CachedAgentJob): CachedJob[] =>
  [job, ...cronJobsOf(ctx, job)].flatMap((owner) => ownedBy(ctx.caches.jobs, owner))

const cronJobsOf = ({ caches }: Context, job: CachedAgentJob) => childrenOf(caches, 'CronJob', job)

/** The AgentJob with the newest status that we know of. */
export function withNewestStatus({ memory }: Context, job: CachedAgentJob): CachedAgentJob {
  const newest = newestOf(memory, job)
  if (!newest) memory.written.delete(job.metadata.uid as string)
  const { resourceVersion, status } = newest ?? {}
  return newest ? { ...job, metadata: { ...job.metadata, resourceVersion }, status } : job
}

/**
 * Derives the status and writes it, if it says anything new; `over` is the version of the object in the cache. Not
 * written: somebody has changed the object since, and the status is derived again from what comes. Gives the time at
 * which a schedule has something to tell that no change brings up, if any.
 */
export async function mirror(
  ctx: Context,
  job: CachedAgentJob,
  { over, verified, failures }: { over: string | undefined; verified: boolean; failures: Failure[] },
): Promise<{ written: boolean; look?: Date }> {
  const key = objectKey(job)
  const buried = buriedOf(ctx, job)
  const strays = await findStrays(ctx, job, { known: jobsOf(ctx, job), buried })
  const grave = graveOf(ctx.memory, key)
  const runs = await runsOf(ctx, job, { strays, buried, grave })
  const observed = observe(ctx, job, { verified, failures, runs })
  const status = await deriveWithRefusals(ctx, observed)
  if (canonicalJson(status) !== canonicalJson(job.status)) {
    expectNews(ctx, job)
    if (!(await write(ctx, job, over, status))) return { written: false }
  }
  tellNews(ctx, job, status, runs)
  deliverOwed(ctx, job, status)
  const hasLivePod = (run: CachedJob) => ownedBy(ctx.caches.pods, run).some((pod) => !isOver(pod))
  forget(ctx.memory, key, grave, status, hasLivePod)
  return { written: true, look: nextLook(status, job.spec, observed.now) }
}

/** What is known of a run, in the form in which it is cached. */
type SeenRun = ObservedRun & { job: CachedJob; pods: CachedPod[] }

/** All runs that anything is known of, those that are gone and stand in no status yet among them. */
async function runsOf(
  ctx: Context,
  job: CachedAgentJob,
  { strays, buried, grave }: { strays: CachedJob[]; buried: CachedJob[]; grave: Grave },
): Promise<SeenRun[]> {
  const jobs = new Map<string | undefined, CachedJob>()
  for (const run of [...buriedOf(ctx, job), ...strays, ...jobsOf(ctx, job)]) jobs.set(run.metadata.uid, run)
  return Promise.all(
    [...jobs.values()].map(async (cached) => {
      const run = await recall(ctx, job, cached)
      const known = await lastWords(ctx, job, run, podsOf(ctx, run, grave.pods))
      // an outline would say that there is nothing to tell
      const pods = known.filter(({ told }) => !told)
      return {
        job: run,
        pods,
        ...(await readLog(ctx, job, run, pods)),
        failedCreate: lastNote(ctx.caches.failedCreates, run),
        failedMount: newestNote(ctx, pods),
        isTold: run.told,
        // one that was buried since the API server was asked may have lost no more than its labels
        isGone: buried.includes(cached),
      }
    }),
  )
}

const newestNote = ({ caches }: Context, pods: CachedPod[]): string | undefined => {
  const pod = newest(pods)
  return pod && lastNote(caches.failedMounts, pod)
}

function observe(
  ctx: Context,
  job: CachedAgentJob,
  { verified, failures, runs }: { verified: boolean; failures: Failure[]; runs: ObservedRun[] },
): Observed {
  const cronJob = cronJobsOf(ctx, job).find(({ metadata }) => !metadata.deletionTimestamp)
  return {
    job,
    verified,
    runs,
    cronJob: cronJob as CronJob | undefined,
    owned: resourcesOf(ctx, job),
    failures,
    waitsFor: waitsFor(ctx, objectKey(job)),
    seenSince: ctx.since,
    egress: ctx.egress?.enabled ? { hash: egressHash(ctx.egress), enforcer: enforcerOf(ctx.egress) } : undefined,
    deliveries: ctx.outbox.deliveriesOf(objectKey(job)),
    now: ctx.now(),
  }
}

const buriedOf = (ctx: Context, job: CachedAgentJob) =>
  graveOf(ctx.memory, objectKey(job)).jobs.filter((run) => isRunOf(ctx, job, run))

/** Whether a Job that is gone was this AgentJob's, and not one of an earlier object of the same name. */
function isRunOf(ctx: Context, job: CachedAgentJob, run: CachedJob): boolean {
  const owners = [job, ...cronJobsOf(ctx, job)].map(({ metadata }) => metadata.uid)
  return owners.includes(ownerUid(run)) || (job.status?.runs?.some(({ uid }) => uid === run.metadata.uid) ?? false)
}

function podsOf(ctx: Context, run: CachedJob, dead: CachedPod[]): CachedPod[] {
  const live = ownedBy(ctx.caches.pods, run)
  const names = new Set(live.map(({ metadata }) => metadata.name))
  return [...live, ...dead.filter((pod) => ownerUid(pod) === run.metadata.uid && !names.has(pod.metadata.name))]
}

function resourcesOf(ctx: Context, job: CachedAgentJob): { kind: string; name: string }[] {
  const stores = [...ctx.caches.children, ['Job', ctx.caches.jobs] as const]
  return stores
    .flatMap(([kind, store]) =>
      ownedBy<PartialObjectMetadata>(store, job).map(({ metadata }) => ({ kind, name: metadata.name as string })),
    )
    .sort((a, b) => (`${a.kind}/${a.name}` < `${b.kind}/${b.name}` ? -1 : 1))
    .slice(0, MAX_OWNED)
}

/**
 * A merge patch of the whole status: what is gone from it is set to null. Only over the version that it was derived
 * from: a cache that is behind, or another leader, must not take back what is known already.
 */
async function write(
  ctx: Context,
  job: CachedAgentJob,
  over: string | undefined,
  status: AgentJobStatus,
): Promise<boolean> {
  const { resourceVersion } = job.metadata
  const patch = { metadata: { resourceVersion }, status: mergePatchOf(job.status ?? {}, status) }
  const key = { namespace: job.metadata.namespace, name: job.metadata.name as string }
  try {
    const stored = await ctx.client.mergePatch<CachedAgentJob>(AGENT_JOB, key, patch, {
      subresource: 'status',
      fieldManager: FIELD_MANAGER,
      signal: ctx.signal,
    })
    const { uid = '', resourceVersion } = stored.metadata
    remember(ctx.memory, uid, { over, status, resourceVersion })
    return true
  } catch (error) {
    if (isConflict(error)) return false
    if (!isNotFound(error)) throw error
    return true
  }
}

/**
 * Remembers what has been told so far. A write that was not answered may have been done, and the next look finds nothing
 * to write then.
 */
function expectNews({ memory }: Context, { metadata, status }: CachedAgentJob): void {
  const { uid = '' } = metadata
  if (!memory.untold.has(uid)) memory.untold.set(uid, status)
}

/** Events and counts of what a status that is written now says, and the last one that was told of did not. */
function tellNews(ctx: Context, job: CachedAgentJob, status: AgentJobStatus, seen: SeenRun[]): void {
  const { untold } = ctx.memory
  const { uid = '' } = job.metadata
  if (!untold.has(uid)) return
  const before = { ...job, status: untold.get(uid) }
  untold.delete(uid)
  announce(ctx, before, status)
  announceSkips(ctx, before, status)
  announceNotifications(ctx, before, status)
  for (const { jobName } of newRuns(before.status, status))
    ctx.log.info({ ...identityOf(job), job: jobName }, 'a run was started')
  for (const run of endedRuns(before.status, status)) {
    ctx.metrics?.ended(run)
    const { jobName, phase, reason } = run
    ctx.log.info({ ...identityOf(job), job: jobName, phase, reason }, 'a run has ended')
    const { job: seenJob, pods = [] } = seen.find((one) => one.job.metadata.uid === run.uid) ?? {}
    ctx.traces?.ended(traceOfRun(identityOf(job), run, seenJob, pods))
  }
}

/** Events for what people want to be told of: a run's start and end, and something in the way. */
function announce(ctx: Context, job: CachedAgentJob, status: AgentJobStatus): void {
  const [before, now] = [job.status?.runs?.[0], status.runs?.[0]]
  const known = job.status?.runs?.some(({ uid }) => uid === now?.uid)
  if (now && !known) ctx.record(job, 'Normal', 'Started', `started Job ${now.jobName}`)
  const ended = now && isTerminal(now.phase) && (before?.uid !== now.uid || before?.phase !== now.phase)
  if (ended)
    ctx.record(job, wentWell(now.phase) ? 'Normal' : 'Warning', now.phase, `${now.jobName} ended as ${now.phase}`)
  const obstacle = status.conditions?.find(
    ({ type, status }) => (type === 'Stalled' || type === 'Reconciling') && status === 'True',
  )
  const said = job.status?.conditions?.find(({ type }) => type === obstacle?.type)
  if (obstacle && !ended && obstacle.reason !== 'Starting' && said?.reason !== obstacle.reason)
    ctx.record(job, 'Warning', obstacle.reason, obstacle.message)
}
