import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, realpath, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ImageSpec, pack } from '../cluster/image.ts'
import { cacheDir } from '../cluster/paths.ts'

const exec = promisify(execFile)

/**
 * A docker-archive with programs of this machine at their places, and with what they need to run; undefined where the
 * machine has not all of them. `files` come beside them. One with a shell has it at /bin/sh too.
 */
export async function machineImage(
  { files, ...image }: ImageSpec,
  programs: (string | undefined)[],
): Promise<string | undefined> {
  if (!programs.every((path): path is string => path !== undefined && existsSync(path))) return undefined
  const paths = [...new Set([...programs, ...(await Promise.all(programs.map(librariesOf))).flat()])]
  const hash = createHash('sha256').update(JSON.stringify([image, files]))
  hash.update(await readFile(import.meta.path))
  for (const { from } of files) hash.update(await readFile(from))
  for (const path of paths) hash.update(path).update(await realpath(path))
  const base = image.name.replace(/^.*\//, '').replace(/:.*$/, '')
  const tar = join(cacheDir(), 'images', `${base}-${hash.digest('hex').slice(0, 12)}.tar`)
  if (existsSync(tar)) return tar
  await mkdir(join(cacheDir(), 'images'), { recursive: true })
  const shell = programs.includes('/usr/bin/sh') ? [{ path: 'bin/sh', from: '/bin/sh' }] : []
  const ofMachine = paths.map((path) => ({ path: path.slice(1), from: path }))
  await pack(`${tar}.${process.pid}`, { ...image, files: [...files, ...shell, ...ofMachine] })
  await rename(`${tar}.${process.pid}`, tar)
  return tar
}

/** Where a program is in the image: interpreter lines say /usr/bin. */
export const which = (name: string): string | undefined =>
  [`/usr/bin/${name}`, `/bin/${name}`, `/usr/local/bin/${name}`].find((path) => existsSync(path))

/** Paths of the shared libraries that a program of this machine needs, and of their loader; none where it needs none. */
export async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await exec('ldd', [program]).catch(() => ({ stdout: '' }))
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path as string)
}
