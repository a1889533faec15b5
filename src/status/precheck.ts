import type { Phase } from '../api/agentjobstatus.ts'
import { NOTHING_TO_DO } from '../api/precheck.ts'
import { withoutUser } from '../api/withoutuser.ts'
import { PRECHECK_CONTAINER } from '../expand/names.ts'
import { POLICY } from './ending.ts'
import type { ChildCondition, Job, Pod } from './observed.ts'

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/job/pod_failure_policy.go */
const TOLD = new RegExp(`^Container ${PRECHECK_CONTAINER} for pod \\S+ failed with exit code ${NOTHING_TO_DO} `)

/**
 * The end of a run whose precheck has found nothing to do; undefined of every other. By its first rule the Job has a
 * precheck of ours; whether it was that rule, the pod says, and where that is gone, the Job.
 */
export function skipOf(
  { spec }: Job,
  failed: ChildCondition,
  pod: Pod | undefined,
): { phase: Phase; reason: string; message?: string } | undefined {
  const [first] = spec?.podFailurePolicy?.rules ?? []
  if (failed.reason !== POLICY || first?.onExitCodes?.containerName !== PRECHECK_CONTAINER) return undefined
  const asked = pod?.status?.initContainerStatuses?.find(({ name }) => name === PRECHECK_CONTAINER)?.state?.terminated
  const isSkip = asked ? asked.exitCode === NOTHING_TO_DO : TOLD.test(failed.message ?? '')
  const said = withoutUser(asked?.message?.trim() ?? '')
  return isSkip ? { phase: 'Skipped', reason: 'PrecheckSkipped', message: said || undefined } : undefined
}
