import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { onPath } from './exec.ts'
import { locked } from './lock.ts'
import { cacheDir } from './paths.ts'
import { duration, type Progress } from './progress.ts'

/** Programs that are built from Go modules once and then lie in the cache. */
export interface Build {
  /** Name and version, as people are told: `kubernetes 1.36.3`. */
  name: string
  /** How long it takes on two cores: `about 5 minutes`. */
  takes: string
  /** Paths of the files that they are built from, go.mod and go.sum among them. */
  sources: string[]
  /** Whatever else decides what comes out: flags, names of packages. */
  options: unknown
  /** Builds into a folder that is there and empty. */
  build(folder: string): Promise<void>
}

/**
 * Gives the folder of what a build makes, and builds it first where no earlier build of the same sources is there. Other
 * processes wait meanwhile. Refuses without Go.
 */
export async function built(o: Build, progress: Progress): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([process.platform, process.arch, o.options]))
  for (const file of o.sources) hash.update(await readFile(file))
  const folder = join(cacheDir(), 'bin', `${o.name.replace(' ', '-')}-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(folder)) return folder
  if (!(await onPath('go'))) {
    throw new Error(`${o.name} is built from Go modules and there is no "go" on the PATH: install it from go.dev/dl`)
  }
  await locked(`${folder}.lock`, async () => {
    if (existsSync(folder)) return
    const start = performance.now()
    progress(`building ${o.name} (once, ${o.takes}) …`)
    const partial = `${folder}.partial`
    await rm(partial, { recursive: true, force: true })
    await mkdir(partial, { recursive: true })
    await o.build(partial)
    await rename(partial, folder)
    progress(`built ${o.name}  ${duration(performance.now() - start)}`)
  })
  return folder
}

/** The version of a module that a go.mod asks for, as `v1.36.3`. Refuses where it asks for none. */
export async function moduleVersion(gomod: string, module: string): Promise<string> {
  const lines = (await readFile(gomod, 'utf8')).split('\n').map((line) => line.replace(/^require /, '').trim())
  const version = lines.find((line) => line.startsWith(`${module} v`))?.split(' ')[1]
  if (!version) throw new Error(`${gomod}: a line that requires ${module} is missing`)
  return version
}
