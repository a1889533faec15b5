import type { AgentJobSpec } from '../api/agentjob.ts'
import type { AgentQuotaSpec } from '../api/agentquota.ts'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { ChildResource } from '../api/expansion.ts'
import { HELD_ANNOTATION } from './names.ts'

/*
 * Nobody asks us before a CronJob makes a Job. Where runs are counted, it makes one that waits: suspended, until the
 * controller lets it go.
 */

/** Whether an AgentQuota counts runs. */
export const countsRuns = (quota: AgentQuotaSpec | undefined): boolean =>
  quota?.maxRunningRuns !== undefined || quota?.maxRunsPerDay !== undefined

/** Whether the Jobs of a schedule wait for the controller. One that waits in a queue of Kueue's would be let go by two. */
export const holdsRuns = (
  { queueName }: Pick<AgentJobSpec, 'queueName'>,
  runtime: AgentRuntimeSpec | undefined,
  quotas: readonly { spec: AgentQuotaSpec | undefined }[],
): boolean =>
  runtime?.maxConcurrentRuns !== undefined || (queueName === undefined && quotas.some(({ spec }) => countsRuns(spec)))

/** Whether a CronJob makes Jobs that wait. */
export const makesHeldJobs = (cronJob: ChildResource): boolean => {
  const { jobTemplate } = (cronJob.spec ?? {}) as { jobTemplate?: { metadata?: ChildResource['metadata'] } }
  return jobTemplate?.metadata?.annotations?.[HELD_ANNOTATION] !== undefined
}
