import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EXIT, Failure } from '../exit.ts'
import type { Change } from './comparison.ts'

/** What kubectl takes, too: a program with options, instead of `diff -u -N`. */
const EXTERNAL = 'KUBECTL_EXTERNAL_DIFF'

/**
 * Prints how texts differ, as `kubectl diff` does: by the program of that name, out of two folders that only this user
 * can read.
 */
export async function printDifferences(changes: Change[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'agentjob-diff-'))
  try {
    for (const [side, text] of [
      ['LIVE', (one: Change) => one.before] as const,
      ['DRYRUN', (one: Change) => one.after] as const,
    ]) {
      await mkdir(join(folder, side))
      for (const one of changes)
        if (text(one)) await writeFile(join(folder, side, one.file), text(one), { mode: 0o600 })
    }
    const [program = 'diff', ...options] = (process.env[EXTERNAL]?.trim() || 'diff -u -N').split(/\s+/)
    await run(program, [...options, 'LIVE', 'DRYRUN'], folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Ends where the program does; 0 and 1 are its answers. */
async function run(program: string, args: string[], cwd: string): Promise<void> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', () =>
      reject(
        new Failure(
          `there is no program ${program} to compare with; install it, or name another in $${EXTERNAL}`,
          EXIT.usage,
        ),
      ),
    )
    child.on('close', resolve)
  })
  if (code !== 0 && code !== 1) throw new Failure(`${program} ended with exit code ${code}`, EXIT.usage)
}
