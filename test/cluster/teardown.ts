import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from './exec.ts'
import { containerdSocket } from './node.ts'
import { runDir } from './paths.ts'
import { processes, running, signal } from './processes.ts'

/** Kills the components of a cluster and everything that runs in its pods, and waits until they are gone. */
export async function killAll(name: string, folder: string): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    // Components first: a kubelet would start again what is killed under it.
    const components = [...(await running(folder)).values()]
    const pids = components.length > 0 ? components : await containerProcesses(name)
    if (pids.length === 0) return
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

/** Removes what the pods of a cluster leave behind in the host: mounts, cgroups, links to logs. */
export async function sweepHost(name: string, folder: string): Promise<void> {
  for (const mount of mountsBelow([folder, runDir(name)])) await run('umount', ['--lazy', mount]).catch(() => {})
  if (process.platform !== 'linux') return
  for (const root of cgroupRoots()) removeCgroup(join(root, 'agentjob', name))
  rmSync(runDir(name), { recursive: true, force: true })
  const links = '/var/log/containers'
  for (const link of existsSync(links) ? readdirSync(links) : []) {
    if (pointsBelow(join(links, link), folder)) rmSync(join(links, link))
  }
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

/** A cgroup's files can't be removed, and need not be: the folder goes with them. */
function removeCgroup(path: string): void {
  if (!existsSync(path)) return
  for (const entry of readdirSync(path)) {
    if (statSync(join(path, entry)).isDirectory()) removeCgroup(join(path, entry))
  }
  try {
    rmdirSync(path)
  } catch {
    // Still holds a process that is dying; it stays empty and harmless.
  }
}

function pointsBelow(link: string, folder: string): boolean {
  try {
    return readlinkSync(link).startsWith(`${folder}/`)
  } catch {
    return false
  }
}
