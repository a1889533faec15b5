import { isPolicy, UNLIMITED } from '../expand/egress/egress.ts'
import type { Claim } from './conditions.ts'
import type { Observed } from './observed.ts'

const TYPE = 'EgressEnforced'

/**
 * Whether where the pods go is limited: there only where somebody asks for it, and of no weight for Ready. That a policy is
 * there is known; that somebody enforces it nobody can ask a cluster, so the operator's settings have to say so.
 */
export function egressClaims({ job, verified, owned, failures, egress: limits }: Observed): Claim[] {
  const expansion = verified ? job.expansion : undefined
  const claim = (status: Claim['status'], reason: string, message: string) => [{ type: TYPE, status, reason, message }]
  if (expansion?.egress === UNLIMITED && !limits)
    return claim(
      'False',
      'EgressDisabled',
      `AgentRuntime ${job.spec.runtimeRef} has egress, and nothing limits where its pods go: egress.enabled of the operator's settings is not set`,
    )
  if (!expansion || !limits) return []
  const policies = expansion.resources.filter(isPolicy).map(({ kind, metadata: { name } }) => ({ kind, name }))
  if (!policies.length) return claim('False', 'NotInPlace', 'its expansion is one from before egress was switched on')
  const missing = policies.find(
    (policy) => !owned.some(({ kind, name }) => kind === policy.kind && name === policy.name),
  )
  if (missing) return claim('False', 'NotInPlace', `${missing.kind} ${missing.name} is not there`)
  const refused = failures.filter(({ policy }) => policy)
  if (refused.length) return claim('False', 'NotInPlace', refused.map(({ message }) => message).join('; '))
  const names = policies.map(({ kind, name }) => `${kind} ${name}`).join(' and ')
  if (expansion.egress !== limits.hash)
    return claim('False', 'Outdated', `${names}: made by earlier settings of the operator's, and still in force`)
  if (limits.enforcer !== undefined) return claim('True', 'Enforced', `${names}, enforced by ${limits.enforcer}`)
  return claim(
    'Unknown',
    'NoKnownEnforcer',
    `${names}: no network plugin that enforces NetworkPolicies is known; egress.enforcedBy of the operator's settings names one`,
  )
}
