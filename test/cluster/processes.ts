import { spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from './exec.ts'

/** A program of the cluster: its name is that of its binary, one of its arguments has to contain the cluster's folder. */
export interface Component {
  name: string
  command: string
  args: string[]
}

/** A process as the host lists it: its pid, its parent's, its argument vector. */
export interface Listed {
  pid: number
  parent: number
  argv: string[]
}

/** All processes of the host. Asked anew each time: a pid in a file may belong to somebody else by now. */
export async function processes(): Promise<Listed[]> {
  if (process.platform === 'linux') return readdirSync('/proc').filter(isPid).flatMap(listed)
  const lines = (await run('ps', ['-axww', '-o', 'pid=,ppid=,command='])).trim().split('\n')
  return lines.map((line) => {
    const [pid, parent, ...argv] = line.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), argv }
  })
}

const isPid = (entry: string) => /^\d+$/.test(entry)

function listed(pid: string): Listed[] {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    return argv.length > 0 ? [{ pid: Number(pid), parent, argv }] : [] // a zombie has no arguments any more
  } catch {
    return [] // ended meanwhile
  }
}

/** Pids of the components of the cluster in `folder` that run now, by name. */
export async function running(folder: string): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const { pid, argv } of await processes()) {
    const name = nameOf(argv)
    if (argv.slice(1).some((arg) => arg.includes(`${folder}/`)) && known.has(name)) found.set(name, pid)
  }
  return found
}

/** The operator runs as a program of a runtime, which many other programs are too; Deno has options before it. */
function nameOf(argv: string[]): string {
  const main = argv.findIndex((arg) => arg.endsWith('src/cli/main.ts'))
  return main > 0 && argv[main + 1] === 'serve' ? 'agentjob' : basename(argv[0] ?? '')
}

const known = new Set([
  'agentjob',
  ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'provisioner'],
  ...['containerd', 'kubelet', 'kube-proxy', 'coredns'],
])

/** Starts a component in a session of its own, so that it outlives us; its output is appended to `logs/NAME.log`. */
export function start(folder: string, component: Component): void {
  const log = openSync(join(folder, 'logs', `${component.name}.log`), 'a')
  const child = spawn(component.command, component.args, { cwd: folder, detached: true, stdio: ['ignore', log, log] })
  child.on('error', () => {}) // seen, with the reason, by whoever waits for the component
  child.unref()
  closeSync(log)
}

/**
 * Ends a component: SIGTERM, and SIGKILL when it has not ended after `grace` ms. Resolves when it is gone.
 * An API server always needs both: it waits a minute for its watches to end.
 */
export async function stop(folder: string, name: string, grace = 2_000): Promise<void> {
  const deadline = Date.now() + grace
  let pid: number | undefined
  for (let sent = 0; ; sent++) {
    pid = (await running(folder)).get(name) ?? pid
    if (pid === undefined || isGone(pid)) return
    if (sent === 0) signal(pid, 'SIGTERM')
    if (Date.now() > deadline) signal(pid, 'SIGKILL')
    await sleep(20)
  }
}

/**
 * Whether a process holds nothing any more. One that is about to end loses its arguments before its ports; its first
 * thread can be a zombie while the others still hold them.
 */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    if (process.platform !== 'linux') return false
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const isZombie = ['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2)[0] as string)
    return isZombie && readdirSync(`/proc/${pid}/task`).length < 2
  } catch {
    return true
  }
}

/** Sends a signal to a process that may have ended. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The last lines of a component's log, for an error message. */
export async function logTail(folder: string, name: string, lines = 12): Promise<string> {
  const log = await readFile(join(folder, 'logs', `${name}.log`), 'utf8').catch(() => '')
  return log.trimEnd().split('\n').slice(-lines).join('\n')
}
