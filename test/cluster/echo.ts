import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './exec.ts'
import { pack } from './image.ts'
import { locked } from './lock.ts'
import { cacheDir } from './paths.ts'
import { type Progress, step } from './progress.ts'

const source = join(import.meta.dirname, '..', '..', 'agents', 'echo')
const name = 'ghcr.io/agentjob/echo:dev'

/**
 * The image of the agent that needs no model: its name and the path of a docker-archive for `loadImage`.
 * Builds it, without a container engine, if its sources have changed since the last time. Refuses without Go.
 */
export async function echoImage(progress: Progress): Promise<{ tar: string; name: string }> {
  const files = (await readdir(source)).filter((file) => file === 'go.mod' || /(?<!_test)\.go$/.test(file)).sort()
  const hash = createHash('sha256').update(process.arch)
  for (const file of files) hash.update(file).update(await readFile(join(source, file)))
  const tar = join(cacheDir(), 'images', `echo-${hash.digest('hex').slice(0, 12)}.tar`)
  await locked(`${tar}.lock`, async () => {
    if (!existsSync(tar)) await step(progress, 'built the echo agent', () => build(tar))
  })
  return { tar, name }
}

async function build(tar: string): Promise<void> {
  const binary = `${tar}.binary`
  await mkdir(join(cacheDir(), 'images'), { recursive: true })
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w']
  await run('go', ['build', ...flags, '-o', binary, '.'], { cwd: source, env: { CGO_ENABLED: '0', GOOS: 'linux' } })
  await pack(`${tar}.partial`, {
    name,
    entrypoint: ['/echo'],
    user: '65532:65532',
    files: [{ path: 'echo', from: binary }],
  })
  await rm(binary)
  await rename(`${tar}.partial`, tar)
}
