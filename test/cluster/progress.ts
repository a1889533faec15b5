/** Takes one line that tells how far a slow piece of work has come. */
export type Progress = (line: string) => void

/** A duration in ms as people write it: `3.4s`, `4m52s`. */
export function duration(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`
}

/** Does a piece of work and then reports its name with the time that it took. */
export async function step<T>(progress: Progress, name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await work()
  progress(`${name}  ${duration(performance.now() - start)}`)
  return result
}
