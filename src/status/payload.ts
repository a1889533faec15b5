import type { AgentJob } from '../api/agentjob.ts'
import type { Run } from '../api/agentjobstatus.ts'
import { compact } from './compact.ts'
import { sentence } from './phase.ts'

/** Type of the one event that there is. */
export const RUN_ENDED = 'agentjob.run.ended'

/**
 * What a receiver is told of a run that has ended: https://www.standardwebhooks.com has `type`, `timestamp` (when it
 * happened, not when it is told) and `data`. All but names, uids, times and numbers comes from the agent or its tenant.
 */
export function payloadOf({ metadata }: Pick<AgentJob, 'metadata'>, run: Run): object {
  const { jobName, uid, phase, revision, scheduledAt, reason, attempts, exitCode } = run
  const { startTime, completionTime, result, outputs, usage } = run
  return {
    type: RUN_ENDED,
    timestamp: completionTime ?? run.notification?.since,
    data: {
      namespace: metadata.namespace,
      name: metadata.name,
      uid: metadata.uid,
      run: compact({
        ...{ jobName, uid, phase, revision, scheduledAt, reason, message: sentence(run), attempts, exitCode },
        ...{ startTime, completionTime, result, outputs, usage },
      }),
    },
  }
}
