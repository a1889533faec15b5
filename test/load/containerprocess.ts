import { readdirSync, readFileSync } from 'node:fs'

/**
 * Pid, on this host, of the first process of a container: the one with whose end all others of it end. `id` is as in
 * the status of a pod, `containerd://…`. undefined where the container does not run on this host.
 */
export function processOf(id: string): number | undefined {
  const name = id.slice(id.lastIndexOf('/') + 1)
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .find((pid) => isFirst(pid) && textOf(pid, 'cgroup').includes(name))
}

/** Whether it has the pid 1 in its own namespace, which is not this process's. */
const isFirst = (pid: number) => /^NSpid:\t\d+.*\t1$/m.test(textOf(pid, 'status'))

function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return '' // ended meanwhile
  }
}

/** Whether a process has not ended; one whose end nobody has asked about has. */
export const isRunning = (pid: number): boolean => /^State:\t[^ZX]/m.test(textOf(pid, 'status'))
