import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '../../src/kube/client.ts'
import { run } from '../cluster/exec.ts'

/**
 * The version before this one: main before AgentQuotas and before epochs of the signing key. After a release it is the
 * release.
 */
const COMMIT = process.env.AGENTJOB_TEST_PREVIOUS ?? 'cd8d6219690e329822113d86175b86d399957450'
const ROOT = join(import.meta.dirname, '..', '..')

/** Another version of the operator, in a folder of its own. */
export interface Version {
  /** What runs its command line. */
  command: string[]
  /** Applies its CRDs, and its accounts with their rights, as `install` of test/operator does for this one. */
  install(client: Client): Promise<void>
  remove(): Promise<void>
}

/** Why the version before cannot be had: a clone without history, or no clone at all. Undefined where it can. */
export async function whyNoPrevious(): Promise<string | undefined> {
  if (!existsSync(join(ROOT, '.git'))) return 'this is no clone: the version before comes out of the history'
  const has = () =>
    run('git', ['-C', ROOT, 'cat-file', '-e', `${COMMIT}^{commit}`]).then(
      () => true,
      () => false,
    )
  if (await has()) return undefined
  const fetched = run('git', ['-C', ROOT, 'fetch', '--quiet', '--depth=1', 'origin', COMMIT], { timeout: 60_000 })
  await fetched.catch(() => {})
  return (await has()) ? undefined : `this clone has no commit ${COMMIT}, the version before, and could not fetch it`
}

/** A text of a source file, and what stands there instead. */
export interface Edit {
  file: string
  from: string
  to: string
}

/** The version before, out of the history. */
export const previousVersion = (): Promise<Version> =>
  versionIn(async (folder) => {
    const archive = join(folder, 'source.tar')
    await run('git', ['-C', ROOT, 'archive', '--output', archive, COMMIT])
    await run('tar', ['-x', '-f', archive, '-C', folder])
  })

/** A version after this one: this one with its source changed. */
export const nextVersion = (edits: Edit[]): Promise<Version> =>
  versionIn(async (folder) => {
    for (const name of ['package.json', 'bin', 'src', 'webhook', 'certs', 'test/operator'])
      await cp(join(ROOT, name), join(folder, name), { recursive: true })
    for (const { file, from, to } of edits) {
      const text = await readFile(join(folder, file), 'utf8')
      if (!text.includes(from)) throw new Error(`${file} does not say ${from}`)
      await writeFile(join(folder, file), text.replace(from, to))
    }
  })

async function versionIn(fill: (folder: string) => Promise<void>): Promise<Version> {
  const folder = await mkdtemp(join(tmpdir(), 'agentjob-version-'))
  await fill(folder)
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const { install } = await import(join(folder, 'test/operator/install.ts'))
  return {
    command: [join(folder, 'bin/agentjob')],
    install,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
