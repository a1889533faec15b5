import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duration } from '../cluster/progress.ts'
import { mutants as MUTANTS, type Mutant, mutate } from './mutations.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const COPIED = ['bin', 'certs', 'crds', 'src', 'test', 'webhook', 'package.json']
/** A mutant that so many schedules do not notice is not caught. */
const MOST_SCHEDULES = 200

/** What came of a mutant; without a seed, no schedule noticed it. */
interface Catch {
  mutant: string
  schedules: number
  seconds: number
  seed?: number
  violation?: string
}

/**
 * Breaks the operator in each of the known ways, in a copy of its source, and runs schedules on it from seed 0 until one
 * is violated. False where a mutant goes on unnoticed. Throws where the code that a mutant changes is not there any more.
 */
export async function runMutants(o: { json: boolean }): Promise<boolean> {
  // all of them first: nobody wants to hear of the last one after an hour
  for (const mutant of MUTANTS) mutate(await readFile(join(ROOT, mutant.file), 'utf8'), mutant)
  const catches: Catch[] = []
  for (const mutant of MUTANTS) {
    const caught = await hunt(mutant)
    catches.push(caught)
    const { seed, schedules, seconds, violation } = caught
    const what =
      seed === undefined
        ? `NOT CAUGHT by ${schedules} schedules`
        : `caught by seed ${seed}, after ${schedules} schedules`
    console.error(`${mutant.name}: ${what}, ${duration(seconds * 1000)}${violation ? `\n  ${violation}` : ''}`)
  }
  if (o.json) console.log(JSON.stringify(catches))
  return catches.every(({ seed }) => seed !== undefined)
}

async function hunt(mutant: Mutant): Promise<Catch> {
  const folder = await mkdtemp(join(tmpdir(), 'agentjob-mutant-'))
  try {
    await Promise.all(COPIED.map((path) => cp(join(ROOT, path), join(folder, path), { recursive: true })))
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    const file = join(folder, mutant.file)
    await writeFile(file, mutate(await readFile(file, 'utf8'), mutant))
    const { schedules, seconds, violated } = await runThere(folder)
    return { mutant: mutant.name, schedules, seconds, seed: violated[0]?.seed, violation: violated[0]?.violations[0] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Result {
  schedules: number
  seconds: number
  violated: { seed: number; violations: string[] }[]
}

function runThere(folder: string): Promise<Result> {
  const args = ['test/faults/main.ts', '--from', '0', '--count', String(MOST_SCHEDULES), '-o', 'json']
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
  let said = ''
  child.stdout.on('data', (data) => {
    said += data
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => {
      try {
        resolve(JSON.parse(said))
      } catch {
        reject(new Error(`the schedules could not be run: exit code ${code}, ${said}`))
      }
    })
  })
}
