import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { kubernetesVersion } from '../cluster/binaries.ts'
import { run } from '../cluster/exec.ts'

/** Where figures come from: without it they say nothing. */
export interface Machine {
  cpu: string
  cores: number
  /** GiB */
  memory: number
  kernel: string
  kubernetes: string
  bun: string
  go: string
  /** Of this repository; `+` where files differ from it. */
  commit: string
  /** Over the minute before the run: more than a few tenths, and somebody else was at work. */
  load: number
}

/** Describes this machine and the versions of everything that is measured on it. */
export async function describeMachine(): Promise<Machine> {
  const root = join(import.meta.dirname, '..', '..')
  const git = (...args: string[]) => run('git', args, { cwd: root }).catch(() => '')
  const [commit, changes] = [await git('rev-parse', '--short', 'HEAD'), await git('status', '--porcelain', '-uno')]
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memory: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    kubernetes: await kubernetesVersion(),
    bun: process.versions.bun ?? '',
    go: (await run('go', ['env', 'GOVERSION'])).trim().replace('go', ''),
    commit: commit.trim() + (changes.trim() ? '+' : ''),
    load: loadavg()[0] ?? 0,
  }
}

/** The same in one line. */
export const machineLine = (machine: Machine): string =>
  [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory} GiB`,
    `Linux ${machine.kernel}`,
    `Kubernetes ${machine.kubernetes.replace('v', '')}`,
    `Bun ${machine.bun}`,
    `Go ${machine.go}`,
    `agentjob ${machine.commit}`,
    `load ${machine.load.toFixed(1)}`,
  ].join(' · ')
