import { describe } from 'bun:test'
import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { locked } from '../cluster/lock.ts'
import { cacheDir } from '../cluster/paths.ts'

/** A runtime besides Bun that AgentJob runs on. */
export interface Runtime {
  name: 'deno' | 'node'
  /** The program itself. */
  file: string
  /** What stands before the script that is to be run. */
  run: string[]
  /** With these variables bin/agentjob takes it. */
  env: Record<string, string>
}

const exec = promisify(execFile)
const modules = join(import.meta.dirname, 'node_modules')

/** Tests for each runtime, under its name; where there is none they are skipped by that name. */
export function onRuntimes(name: string, tests: (runtime: Runtime) => void): void {
  if (!RUNTIMES.length) describe.skip(`${name} on Deno and Node (package.json names them for Linux alone)`, () => {})
  for (const runtime of RUNTIMES) describe(`${name} on ${runtime.name}`, () => tests(runtime))
}

/** Installs what is not there yet; two suites may want it at the same time. */
async function install(): Promise<Runtime[]> {
  if (process.platform !== 'linux') return []
  await locked(join(cacheDir(), 'runtimes.lock'), async () => {
    if (!(await upToDate()))
      await exec('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: import.meta.dirname,
        timeout: 300_000,
      })
  })
  const { arch } = process
  return [
    await runtime('deno', join(modules, '@deno', `linux-${arch}-glibc`, 'deno'), ['run', '--allow-all']),
    await runtime('node', join(modules, `node-linux-${arch}`, 'bin', 'node'), []),
  ]
}

async function upToDate(): Promise<boolean> {
  const [wanted, there] = await Promise.all([
    modified(join(import.meta.dirname, 'package-lock.json')),
    modified(join(modules, '.package-lock.json')),
  ])
  return there > wanted
}

const modified = (file: string) =>
  stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )

async function runtime(name: Runtime['name'], file: string, run: string[]): Promise<Runtime> {
  if (!(await modified(file))) throw new Error(`npm installed no ${name} for Linux on ${process.arch}`)
  return { name, file, run, env: { AGENTJOB_RUNTIME: name, PATH: `${dirname(file)}:${process.env.PATH}` } }
}

/** Deno and Node as package.json beside this file pins them; none on systems that it has none for. */
export const RUNTIMES: Runtime[] = await install()
