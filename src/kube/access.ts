import type { Client } from './client.ts'

/** Whose rights are asked about; as in an AdmissionReview's `userInfo`. */
export interface UserInfo {
  username: string
  groups?: string[]
  uid?: string
  extra?: Record<string, string[]>
}

/** What is to be done: a verb on a resource ('' is the core group), or on a path that is none (such as /metrics). */
export type AccessAttributes =
  | { namespace?: string; verb: string; group: string; resource: string; subresource?: string; name?: string }
  | { path: string; verb: string }

/**
 * Asks the API server's authorizers whether a user may do something (a SubjectAccessReview; needs `create` on
 * subjectaccessreviews). `reason` is the authorizer's, for people. Rejects when the API server can't say: take that as no.
 */
export async function reviewAccess(
  client: Client,
  user: UserInfo,
  attributes: AccessAttributes,
  o: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<{ allowed: boolean; reason?: string }> {
  const what = 'path' in attributes ? { nonResourceAttributes: attributes } : { resourceAttributes: attributes }
  const { username, groups, uid, extra } = user
  const { body } = await client.transport.request({
    ...o,
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { ...what, user: username, groups, uid, extra },
    },
  })
  const { allowed, reason, evaluationError } = body.status
  return { allowed: allowed === true, reason: reason || evaluationError || undefined }
}

/** The name under which the API server knows us (a SelfSubjectReview, which everybody may make). */
export async function whoAmI(client: Client): Promise<string> {
  const { body } = await client.transport.request({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  })
  return body.status.userInfo.username
}
