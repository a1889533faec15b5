import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from './exec.ts'
import { containerdSocket } from './node.ts'
import { runDir } from './paths.ts'
import { processes, running, signal } from './processes.ts'

/** Ends the components of a cluster and its pods, and removes what these leave behind in the host. */
export async function tearDown(name: string, folder: string): Promise<void> {
  const cgroups = await killAll(name, folder)
  for (const mount of mountsBelow([folder, runDir(name)])) await run('umount', ['--lazy', mount]).catch(() => {})
  for (const root of cgroupRoots()) for (const cgroup of cgroups) removeCgroup(join(root, cgroup))
  rmSync(runDir(name), { recursive: true, force: true })
  removeLogLinks(folder)
}

/** Kills all and waits until they are gone; gives the cgroups that the containers were in. */
async function killAll(name: string, folder: string): Promise<Set<string>> {
  const cgroups = new Set<string>()
  const deadline = Date.now() + 10_000
  for (;;) {
    // Components first: a kubelet would start again what is killed under it.
    const components = [...(await running(folder)).values()]
    const pids = components.length > 0 ? components : await containerProcesses(name)
    if (pids.length === 0) return cgroups
    if (components.length === 0) for (const cgroup of pids.flatMap(cgroupsOf)) cgroups.add(cgroup)
    for (const pid of pids) signal(pid, 'SIGKILL')
    if (Date.now() > deadline) throw new Error(`processes ${pids.join(', ')} of cluster ${name} can't be killed`)
    await sleep(20)
  }
}

/** The shims of a cluster's containerd and all that descends from them; a shim adopts orphans of its containers. */
async function containerProcesses(name: string): Promise<number[]> {
  const all = await processes()
  const found = new Set(all.filter(({ argv }) => argv.includes(containerdSocket(name))).map(({ pid }) => pid))
  for (let size = 0; size !== found.size; ) {
    size = found.size
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid)
  }
  return [...found]
}

function mountsBelow(folders: string[]): string[] {
  if (!existsSync('/proc/self/mountinfo')) return []
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n')
  const points = lines.map((line) => line.split(' ')[4]!.replaceAll('\\040', ' '))
  return points.filter((point) => folders.some((folder) => point.startsWith(`${folder}/`))).reverse()
}

function cgroupRoots(): string[] {
  const root = '/sys/fs/cgroup'
  return existsSync(root) ? [root, ...readdirSync(root).map((entry) => join(root, entry))] : []
}

/** Paths of the cgroups that containerd made for a container, in whichever hierarchy. */
function cgroupsOf(pid: number): string[] {
  if (!existsSync(`/proc/${pid}/cgroup`)) return []
  const paths = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n')
  return paths.map((line) => line.split(':')[2] ?? '').filter((path) => path.startsWith('/k8s.io/'))
}

function removeCgroup(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // Not in this hierarchy; or a process in it is still dying, then it stays, empty and harmless.
  }
}

/** The kubelet links the logs of all containers into one folder of the host, wherever they are. */
function removeLogLinks(folder: string): void {
  const links = '/var/log/containers'
  for (const link of existsSync(links) ? readdirSync(links) : []) {
    if (pointsBelow(join(links, link), folder)) rmSync(join(links, link))
  }
}

function pointsBelow(link: string, folder: string): boolean {
  try {
    return readlinkSync(link).startsWith(`${folder}/`)
  } catch {
    return false
  }
}
