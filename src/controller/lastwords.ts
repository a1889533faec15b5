import { isOver, isTerminal, newest } from '../status/run.ts'
import { type CachedAgentJob, type CachedJob, type CachedPod, toCachedJob, toCachedPod } from './caches.ts'
import type { Context } from './context.ts'
import { isFinished } from './outline.ts'
import { JOB, ownerUid, POD } from './types.ts'

/** The Job's controller marks its pods with it: https://kubernetes.io/docs/reference/labels-annotations-taints/ */
const CONTROLLER_UID = 'batch.kubernetes.io/controller-uid'

/**
 * Pods of a run that has just ended, where the watch has not told of the end of its last one. A Job ends after its pods;
 * whoever waits for the run reads its exit code and result at once, and may delete the Job. So the API server is asked
 * before the end is told, in this one case.
 */
export async function lastWords(
  ctx: Context,
  job: CachedAgentJob,
  run: CachedJob,
  known: CachedPod[],
): Promise<CachedPod[]> {
  if (!isFinished(run) || isTerminal(runOf(job, run)?.phase) || hasEnded(newest(known))) return known
  const { items } = await ctx.client.list<CachedPod>(POD, {
    namespace: run.metadata.namespace,
    labelSelector: `${CONTROLLER_UID}=${run.metadata.uid}`,
    signal: ctx.signal,
  })
  const live = items.filter((pod) => ownerUid(pod) === run.metadata.uid).map(toCachedPod)
  const names = new Set(live.map(({ metadata }) => metadata.name))
  return [...live, ...known.filter(({ metadata }) => !names.has(metadata.name))]
}

/** A run with all that there is to know of it, where the status that told of it has got lost. */
export async function recall(ctx: Context, job: CachedAgentJob, run: CachedJob): Promise<CachedJob> {
  if (!run.told || isTerminal(runOf(job, run)?.phase)) return run
  const { namespace, name, uid } = run.metadata
  const live = await ctx.client.get<CachedJob>(JOB, { namespace, name })
  return live && live.metadata.uid === uid ? toCachedJob(live) : run
}

const runOf = ({ status }: CachedAgentJob, { metadata }: CachedJob) =>
  status?.runs?.find(({ uid }) => uid === metadata.uid)
const hasEnded = (pod: CachedPod | undefined) => !pod?.told && isOver(pod)
