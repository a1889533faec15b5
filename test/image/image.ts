import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pack } from '../cluster/image.ts'
import { librariesOf } from '../e2e/machineimage.ts'
import { FILES, NAME, PROGRAM, START } from './contents.ts'
import { layOut } from './layout.ts'

/**
 * Writes the operator's image to `tar`, a docker-archive, without a container engine: the files that the Dockerfile
 * copies, and this machine's C library in the place of the one of its base image. Refuses elsewhere than on Linux.
 */
export async function packOperator(tar: string, name = NAME): Promise<void> {
  if (process.platform !== 'linux')
    throw new Error('the image holds the C library of the machine, which has to be Linux')
  const folder = await mkdtemp(join(tmpdir(), 'agentjob-image-'))
  try {
    await layOut(folder)
    const libraries = await librariesOf(join(folder, PROGRAM.path))
    if (libraries.length === 0)
      throw new Error('ldd names no library of the program: it needs one of a Linux with glibc')
    const files = FILES.map(({ path, mode }) => ({ path, mode, from: join(folder, path) }))
    const machine = libraries.map((path) => ({ path: path.slice(1), from: path }))
    await pack(tar, { name, ...START, files: [...files, ...machine] })
  } finally {
    await rm(folder, { recursive: true })
  }
}
