import { type Finding, formatFinding } from '../src/api/finding.ts'

/** A user as the API server authenticated him. */
export interface UserInfo {
  username?: string
  uid?: string
  groups?: string[]
  extra?: Record<string, string[]>
}

const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const

/** `request` of an AdmissionReview (admission.k8s.io/v1). */
export interface AdmissionRequest {
  uid: string
  kind: { group: string; version: string; kind: string }
  operation: (typeof OPERATIONS)[number]
  namespace?: string
  name?: string
  userInfo: UserInfo
  object?: unknown
  oldObject?: unknown
  dryRun?: boolean
}

/** A JSON Patch operation. */
export interface PatchOperation {
  op: 'add'
  path: string
  value: unknown
}

/** What a kind's admission decides. */
export type Decision =
  | { allowed: true; patch?: PatchOperation[]; warnings?: Finding[] }
  | { allowed: false; code: number; errors: Finding[]; warnings?: Finding[] }

/** Text that the API server passes on: it drops a warning that holds a control character, as Go's unicode has them. */
const printable = (text: string) => text.replace(/\p{Cc}+/gu, ' ')

const REASONS: Record<number, string> = {
  400: 'BadRequest',
  403: 'Forbidden',
  413: 'RequestEntityTooLarge',
  422: 'Invalid',
  500: 'InternalError',
  503: 'ServiceUnavailable',
}

/** The AdmissionReview that answers a request; always sent with HTTP 200, also for refusals and for bugs of ours. */
export function answer(uid: string, decision: Decision, request?: AdmissionRequest): object {
  const warnings = decision.warnings && limited(decision.warnings).map((warning) => printable(formatFinding(warning)))
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: decision.allowed,
      ...(warnings?.length ? { warnings } : {}),
      ...(decision.allowed ? patched(decision.patch) : { status: refusal(decision, request) }),
    },
  }
}

const patched = (patch: PatchOperation[] | undefined) =>
  patch?.length ? { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') } : {}

function refusal({ code, errors: all }: { code: number; errors: Finding[] }, request?: AdmissionRequest) {
  const errors = limited(all)
  const metadata = (request?.object as { metadata?: { name?: string; generateName?: string } } | undefined)?.metadata
  // kubectl says which object is meant only where the details do
  const about = request && {
    group: request.kind.group,
    kind: request.kind.kind,
    name: metadata?.name ?? metadata?.generateName,
  }
  return {
    code,
    reason: REASONS[code],
    message: errors.map(formatFinding).join('; '),
    details: {
      ...about,
      causes: errors.map(({ path, message }) => ({ field: path, message, reason: 'FieldValueInvalid' })),
    },
  }
}

/** The most findings of an answer, and the most characters of a path or a message: who is asked decides on our memory. */
const MAX_FINDINGS = 100
const MAX_TEXT = 1000

function limited(findings: Finding[]): Finding[] {
  const cut = (text: string) => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text)
  const first = findings.slice(0, MAX_FINDINGS).map(({ path, message }) => ({ path: cut(path), message: cut(message) }))
  const more = findings.length - first.length
  return more ? [...first, { path: '', message: `and ${more} more` }] : first
}

/** What is said of a body that is something else. */
export const NO_REVIEW = 'the body must be an AdmissionReview'

/** The request out of a body that may be anything, or what is wrong with it. */
export function parseReview(body: unknown): AdmissionRequest | string {
  const review = body as { apiVersion?: unknown; kind?: unknown; request?: AdmissionRequest } | null
  if (!isObject(review)) return NO_REVIEW
  if (review.kind !== 'AdmissionReview' || review.apiVersion !== 'admission.k8s.io/v1')
    return 'the body must be an AdmissionReview of admission.k8s.io/v1'
  const { request } = review
  if (!isObject(request)) return 'request: is required'
  if (typeof request.uid !== 'string' || request.uid === '') return 'request.uid: is required'
  if (typeof request.kind?.kind !== 'string' || typeof request.kind?.group !== 'string')
    return 'request.kind: is required'
  if (!OPERATIONS.includes(request.operation)) return `request.operation: must be one of ${OPERATIONS.join(', ')}`
  if (request.namespace !== undefined && typeof request.namespace !== 'string')
    return 'request.namespace: must be a string'
  const wrong = wrongUser(request.userInfo)
  if (wrong) return wrong
  const writes = request.operation === 'CREATE' || request.operation === 'UPDATE'
  if (writes && !hasMetadata(request.object)) return 'request.object: must be an object with metadata'
  if (request.operation === 'UPDATE' && !hasMetadata(request.oldObject))
    return 'request.oldObject: must be an object with metadata'
  return request
}

/** Whatever is asked about a user goes on to the API server, which takes nothing else. */
function wrongUser(user: unknown): string | undefined {
  if (!isObject(user)) return 'request.userInfo: is required'
  const { username = '', uid = '', groups = [], extra = {} } = user as Record<keyof UserInfo, unknown>
  if (typeof username !== 'string') return 'request.userInfo.username: must be a string'
  if (typeof uid !== 'string') return 'request.userInfo.uid: must be a string'
  if (!areTexts(groups)) return 'request.userInfo.groups: must be a list of strings'
  if (!isObject(extra) || !Object.values(extra).every(areTexts))
    return 'request.userInfo.extra: must be a map of lists of strings'
  return undefined
}

const areTexts = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string')

const isObject = (value: unknown): value is object =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const hasMetadata = (value: unknown) => isObject(value) && 'metadata' in value && isObject(value.metadata)
