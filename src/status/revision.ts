import type { AgentJob } from '../api/agentjob.ts'
import type { ChildResource } from '../api/expansion.ts'
import { REVISION_ANNOTATION } from '../expand/names.ts'
import { restoredRevision } from '../expand/revision.ts'

/** The Job that an expansion holds beside its schedule, or instead of one. */
export const renderedJob = (job: AgentJob): ChildResource | undefined =>
  job.expansion?.resources.find(({ kind }) => kind === 'Job')

/** The revision of that Job. */
export const renderedRevision = (job: AgentJob): string | undefined =>
  renderedJob(job)?.metadata.annotations?.[REVISION_ANNOTATION]

/** Whether the run of its revision is not known to have started. */
export const isToStart = (job: AgentJob): boolean =>
  job.spec?.suspend !== true &&
  renderedJob(job) !== undefined &&
  job.status?.revision !== renderedRevision(job) &&
  restoredRevision(job) === undefined
