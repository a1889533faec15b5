import { childLabels } from '../expand/names.ts'
import { isNotFound } from '../kube/errors.ts'
import { objectKey } from '../kube/object.ts'
import { isTerminal } from '../status/run.ts'
import { agentJobKeyOf, type CachedAgentJob, type CachedJob, toCachedJob } from './caches.ts'
import type { Context } from './context.ts'
import { isFinished } from './outline.ts'
import { JOB } from './types.ts'

/**
 * Jobs of runs that had not ended and that no cache has: deleted, or stripped of the labels by which we watch. That a
 * Job is gone is final, so the API server is asked before it is said. One that is there gets its labels back: else
 * nobody would tell us of its end.
 */
export async function findStrays(
  ctx: Context,
  job: CachedAgentJob,
  { known, buried }: { known: CachedJob[]; buried: CachedJob[] },
): Promise<CachedJob[]> {
  const strays: CachedJob[] = []
  const told = (job.status?.runs ?? []).filter(({ phase }) => !isTerminal(phase))
  const open = [...told, ...buried.filter((run) => !isFinished(run)).map(toRun)]
  const missing = new Map(open.map((run) => [run.uid, run]))
  for (const { metadata } of [...known, ...buried.filter(isFinished)]) missing.delete(metadata.uid)
  for (const run of missing.values()) {
    const live = await ctx.client.get<CachedJob>(JOB, { namespace: job.metadata.namespace, name: run.jobName })
    if (live?.metadata.uid === run.uid) strays.push(live as CachedJob)
  }
  const unmarked = known.filter((run) => !run.metadata.deletionTimestamp && agentJobKeyOf(run) !== objectKey(job))
  for (const stray of [...strays, ...unmarked]) await label(ctx, job, stray)
  return strays.map(toCachedJob)
}

const toRun = ({ metadata }: CachedJob) => ({ uid: metadata.uid, jobName: metadata.name })

async function label(ctx: Context, { metadata: { name = '' } }: CachedAgentJob, run: CachedJob): Promise<void> {
  const { uid, namespace } = run.metadata
  try {
    const patch = { metadata: { uid, labels: childLabels(name) } }
    await ctx.client.mergePatch(JOB, { namespace, name: run.metadata.name }, patch, { signal: ctx.signal })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
