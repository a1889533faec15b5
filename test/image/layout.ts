import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { run } from '../cluster/exec.ts'
import { FILES, type ImageFile, LICENSE, NOTICES, PROGRAM, SBOM } from './contents.ts'
import { notices } from './notices.ts'
import { sbom } from './sbom.ts'

export const ROOT = join(import.meta.dirname, '..', '..')

const BUILD = new Map<ImageFile, (path: string) => Promise<unknown>>([
  [PROGRAM, (path) => run('npm', ['run', '--silent', 'build', '--', '--outfile', path], { cwd: ROOT })],
  [LICENSE, (path) => copyFile(join(ROOT, 'LICENSE'), path)],
  [NOTICES, async (path) => writeFile(path, await notices())],
  [SBOM, async (path) => writeFile(path, `${JSON.stringify(await sbom(), undefined, 2)}\n`)],
])

/** Builds the image's files into a folder, each at its place below it, for the architecture of this machine. */
export async function layOut(folder: string): Promise<void> {
  for (const file of FILES) {
    const path = join(folder, file.path)
    await mkdir(dirname(path), { recursive: true })
    await BUILD.get(file)?.(path)
    await chmod(path, file.mode)
  }
}
