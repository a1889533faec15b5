import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../cluster/exec.ts'
import { locked } from '../cluster/lock.ts'
import { type Progress, step } from '../cluster/progress.ts'

/** Not below a home: the programs run as a user who may not enter it. */
const CACHE = '/var/tmp'
const LISTS = ['package.json', 'package-lock.json']

/** The programs in their packages: native ones, so that no install script has to run. */
const FILES: Record<string, string> = {
  claude: `@anthropic-ai/claude-code-linux-${process.arch}/claude`,
  codex: '@openai/codex/bin/codex.js',
  gemini: '@google/gemini-cli/bundle/gemini.js',
  goose: `@aaif/goose-binary-linux-${process.arch}/bin/goose`,
  opencode: `opencode-linux-${process.arch}/bin/opencode`,
}

/** A folder with the programs that dialects are written for, by name: 1.5 GB, installed where they are not there yet. */
export async function installPrograms(progress: Progress): Promise<string> {
  const hash = createHash('sha256').update(process.arch)
  for (const list of LISTS) hash.update(await readFile(join(import.meta.dirname, list)))
  const folder = join(CACHE, `agentjob-programs-${hash.digest('hex').slice(0, 12)}`)
  await locked(`${folder}.lock`, async () => {
    if (!existsSync(folder)) await step(progress, 'installed the programs of the dialects', () => install(folder))
  })
  return join(folder, 'bin')
}

async function install(folder: string): Promise<void> {
  const partial = `${folder}.partial`
  await rm(partial, { recursive: true, force: true })
  await mkdir(join(partial, 'bin'), { recursive: true })
  for (const list of LISTS) await copyFile(join(import.meta.dirname, list), join(partial, list))
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: partial })
  for (const [name, file] of Object.entries(FILES))
    if (existsSync(join(partial, 'node_modules', file)))
      await symlink(join('..', 'node_modules', file), join(partial, 'bin', name))
  await rename(partial, folder)
}
