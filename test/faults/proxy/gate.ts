/** Keeps everybody waiting while it is closed. */
export function createGate() {
  let opens = Promise.resolve()
  let open = () => {}
  let until = 0
  return {
    /** Closes for so many milliseconds, counted from now, unless it is closed for longer already. */
    close(ms: number) {
      const end = performance.now() + ms
      if (end <= until) return
      open()
      until = end
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(() => open(), ms)
      opens = promise
      open = () => {
        clearTimeout(timer)
        until = 0
        resolve()
      }
    },
    open: () => open(),
    /** How long it is still closed. */
    closedForMs: () => Math.max(0, until - performance.now()),
    /** Resolves when it is open. */
    async passed() {
      while (until > performance.now()) await opens
    },
  }
}
