import { ownerUid } from '../../../src/controller/types.ts'
import { REVISION_ANNOTATION } from '../../../src/expand/names.ts'
import { renderedJob, renderedRevision } from '../../../src/status/revision.ts'
import { agentJobsOf, isLive, type Observation, strangerAt } from './observation.ts'

/** Each revision that should have run has had one Job, none ever had two, and nothing ran that was not asked for. */
export const checkRuns = (o: Observation): string[] => [...checkWhatRan(o), ...whatShouldHaveRun(o)]

/** The part of it that has to hold at any time, and for good. */
export function checkWhatRan({ history, created }: Pick<Observation, 'history' | 'created'>): string[] {
  const found: string[] = []
  const { hasGap } = history
  const unseen = created.filter(({ metadata }) => !history.jobs.has(metadata.uid ?? ''))
  const jobs = [...[...history.jobs.values()].map(({ object }) => object), ...unseen]
  for (const [uid, { name, versions }] of history.agentJobs) {
    const runs = jobs.filter((job) => ownerUid(job) === uid && job.metadata.annotations?.[REVISION_ANNOTATION])
    for (const run of runs) {
      const revision = run.metadata.annotations?.[REVISION_ANNOTATION]
      const asked = versions.filter((version) => version.revision === revision)
      if (!asked.length && hasGap) continue
      if (!asked.length) found.push(`AgentJob ${name}: Job ${run.metadata.name} is of a revision that it never had`)
      else if (!asked.some(({ mayRun }) => mayRun) && !hasGap)
        found.push(`AgentJob ${name}: Job ${run.metadata.name} was created though something was in its way`)
    }
    for (const [revision, uids] of byRevision(runs))
      if (uids.size > 1)
        found.push(`AgentJob ${name}: revision ${revision} has had ${uids.size} Jobs: ${[...uids].join(', ')}`)
  }
  const lost = hasGap ? [] : unseen
  return [...found, ...lost.map(({ metadata }) => `Job ${metadata.name} was created, and gone before anybody saw it`)]
}

function byRevision(runs: { metadata: { uid?: string; annotations?: Record<string, string> } }[]) {
  const uids = new Map<string, Set<string>>()
  for (const { metadata } of runs) {
    const revision = metadata.annotations?.[REVISION_ANNOTATION] ?? ''
    uids.set(revision, (uids.get(revision) ?? new Set()).add(metadata.uid ?? ''))
  }
  return uids
}

function whatShouldHaveRun(o: Observation): string[] {
  return agentJobsOf(o).flatMap((job) => {
    const child = renderedJob(job)
    const { name } = job.metadata
    if (!isLive(job) || !child || job.spec.suspend || job.expansion?.problems.length) return []
    if (strangerAt(o, child.metadata.name)) return []
    const ran = [...o.history.jobs.values()].some(
      ({ object }) => object.metadata.name === child.metadata.name && ownerUid(object) === job.metadata.uid,
    )
    if (!ran) return [`AgentJob ${name}: revision ${renderedRevision(job)} has not run`]
    return job.status?.revision === renderedRevision(job)
      ? []
      : [`AgentJob ${name}: status.revision is ${job.status?.revision}, and ${renderedRevision(job)} has run`]
  })
}
