import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'

/** A Prometheus on this host. */
export interface Prometheus {
  /** The values of an instant query. Throws for one that is not sound. */
  query(expr: string): Promise<number[]>
  /** Names of the alerts that fire. */
  firing(): Promise<string[]>
  /** Rules whose evaluation has failed, each with the error. */
  failing(): Promise<string[]>
  stop(): Promise<void>
}

/** Starts a Prometheus that asks `target` (host:port) every second under the job `agentjob`, with these rules (YAML). */
export async function startPrometheus(command: string, o: { target: string; rules: string }): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'agentjob-prometheus-'))
  const port = await freePort()
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yaml'],
    scrape_configs: [{ job_name: 'agentjob', static_configs: [{ targets: [o.target] }] }],
  }
  await writeFile(join(folder, 'prometheus.yaml'), stringify(config))
  await writeFile(join(folder, 'rules.yaml'), o.rules)
  const log = join(folder, 'log')
  const out = openSync(log, 'a')
  const args = [
    `--config.file=${join(folder, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]
  const child = spawn(command, args, { stdio: ['ignore', out, out] })
  closeSync(out)
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const url = `http://127.0.0.1:${port}`
  const get = async (path: string) => {
    const answer = (await (await fetch(`${url}/api/v1/${path}`)).json()) as Answer
    if (answer.status !== 'success') throw new Error(answer.error)
    return answer.data
  }
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  await ready(url, () => child.exitCode !== null).catch(async () => {
    const said = await readFile(log, 'utf8')
    await stop()
    throw new Error(`Prometheus did not come up: ${said.slice(-2000)}`)
  })
  const rules = async () => (await get('rules')).groups?.flatMap((group) => group.rules) ?? []
  return {
    async query(expr) {
      const { result = [] } = await get(`query?query=${encodeURIComponent(expr)}`)
      return result.map(({ value }) => Number(value[1]))
    },
    firing: async () => (await rules()).filter(({ state }) => state === 'firing').map(({ name }) => name),
    failing: async () =>
      (await rules()).filter(({ health }) => health !== 'ok').map(({ name, lastError }) => `${name}: ${lastError}`),
    stop,
  }
}

interface Answer {
  status: string
  error?: string
  data: {
    result?: { value: [number, string] }[]
    groups?: { rules: { name: string; state: string; health: string; lastError?: string }[] }[]
  }
}

async function ready(url: string, hasEnded: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await fetch(`${url}/-/ready`).catch(() => undefined))?.ok) {
    if (hasEnded() || Date.now() > deadline) throw new Error('not ready')
    await sleep(50)
  }
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
