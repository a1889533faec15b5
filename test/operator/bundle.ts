import { join } from 'node:path'
import { run } from '../cluster/exec.ts'

/** What an image sets for the operator, as bin/agentjob does. */
export const IMAGE_ENV = { BUN_JSC_forceRAMSize: '67108864' }

const ROOT = join(import.meta.dirname, '..', '..')

/** Bundles the command line into a folder, as an image ships it, and gives the command that runs it. */
export async function bundle(folder: string): Promise<string[]> {
  const bun = join(ROOT, 'node_modules', '.bin', 'bun')
  await run('npm', ['run', '--silent', 'build', '--', '--outdir', folder], { cwd: ROOT })
  return [bun, join(folder, 'main.js')]
}
