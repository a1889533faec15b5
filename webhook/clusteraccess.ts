import type { ClusterAccessSpec } from '../src/api/clusteraccess.ts'
import { canonicalJson } from '../src/api/hash.ts'
import { type AccessReview, MAX_REVIEWS, missingRights } from './access.ts'
import type { AdmissionRequest, Decision } from './review.ts'
import { describeRight } from './rights.ts'

/**
 * Nobody hands out rights that he does not hold: whoever writes a ClusterAccess must have every right in it, in the
 * namespace where it will hold; one in the library namespace holds in every namespace. The rule is that of RBAC itself:
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 */
export async function admitClusterAccess(
  request: AdmissionRequest,
  spec: ClusterAccessSpec,
  deps: { review: AccessReview; libraryNamespace?: string },
): Promise<Decision> {
  const old = (request.oldObject as { spec?: unknown } | undefined)?.spec
  if (
    request.operation === 'UPDATE' &&
    canonicalJson(old) === canonicalJson((request.object as { spec?: unknown }).spec)
  )
    return { allowed: true }
  const namespace = request.namespace === deps.libraryNamespace ? undefined : request.namespace
  const missing = await missingRights(deps.review, request.userInfo, spec, namespace)
  const path = 'spec.rules'
  if (!missing)
    return {
      allowed: false,
      code: 422,
      errors: [{ path, message: `needs more than ${MAX_REVIEWS} access checks; use fewer or wider rules` }],
    }
  if (!missing.length) return { allowed: true }
  const message = `${request.userInfo.username ?? 'you'} cannot grant rights that are not held: ${missing.map(describeRight).join(', ')}`
  return { allowed: false, code: 403, errors: [{ path, message }] }
}
