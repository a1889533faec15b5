import { ApiError } from '../kube/errors.ts'
import type { Failure } from '../status/observed.ts'

/**
 * What the API server's refusal of a child means for the AgentJob, or undefined for what is no refusal (overload, a
 * conflict, no connection) and is simply tried again.
 */
export function refusalOf(error: unknown, what: string): Failure | undefined {
  if (!(error instanceof ApiError) || error.status >= 500 || error.status === 429 || error.status === 409)
    return undefined
  const message = `the API server refuses ${what}: ${error.message}`
  if (/exceeded quota/.test(error.message)) return { reason: 'QuotaExceeded', message }
  if (error.status === 404) return { reason: 'NamespaceGone', message }
  // what is not valid does not become so by trying again
  return { reason: 'Refused', message, ...(error.status === 422 ? { final: true } : {}) }
}
