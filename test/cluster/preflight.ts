import { existsSync } from 'node:fs'
import { onPath, run } from './exec.ts'
import { type Progress, step } from './progress.ts'

/** Programs that pods need on their node, with the Debian package that each comes in. */
const programs: [program: string, debian: string][] = [
  ['containerd', 'containerd'],
  ['runc', 'runc'],
  ['/usr/lib/cni/bridge', 'containernetworking-plugins'],
  ['iptables', 'iptables'],
  ['ip', 'iproute2'],
  ['mount', 'mount'],
]

/**
 * Tells why this host can't run pods, in one sentence; undefined where it can.
 * Installs missing Debian packages where that is possible (root, apt-get).
 */
export async function whyNoPods(progress: Progress): Promise<string | undefined> {
  if (process.platform !== 'linux') return `pods need Linux, this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'pods need root'
  if (!existsSync('/dev/kmsg')) return 'the kubelet needs /dev/kmsg, which this container does not have'
  const mayMount = await run('unshare', ['--mount', 'true']).then(
    () => true,
    () => false,
  )
  if (!mayMount) return 'pods need the right to mount (CAP_SYS_ADMIN), which this container does not have'
  const missing = await missingPackages()
  if (missing.length === 0) return undefined
  const names = missing.join(' ')
  try {
    await step(progress, `installed ${names}`, () => aptInstall(missing))
  } catch (error) {
    return `pods need ${names}, and "apt-get install ${names}" failed: ${(error as Error).message}`
  }
  const still = await missingPackages()
  return still.length > 0 ? `pods need ${still.join(' ')}: apt-get installed them, but not their programs` : undefined
}

async function missingPackages(): Promise<string[]> {
  const present = await Promise.all(programs.map(([program]) => onPath(program)))
  return programs.filter((_, i) => !present[i]).map(([, debian]) => debian)
}

async function aptInstall(packages: string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['install', '-y', '--no-install-recommends', ...packages]
  const options = { env, timeout: 300_000 }
  // Package lists as old as the machine often name versions that are gone.
  await run('apt-get', ['update'], options)
  await run('apt-get', install, options)
}
