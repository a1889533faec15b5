import { join } from 'node:path'
import type { ClusterHandle } from '../cluster/cluster.ts'
import { run } from '../cluster/exec.ts'
import { percentile } from './statistics.ts'

/** What the load client is to post, and what it is to wait for; see load/main.go. */
export interface Load {
  targets: { path: string; body: object }[]
  prefix: string
  count: number
  clients: number
  watch?: string
  wait?: boolean
  pauseMs?: number
  /** How often a POST is tried, where failures are not what is looked at; 1 unless said. */
  attempts?: number
}

export interface LoadReport {
  /** From the first POST until all was answered and seen. */
  seconds: number
  /** Milliseconds from each POST to its answer, by target. */
  answered: number[][]
  /** Milliseconds from each POST to what came of it on the watch. */
  seen: number[]
  errors: Record<string, number>
}

export type Loader = (load: Load) => Promise<LoadReport>

const LIMIT_MS = 15 * 60_000

/** Builds the load client and gives a function that has it work as the cluster's administrator. */
export async function buildLoader(cluster: ClusterHandle): Promise<Loader> {
  const program = await buildProgram(cluster, join(import.meta.dirname, 'load'), 'load')
  const [ca, cert, key] = ['ca.crt', 'admin.crt', 'admin.key'].map((file) => join(cluster.dir, 'pki', file))
  return async (load) => {
    const targets = load.targets.map(({ path, body }) => ({ path, body: JSON.stringify(body) }))
    const input = JSON.stringify({ ...load, targets, server: cluster.server, ca, cert, key })
    const report = JSON.parse(await run(program, [], { input, timeout: LIMIT_MS })) as LoadReport
    return { ...report, answered: report.answered.map(inMs), seen: inMs(report.seen) }
  }
}

const inMs = (microseconds: number[] | null) => (microseconds ?? []).map((value) => value / 1000)

/** Builds a Go program into the cluster's folder and gives its path; `what` is the folder's module, or a file of it. */
export async function buildProgram(cluster: ClusterHandle, source: string, name: string, what = '.'): Promise<string> {
  const program = join(cluster.dir, 'bench', name)
  await run('go', ['build', '-o', program, what], { cwd: source })
  return program
}

/** A load whose every request has to succeed. */
export async function flawless(report: Promise<LoadReport>): Promise<LoadReport> {
  const { errors, ...rest } = await report
  const [first] = Object.entries(errors)
  if (first) throw new Error(`${first[1]} requests failed: ${first[0]}`)
  return { errors, ...rest }
}

export const p50 = (values: number[]): number => percentile(values, 0.5)
export const p99 = (values: number[]): number => percentile(values, 0.99)
