import type { Pod } from '../status/observed.ts'
import { isTerminal, newest } from '../status/run.ts'
import { type CachedAgentJob, type CachedJob, type CachedPod, toCachedPod } from './caches.ts'
import type { Context } from './context.ts'
import { isFinished } from './endruns.ts'
import { ownerUid, POD } from './types.ts'

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
  const before = job.status?.runs?.find(({ uid }) => uid === run.metadata.uid)
  if (!isFinished(run) || isTerminal(before?.phase) || hasEnded(newest(known))) return known
  const { items } = await ctx.client.list<CachedPod>(POD, {
    namespace: run.metadata.namespace,
    labelSelector: `${CONTROLLER_UID}=${run.metadata.uid}`,
    signal: ctx.signal,
  })
  const live = items.filter((pod) => ownerUid(pod) === run.metadata.uid).map(toCachedPod)
  const names = new Set(live.map(({ metadata }) => metadata.name))
  return [...live, ...known.filter(({ metadata }) => !names.has(metadata.name))]
}

const hasEnded = (pod: Pod | undefined) => pod?.status?.phase === 'Succeeded' || pod?.status?.phase === 'Failed'
