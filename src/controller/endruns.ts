import { STOP_ANNOTATION } from '../api/agentjob.ts'
import { REVISION_ANNOTATION } from '../expand/names.ts'
import { isNotFound } from '../kube/errors.ts'
import { ENDED_ANNOTATION } from '../status/observed.ts'
import { type CachedAgentJob, type CachedJob, type CachedPod, ownedBy } from './caches.ts'
import type { Context } from './context.ts'
import { isFinished } from './outline.ts'
import { JOB, POD } from './types.ts'

/**
 * Ends the runs that are to end: those that `agentjob stop` names, and those whose revision a change of the spec has
 * superseded. A run is ended by its pod's deadline, so that log and result stay; the Job itself is left to its TTL.
 */
export async function endRuns(ctx: Context, job: CachedAgentJob, jobs: CachedJob[], settled: boolean): Promise<void> {
  const stopped = (job.metadata.annotations?.[STOP_ANNOTATION] ?? '').split(',').map((name) => name.trim())
  for (const run of jobs) {
    if (isFinished(run)) continue
    if (run.metadata.annotations?.[ENDED_ANNOTATION]) await endRun(ctx, run, run.metadata.annotations[ENDED_ANNOTATION])
    else if (stopped.includes(run.metadata.name)) await endRun(ctx, run, 'Stopped')
    else if (settled && isSuperseded(job, run)) await endRun(ctx, run, 'Superseded')
  }
}

/** Whether the expansion asks for another run. One that is kept from naming its children still stands for its revision. */
function isSuperseded({ expansion }: CachedAgentJob, { metadata }: CachedJob): boolean {
  const revision = metadata.annotations?.[REVISION_ANNOTATION]
  if (revision === undefined || (expansion?.problems.length && revision === expansion.revision)) return false
  return !expansion?.resources.some((child) => child.kind === 'Job' && child.metadata.name === metadata.name)
}

async function endRun(ctx: Context, run: CachedJob, why: string): Promise<void> {
  const key = { namespace: run.metadata.namespace, name: run.metadata.name }
  if (run.metadata.annotations?.[ENDED_ANNOTATION] !== why) {
    // no further attempt, and a mark by which the status tells an ending from a failure. With a lower limit than what
    // has failed already, the Job controller would delete the pod that is running, and its log
    const { resourceVersion } = run.metadata
    const patch = {
      metadata: { resourceVersion, annotations: { [ENDED_ANNOTATION]: why } },
      spec: { backoffLimit: run.status?.failed ?? 0 },
    }
    if (!(await patched(ctx, JOB, key, patch))) return
    ctx.record(
      run,
      'Normal',
      why,
      why === 'Stopped' ? 'ended on request' : 'ended, because a newer revision takes its place',
    )
  }
  const pods = ownedBy(ctx.caches.pods, run).filter(isLive)
  const placed = pods.filter(({ spec }) => spec?.nodeName)
  for (const pod of placed) if (pod.spec?.activeDeadlineSeconds !== 1) await lowerDeadline(ctx, pod)
  if (placed.length) return
  // nothing has run: there is no log to keep
  const { uid } = run.metadata
  if (run.spec?.suspend) await ctx.client.delete(JOB, key, { uid, propagationPolicy: 'Background', signal: ctx.signal })
  else await patched(ctx, JOB, key, { spec: { activeDeadlineSeconds: 1 } })
}

const isLive = ({ status }: CachedPod) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed'

const lowerDeadline = (ctx: Context, { metadata }: CachedPod) =>
  patched(
    ctx,
    POD,
    { namespace: metadata.namespace, name: metadata.name as string },
    { spec: { activeDeadlineSeconds: 1 } },
  )

/** A merge patch; false where the object is gone. */
async function patched(
  ctx: Context,
  type: typeof JOB,
  key: { namespace?: string; name: string },
  patch: object,
): Promise<boolean> {
  try {
    await ctx.client.mergePatch(type, key, patch, { signal: ctx.signal })
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}
