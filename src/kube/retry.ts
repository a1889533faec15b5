import { ApiError, TransportError } from './errors.ts'

const MAX_RETRIES = 5
const MAX_RETRY_AFTER_SECONDS = 30

/**
 * In how many milliseconds to send a request again that has failed `tries` times before, or undefined for never. Again
 * goes what the server asked for (429 or 503 with Retry-After, at most 30 s), anything once after a 401, and a GET whose
 * kept-alive connection turned out to be closed.
 */
export function retryAfterMs(error: unknown, method: string, tries: number): number | undefined {
  if (tries >= MAX_RETRIES) return undefined
  if (error instanceof TransportError) return error.stale && method === 'GET' ? 0 : undefined
  if (!(error instanceof ApiError)) return undefined
  if (error.status === 401) return tries === 0 ? 0 : undefined
  if (error.status !== 429 && error.status !== 503) return undefined
  const seconds = error.retryAfterSeconds
  return seconds === undefined ? undefined : Math.min(seconds, MAX_RETRY_AFTER_SECONDS) * 1000
}
