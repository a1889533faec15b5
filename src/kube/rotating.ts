/** Credentials that are read again now and then: files are rotated, a plugin's answer expires. */
export interface Rotating<T> {
  /** At most 10 s old. */
  get(): Promise<T>
  /** What there is serves no longer: the next get() reads again. */
  forget(): void
}

/** Short enough for every kind of rotation, long enough to read no file for each request. */
const LIVE_MS = 10_000

/** Keeps what `read` gives. Whoever asks while it is being read waits for the same answer; a failure is not kept. */
export function rotating<T>(read: () => Promise<T>, now: () => number): Rotating<T> {
  let held: Promise<T> | undefined
  let readAt = 0
  return {
    get() {
      if (!held || now() - readAt >= LIVE_MS) {
        readAt = now()
        const reading = read()
        reading.catch(() => {
          if (held === reading) held = undefined
        })
        held = reading
      }
      return held
    },
    forget() {
      held = undefined
    },
  }
}
