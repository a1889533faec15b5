import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { onPath, run } from '../cluster/exec.ts'
import { locked } from '../cluster/lock.ts'
import { cacheDir } from '../cluster/paths.ts'

/** Prometheus and its tool, as commands; or why there are none, in one sentence. */
export type Programs = { prometheus: string; promtool: string } | { why: string }

/**
 * The programs of this machine, else those of Debian's package, unpacked into our cache: nothing is installed, because
 * an installed package starts a service.
 */
export async function prometheusPrograms(): Promise<Programs> {
  if ((await onPath('prometheus')) && (await onPath('promtool')))
    return { prometheus: 'prometheus', promtool: 'promtool' }
  const folder = join(cacheDir(), 'prometheus')
  const [prometheus, promtool] = ['prometheus', 'promtool'].map((name) => join(folder, 'usr', 'bin', name)) as [
    string,
    string,
  ]
  try {
    if (!existsSync(folder)) await locked(`${folder}.lock`, () => unpack(folder))
    return { prometheus, promtool }
  } catch (error) {
    return { why: `there is no Prometheus, and Debian's package could not be had: ${(error as Error).message}` }
  }
}

async function unpack(folder: string): Promise<void> {
  if (existsSync(folder)) return
  await mkdir(cacheDir(), { recursive: true })
  const partial = await mkdtemp(`${folder}.partial-`)
  try {
    const download = () => run('apt-get', ['download', 'prometheus'], { cwd: partial, timeout: 300_000 })
    // package lists as old as the machine may name a version that is gone; only root may fetch new ones
    await download().catch(async () => {
      await run('apt-get', ['update'], { timeout: 300_000 })
      await download()
    })
    await run('sh', ['-c', 'dpkg --extract prometheus_*.deb root'], { cwd: partial })
    await rename(join(partial, 'root'), folder)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}
