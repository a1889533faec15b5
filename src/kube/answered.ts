import { createBackoff, delay } from './delay.ts'
import { ApiError, TransportError } from './errors.ts'
import type { Log } from './log.ts'

/**
 * Asks again and again, after a full-jitter pause (0.2 → 5 s), until the API server says something: no answer, 429 and
 * 5xx are nothing. What else it says is given, or thrown; after an abort, the signal's reason is.
 */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  o: { what: string; signal: AbortSignal; log: Log; random?: () => number },
): Promise<T> {
  const backoff = createBackoff({ baseMs: 200, capMs: 5000, random: o.random ?? Math.random })
  for (;;) {
    o.signal.throwIfAborted()
    try {
      return await ask()
    } catch (error) {
      if (!isUnanswered(error) || o.signal.aborted) throw error
      o.log.warn({ err: error }, `${o.what}: the API server does not answer; it is asked again`)
      await delay(backoff.next(), o.signal)
    }
  }
}

const isUnanswered = (error: unknown) =>
  error instanceof TransportError || (error instanceof ApiError && (error.status === 429 || error.status >= 500))
