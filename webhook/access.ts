import type { ClusterAccessSpec } from '../src/api/clusteraccess.ts'
import { GROUP } from '../src/api/kind.ts'
import type { UserInfo } from './review.ts'
import { type Attributes, rightsOf } from './rights.ts'

/** Asks the API server whether a user may do something: a SubjectAccessReview. */
export type AccessReview = (user: UserInfo, attributes: Attributes) => Promise<boolean>

/** The most access reviews that one admission makes; whoever needs more is refused. */
export const MAX_REVIEWS = 64

/** The rights of a ClusterAccess that a user lacks, or undefined where they are too many to be asked for. */
export async function missingRights(
  review: AccessReview,
  user: UserInfo,
  spec: ClusterAccessSpec,
  namespace: string | undefined,
): Promise<Attributes[] | undefined> {
  const rights = rightsOf(spec, spec.scope === 'Cluster' ? undefined : namespace)
    .take(MAX_REVIEWS + 1)
    .toArray()
  if (rights.length > MAX_REVIEWS) return undefined
  const allowed = await Promise.all(rights.map((right) => review(user, right)))
  return rights.filter((_, index) => !allowed[index])
}

/** Whether a user may name a ClusterAccess, whether or not there is one of that name. */
export const mayUse = (review: AccessReview, user: UserInfo, namespace: string, name: string): Promise<boolean> =>
  review(user, { verb: 'use', group: GROUP, resource: 'clusteraccesses', namespace, name })
