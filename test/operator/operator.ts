import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { ClusterHandle } from '../cluster/cluster.ts'
import { FETCH_IMAGE } from '../e2e/fetching/image.ts'
import { inPod } from './inpod.ts'
import { LIBRARY, NAMESPACE } from './install.ts'

/** A process of the operator on this host. */
export interface Operator {
  pid: number
  /** Where the API server reaches its webhook; undefined for a controller alone. */
  url?: string
  /** Its /healthz, /readyz and /metrics. */
  health: string
  log: string
  /** Path of its settings. */
  settings: string
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void>
  /** Any signal: SIGKILL to crash it, SIGSTOP and SIGCONT to make it hang. */
  signal(name: NodeJS.Signals): void
}

export interface StartOptions {
  /** Of its log file and its settings. */
  name: string
  kubeconfig: string
  only?: 'webhook' | 'controller'
  /** Who the controller is to the API server, where it runs under another account. */
  controllerUser?: string
  settings?: object
  /** Seconds; `agentjob serve` says its default. */
  leaseDuration?: number
  /** Beside those of this process. */
  env?: Record<string, string>
  /** What to run; bin/agentjob of this checkout unless said. */
  command?: string[]
  /** Has it find the API server as in a pod, where that can be had (see inPod); `kubeconfig` says whose account. */
  pod?: boolean
  /** Outlives this process. */
  detached?: boolean
}

/** Of operators that nobody says more of. Contexts are fetched by an image that tests pack themselves. */
export const SETTINGS = { libraryNamespace: LIBRARY, images: { git: FETCH_IMAGE, url: FETCH_IMAGE } }
const BIN = join(import.meta.dirname, '..', '..', 'bin', 'agentjob')

/** Starts `agentjob serve` as a process of this host and resolves when it is ready to answer. */
export async function startOperator(cluster: ClusterHandle, o: StartOptions): Promise<Operator> {
  const folder = join(cluster.dir, 'operator')
  await mkdir(folder, { recursive: true })
  const log = join(folder, `${o.name}.log`)
  const settings = join(folder, `${o.name}.settings.yaml`)
  await writeFile(settings, stringify(o.settings ?? SETTINGS))
  await writeFile(log, '')
  const pod = o.pod ? await inPod(o.command ?? [BIN], o.kubeconfig) : undefined
  const [program, ...args] = pod?.command ?? o.command ?? [BIN]
  args.push('serve', ...(pod ? [] : ['--kubeconfig', o.kubeconfig]), '--namespace', NAMESPACE, '--settings', settings)
  args.push('--port', '0', '--health-port', '0', '--grace', '1', '--host', cluster.hostAddress)
  if (o.leaseDuration) args.push('--lease-duration', String(o.leaseDuration))
  if (o.only) args.push('--only', o.only)
  if (o.controllerUser) args.push('--controller-user', o.controllerUser)
  const out = openSync(log, 'a')
  const env = { ...process.env, ...(pod ? { KUBECONFIG: '', ...pod.env } : {}), ...o.env }
  const child = spawn(program as string, args, { stdio: ['ignore', out, out], detached: o.detached, env })
  closeSync(out)
  if (o.detached) child.unref()
  const { ports, health } = await isUp(child, log).catch((error) => {
    child.kill('SIGKILL')
    throw error
  })
  return {
    pid: child.pid as number,
    url: ports.port ? `https://${cluster.hostAddress}:${ports.port}/mutate` : undefined,
    health,
    log,
    settings,
    stop: () => ended(child, 'SIGTERM'),
    signal: (name) => child.kill(name),
  }
}

const ended = (child: ChildProcess, signal: NodeJS.Signals) =>
  new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill(signal)
  })

async function isUp(child: ChildProcess, log: string) {
  const ports = await listening(child, log)
  const health = `http://127.0.0.1:${ports.healthPort}`
  await ready(child, health, log)
  return { ports, health }
}

/** The ports that the process chose, out of its log. */
async function listening(child: ChildProcess, log: string): Promise<{ port?: number; healthPort: number }> {
  return until(child, log, async () => {
    const line = (await readFile(log, 'utf8')).split('\n').find((line) => line.includes('"msg":"listening"'))
    return line && JSON.parse(line)
  })
}

const ready = (child: ChildProcess, health: string, log: string) =>
  until(child, log, async () => (await fetch(`${health}/readyz`).catch(() => undefined))?.ok || undefined)

async function until<T>(child: ChildProcess, log: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const found = await look()
    if (found) return found
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline)
      throw new Error(`the operator did not come up; the end of ${log}:\n${(await readFile(log, 'utf8')).slice(-2000)}`)
    await sleep(20)
  }
}
