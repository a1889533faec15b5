import { spawn } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { asItIs, type Command, startCommand } from '../../src/dialects/start.ts'
import type { Paths, Rendered, Task } from '../../src/dialects/task.ts'

/** How a program ended, and what it said. */
export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** A folder of this machine with what a container would have. */
export interface Container {
  paths: Paths
  remove(): Promise<void>
}

/** The user of every agent, where the test may become another one. */
const AGENT = 65532

export async function makeContainer(): Promise<Container> {
  const folder = await mkdtemp(join(tmpdir(), 'agentjob-dialect-'))
  const paths = {
    home: join(folder, 'home'),
    tmp: join(folder, 'tmp'),
    workspaceDir: join(folder, 'workspace'),
    files: join(folder, 'files'),
  }
  await chmod(folder, 0o755)
  for (const path of Object.values(paths)) await mkdir(path)
  if (isRoot()) for (const path of [paths.home, paths.tmp, paths.workspaceDir]) await chown(path, AGENT, AGENT)
  return { paths, remove: () => rm(folder, { recursive: true, force: true }) }
}

const isRoot = () => process.getuid?.() === 0

/** Runs a task as a kubelet would: files mounted read-only, variables in arguments filled in, nobody's environment. */
export async function runTask(
  dialect: Dialect,
  task: Task,
  runtime: Partial<Command>,
  env: Record<string, string>,
): Promise<Ended & { rendered: Rendered }> {
  const rendered = dialect.render(task)
  if (!rendered.start) throw new Error(`${dialect.name} starts nothing by itself`)
  for (const { path, text } of rendered.files) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { mode: 0o444 })
  }
  const { command, args } = startCommand(rendered.start, task.paths.workspaceDir, runtime)
  const variables: Record<string, string> = { PATH: process.env.PATH ?? '', HOME: task.paths.home, ...env }
  for (const { name, value } of rendered.env) variables[name] = expanded(asItIs(value), variables)
  const line = [...command, ...args].map((word) => expanded(word, variables))
  return { ...(await run(line, variables)), rendered }
}

/** https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/ */
export const expanded = (text: string, variables: Record<string, string>): string =>
  text.replace(/\$(\$|\(([^)]*)\))/g, (whole, what: string, name: string) =>
    what === '$' ? '$' : (variables[name] ?? whole),
  )

async function run(line: string[], env: Record<string, string>): Promise<Ended> {
  const asAgent = ['setpriv', `--reuid=${AGENT}`, `--regid=${AGENT}`, '--clear-groups', '--']
  const [program, ...args] = [...(isRoot() ? asAgent : []), ...line] as [string, ...string[]]
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 })
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    return chunks
  }) as [Buffer[], Buffer[]]
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
}

/** The names of the files in a folder. */
export const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder)).sort()
