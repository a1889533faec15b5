import { readFileSync } from 'node:fs'

/** What a process holds, in MB (10⁶ bytes); `anonymous` is without the files that it maps, its own program above all. */
export interface Memory {
  rss: number
  anonymous: number
  /** The highest rss since it started. */
  peak: number
}

/** Memory of a process, as Linux counts it. */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mb = (field: string) => (Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1024) / 1e6
  return { rss: mb('VmRSS'), anonymous: mb('RssAnon'), peak: mb('VmHWM') }
}

/** Linux counts in these, whatever its kernel ticks in. */
const TICKS_PER_SECOND = 100

/** CPU time that processes have used so far, in seconds; those that have ended count 0. */
export function cpuSeconds(pids: Iterable<number>): number {
  let ticks = 0
  for (const pid of pids) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      ticks += Number(fields[11]) + Number(fields[12])
    } catch {}
  }
  return ticks / TICKS_PER_SECOND
}
