import { GROUP, VERSION } from '../../src/api/kind.ts'
import { kindOf } from '../../src/api/kinds.ts'
import type { SoundObject } from './objects.ts'

/** `request` of an AdmissionReview. */
export type ReviewRequest = Record<string, unknown>

/** An AdmissionReview around an object, as the API server writes it; `members` replace members of its request. */
export function reviewOf(object: SoundObject, members: ReviewRequest = {}) {
  const { kind, metadata } = object
  const resource = { group: GROUP, version: VERSION, resource: kindOf(kind)?.plural }
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '0a1b2c3d-0000-4000-8000-123456789abc',
      kind: { group: GROUP, version: VERSION, kind },
      resource,
      requestKind: { group: GROUP, version: VERSION, kind },
      requestResource: resource,
      name: metadata.name,
      namespace: metadata.namespace,
      operation: 'CREATE',
      userInfo: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
      object,
      oldObject: null,
      dryRun: true,
      options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions', dryRun: ['All'] },
      ...members,
    } as ReviewRequest,
  }
}

/** `response` of the answer, as far as it is looked at. */
export interface ReviewResponse {
  uid: string
  allowed: boolean
  status?: { code: number; message: string; details?: { causes?: { field: string; message: string }[] } }
  warnings?: string[]
  patch?: string
}

/** The response in the text of an answer; undefined where it is none. */
export function responseOf(text: string): ReviewResponse | undefined {
  try {
    const { kind, response } = JSON.parse(text)
    return kind === 'AdmissionReview' && typeof response?.allowed === 'boolean' ? response : undefined
  } catch {
    return undefined
  }
}
