import type { AgentJobSpec } from '../api/agentjob.ts'
import { secondsOf } from '../api/humanintheloop.ts'

/** What an attempt may take beside its own time: image pulls, scheduling, the back-off between attempts. */
export const SLACK_SECONDS = 600

/** For how many seconds the agent's container goes on after the agent; undefined where it ends with it. */
export const keepAliveSeconds = ({ humanInTheLoop }: AgentJobSpec): number | undefined =>
  humanInTheLoop?.enabled ? secondsOf(humanInTheLoop.keepAlive) : undefined

/**
 * After how many seconds the kubelet ends a pod. Of one that is kept alive this is the mark of a timeout: it ends by
 * itself before, unless its agent had to be ended. What it takes until the agent starts must not make that mark.
 */
export function podSeconds(spec: AgentJobSpec): number {
  const keep = keepAliveSeconds(spec)
  return spec.timeoutSeconds + (keep === undefined ? 0 : keep + SLACK_SECONDS)
}
