import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { machineImage, which } from '../machineimage.ts'

/** In the settings of the operator under test, for both of its images. */
export const FETCH_IMAGE = 'ghcr.io/agentjob/fetch:dev'

const PROGRAMS = [
  'sh',
  'git',
  'curl',
  'sha256sum',
  'sed',
  'env',
  'mkdir',
  'chmod',
  'ln',
  'cat',
  'cp',
  'rm',
  'dirname',
  'ls',
  'tr',
  'touch',
  'grep',
  'sleep',
  'mkfifo',
  'tee',
  'wc',
  'head',
]
const HELPERS = ['git-remote-http', 'git-remote-https']
const GIT_SYNC = join(import.meta.dirname, 'git-sync.sh')

/**
 * A docker-archive of this machine's git, curl and shell, with a stand-in for git-sync as its entrypoint; undefined
 * where the machine has not all of them.
 */
export async function fetchImage(): Promise<string | undefined> {
  const core = await promisify(execFile)('git', ['--exec-path']).catch(() => undefined)
  const helpers = HELPERS.map((name) => core && join(core.stdout.trim(), name))
  return machineImage(
    {
      name: FETCH_IMAGE,
      entrypoint: ['/git-sync'],
      user: '65533:65533',
      files: [{ path: 'git-sync', from: GIT_SYNC }],
    },
    [...PROGRAMS.map(which), ...helpers],
  )
}
