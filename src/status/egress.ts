import { isPolicy, UNLIMITED } from '../expand/egress/egress.ts'
import type { Claim } from './conditions.ts'
import type { Observed } from './observed.ts'

const TYPE = 'EgressEnforced'

/**
 * Whether where the pods go is limited: there only where somebody asks for it, and of no weight for Ready. That a policy is
 * there is known; that somebody enforces it nobody can ask a cluster, so the operator's settings have to say so.
 */
export function egressClaims({ job, verified, owned, enforcer }: Observed): Claim[] {
  const { egress, resources = [] } = (verified ? job.expansion : undefined) ?? {}
  if (egress === undefined) return []
  const claim = (status: Claim['status'], reason: string, message: string) => [{ type: TYPE, status, reason, message }]
  if (egress === UNLIMITED)
    return claim(
      'False',
      'EgressDisabled',
      `AgentRuntime ${job.spec.runtimeRef} has egress, and nothing limits where its pods go: egress.enabled of the operator's settings is not set`,
    )
  const policies = resources.filter(isPolicy).map(({ kind, metadata: { name } }) => ({ kind, name }))
  const names = policies.map(({ kind, name }) => `${kind} ${name}`).join(' and ')
  const missing = policies.find(
    (policy) => !owned.some(({ kind, name }) => kind === policy.kind && name === policy.name),
  )
  if (missing) return claim('False', 'NotInPlace', `${missing.kind} ${missing.name} is not there`)
  if (enforcer !== undefined) return claim('True', 'Enforced', `${names}, enforced by ${enforcer}`)
  return claim(
    'Unknown',
    'NoKnownEnforcer',
    `${names}: no network plugin that enforces NetworkPolicies is known; egress.enforcedBy of the operator's settings names one`,
  )
}
