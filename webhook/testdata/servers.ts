import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** serve.ts in a process of its own. */
export interface Served {
  port: number
  ca: string
  child: ChildProcess
  /** Resolves with the exit code. */
  ended: Promise<number | null>
  /** Runs the load generator (load/main.go) with such flags. */
  post(...flags: string[]): Promise<Report>
  /** One request, on a connection of its own. */
  ask(path: string, body?: string): Promise<{ status: number; text: string }>
}

/** What the load generator saw. */
export interface Report {
  requests: number
  errors: Record<string, number>
  certificates: number
  protocols: string[]
  closed: number
}

/** Starts servers, and ends them all. */
export interface Servers {
  /** `env` is told in serve.ts. Rejects with its last words where it does not come up. */
  serve(env?: Record<string, string | number>): Promise<Served>
  end(): Promise<void>
}

const run = promisify(execFile)

/** Servers of one runtime: `command` runs the TypeScript file that is put after it. */
export async function createServers(command: string[]): Promise<Servers> {
  const folder = await mkdtemp(join(tmpdir(), 'listener-'))
  const load = join(folder, 'load')
  await run('go', ['build', '-o', load, join(import.meta.dirname, 'load/main.go')])
  const running = new Set<ChildProcess>()
  return {
    async serve(env = {}) {
      const { child, line } = start(command, env)
      running.add(child)
      const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
      const { port, ca } = JSON.parse(await line) as { port: number; ca: string }
      const caFile = join(folder, `${port}.crt`)
      await writeFile(caFile, ca)
      const target = ['-url', `https://127.0.0.1:${port}/mutate`, '-ca', caFile]
      const post = async (...flags: string[]) => JSON.parse((await run(load, [...target, ...flags])).stdout)
      return { port, ca, child, ended, post, ask: (path, body) => ask(port, ca, path, body) }
    },
    async end() {
      for (const child of running) child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The process, and the line that it prints once it listens. */
function start(command: string[], env: Record<string, string | number>) {
  const [file = '', ...args] = [...command, join(import.meta.dirname, 'serve.ts')]
  const strings = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]))
  const child = spawn(file, args, { env: { ...process.env, ...strings }, stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (data) => {
    errors += data
  })
  const line = new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data) => resolve(String(data)))
    child.once('close', () => reject(new Error(`the server has ended: ${errors}`)))
  })
  return { child, line }
}

function ask(
  port: number,
  ca: string,
  path: string,
  body = '{"request":{"uid":"1"}}',
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, ca, path, method: 'POST', agent: false as const }
    const sent = request(options, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode!, text }))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
