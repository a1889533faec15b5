import type { AgentJobSpec } from '../api/agentjob.ts'
import { NOTHING_TO_DO } from '../api/precheck.ts'
import type { Retry } from '../api/retry.ts'
import { PRECHECK_CONTAINER } from './names.ts'
import { AGENT_CONTAINER } from './pod.ts'

/** What SIGKILL leaves behind, the kernel's for a container without memory among them: 128 + 9. */
const OOM_KILLED = 137

const disrupted = [{ type: 'DisruptionTarget', status: 'True' }]

/** First of all rules, whatever else may be said of the pod; rules hold for init containers, too. */
const SKIP = {
  action: 'FailJob',
  onExitCodes: { containerName: PRECHECK_CONTAINER, operator: 'In', values: [NOTHING_TO_DO] },
}

/** The part of a Job's spec that says how often it is tried again, and after what. */
export function retrying({ backoffLimit, retry, precheck }: AgentJobSpec) {
  const rules = [...(precheck ? [SKIP] : []), ...(retry ? rulesOf(retry) : [])]
  return { backoffLimit: retry?.limit ?? backoffLimit, ...(rules.length ? { podFailurePolicy: { rules } } : {}) }
}

/**
 * How many attempts a Job leaves time for. A pod that is replaced without counting takes its time as well; as many of
 * them as of the others are more than should ever come, and without a limit nothing would end a Job that no node takes.
 */
export const attemptsOf = ({ backoffLimit, retry }: AgentJobSpec): number =>
  retry ? (retry.limit + 1) * (retry.ignoreDisruption ? 2 : 1) : backoffLimit + 1

/**
 * Of the rules the first that fits decides; what none fits is counted. The agent's own exit code comes before the last
 * rule, which knows the others: a container beside it that is killed for its sake fails in its own way.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
 */
function rulesOf({ onFailures = [], ignoreDisruption }: Retry): object[] {
  const codes = new Set(
    onFailures.flatMap((one) => (typeof one === 'number' ? [one] : one === 'OOMKilled' ? [OOM_KILLED] : [])),
  )
  const rules: object[] = []
  const add = (action: string, requirement: object) => rules.push({ action, ...requirement })
  if (ignoreDisruption) add('Ignore', { onPodConditions: disrupted })
  if (!onFailures.length) return rules
  if (!ignoreDisruption)
    add(onFailures.includes('DisruptionTarget') ? 'Count' : 'FailJob', { onPodConditions: disrupted })
  if (codes.size) {
    const values = [...codes].sort((a, b) => a - b)
    add('Count', { onExitCodes: { containerName: AGENT_CONTAINER, operator: 'In', values } })
  }
  add('FailJob', { onExitCodes: { operator: 'NotIn', values: [0] } })
  return rules
}
