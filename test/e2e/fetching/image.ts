import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, realpath, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pack } from '../../cluster/image.ts'
import { cacheDir } from '../../cluster/paths.ts'

/** In the settings of the operator under test, for both of its images. */
export const FETCH_IMAGE = 'ghcr.io/agentjob/fetch:dev'

const exec = promisify(execFile)
const PROGRAMS = ['sh', 'git', 'curl', 'sha256sum', 'sed', 'env', 'mkdir', 'chmod', 'ln', 'cat', 'grep', 'sleep']
const HELPERS = ['git-remote-http', 'git-remote-https']
const GIT_SYNC = join(import.meta.dirname, 'git-sync.sh')

/**
 * A docker-archive of this machine's git, curl and shell, with a stand-in for git-sync as its entrypoint; undefined
 * where the machine has not all of them.
 */
export async function fetchImage(): Promise<string | undefined> {
  const programs = await Promise.all(PROGRAMS.map(which))
  const core = await exec('git', ['--exec-path']).catch(() => undefined)
  if (programs.includes(undefined) || !core) return undefined
  const binaries = [...(programs as string[]), ...HELPERS.map((name) => join(core.stdout.trim(), name))]
  if (!binaries.every((path) => existsSync(path))) return undefined
  const paths = new Set([...binaries, ...(await Promise.all(binaries.map(librariesOf))).flat()])
  const hash = createHash('sha256')
    .update(await readFile(GIT_SYNC))
    .update(await readFile(import.meta.path))
  for (const path of paths) hash.update(path).update(await realpath(path))
  const tar = join(cacheDir(), 'images', `fetch-${hash.digest('hex').slice(0, 12)}.tar`)
  if (existsSync(tar)) return tar
  await mkdir(join(cacheDir(), 'images'), { recursive: true })
  const files = [...paths].map((path) => ({ path: path.slice(1), from: path }))
  await pack(`${tar}.${process.pid}`, {
    name: FETCH_IMAGE,
    entrypoint: ['/git-sync'],
    user: '65533:65533',
    files: [{ path: 'git-sync', from: GIT_SYNC }, { path: 'bin/sh', from: '/bin/sh' }, ...files],
  })
  await rename(`${tar}.${process.pid}`, tar)
  return tar
}

/** Where a program is in the image: its interpreter lines and git's own calls say /usr/bin. */
const which = async (name: string): Promise<string | undefined> =>
  [`/usr/bin/${name}`, `/bin/${name}`].find((path) => existsSync(path))

/** Shared libraries and the loader, at their places. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await exec('ldd', [program]).catch(() => ({ stdout: '' }))
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path as string)
}
