/** One entry of `Status.details.causes`: `reason` as FieldValueRequired, `field` as spec.template. */
export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

/** `Status.details`: what the failure is about. */
export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

/** The body of every refusal of the API server, and of an ERROR event in a watch. */
export interface Status {
  kind?: string
  status?: string
  message?: string
  reason?: string
  code?: number
  details?: StatusDetails
  metadata?: { continue?: string }
}

/** The API server answered, and the answer is no. `status` is the HTTP status, `reason` Kubernetes' word for it. */
export class ApiError extends Error {
  override name = 'ApiError'
  status: number
  reason: string
  details?: StatusDetails
  retryAfterSeconds?: number
  causes: StatusCause[]
  /** Of a list whose pages have become too old: where it goes on with what is there now. */
  continueToken?: string

  constructor(code: number, status: Status, retryAfterSeconds?: number) {
    super(status.message || `the API server answered ${code}`)
    this.status = code
    this.reason = status.reason ?? ''
    this.details = status.details
    this.retryAfterSeconds = retryAfterSeconds ?? status.details?.retryAfterSeconds
    this.causes = status.details?.causes ?? []
    this.continueToken = status.metadata?.continue || undefined
  }
}

/**
 * No answer, or not a whole one: refused, reset, timed out, cut off; `cause` is the runtime's own error. Whether the
 * server acted on the request is unknown.
 */
export class TransportError extends Error {
  override name = 'TransportError'
  /** ECONNREFUSED, ECONNRESET, …, or ETIMEDOUT for a limit of our own. */
  code?: string
  /** It happened on a kept-alive connection before any byte of an answer: most likely the server had closed it. */
  stale: boolean

  constructor(message: string, o: { code?: string; cause?: unknown; stale?: boolean } = {}) {
    super(message, { cause: o.cause })
    this.code = o.code
    this.stale = o.stale ?? false
  }
}

const is = (status: number, ...reasons: string[]) => {
  return (e: unknown): e is ApiError =>
    e instanceof ApiError && e.status === status && (reasons.length === 0 || reasons.includes(e.reason))
}

/** 404: no such object, or no such resource type. */
export const isNotFound = is(404)
/** 409: someone else changed the object first, or a precondition (uid) does not hold, or server-side apply conflicts. */
export const isConflict = is(409, 'Conflict')
/** 409 on create: the name is taken. */
export const isAlreadyExists = is(409, 'AlreadyExists')
/** 410: the resourceVersion or the continue token is too old; list again. */
export const isGone = is(410)
/** 403: RBAC, admission, quota, or a namespace that is being deleted. */
export const isForbidden = is(403)
/** 422: the object is invalid; `causes` name the fields. */
export const isInvalid = is(422)
