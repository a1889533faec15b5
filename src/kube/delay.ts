/** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** Milliseconds to wait before the next try. */
export interface Backoff {
  next(): number
  reset(): void
}

/**
 * Full jitter: anything from 0 to a ceiling that doubles from `baseMs` to `capMs`, so that many clients that lost the
 * same server do not come back together (AWS, "Exponential Backoff And Jitter").
 */
export function createBackoff(o: { baseMs: number; capMs: number; random: () => number }): Backoff {
  let ceiling = o.baseMs
  return {
    next() {
      const ms = o.random() * ceiling
      ceiling = Math.min(ceiling * 2, o.capMs)
      return ms
    },
    reset() {
      ceiling = o.baseMs
    },
  }
}
