import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Plot, Series } from '../../bench/plot.ts'
import type { Operator } from '../../operator/operator.ts'
import type { World } from '../world.ts'

/**
 * What a replica's process took at some time; bytes, half a second after it had to let go of garbage and compiled code.
 * `rss` is without the pages of files, which the kernel takes and gives back as it likes. `capacity` are the blocks that
 * the heap holds, however full they are: what lives is never moved.
 */
export interface Memory {
  rss: number
  capacity: number
  heap: number
  objects: number
}

/** Whoever leads holds more than who waits for it, so growth and plots are of what a replica does and not of its name. */
export const ROLES = ['leader', 'standby', 'webhook'] as const
export type Role = (typeof ROLES)[number]

/** All replicas at some time, in seconds from the start. `requests` counts those to the API server since its start. */
export interface Sample {
  at: number
  agentJobs: number
  jobs: number
  replicas: Record<string, Memory & { role: Role; requests: number }>
}

const MB = 1e6

/** Asks every replica; one that does not answer in 2.5 s is left out. */
export async function sample(world: World, namespace: string, at: number): Promise<Sample> {
  const objects = world.mirror.objects(namespace)
  const count = (kind: string) => objects.filter((object) => object.kind === kind).length
  const replicas: Sample['replicas'] = {}
  await Promise.all(
    world.replicas.map(async ({ name, operator }) => {
      const process = operator()
      const memory = process && (await memoryOf(process))
      if (memory) replicas[name] = { ...memory, ...(await metricsOf(process)) }
    }),
  )
  return { at, agentJobs: count('AgentJob'), jobs: count('Job'), replicas }
}

async function memoryOf({ log, signal }: Operator): Promise<Memory | undefined> {
  // what has no end yet is still being written
  const lines = async () => (await readFile(log, 'utf8')).split('\n').slice(0, -1)
  const said = async () => (await lines()).filter((line) => line.includes('"msg":"memory"'))
  const before = (await said()).length
  signal('SIGUSR2')
  for (let tries = 0; tries < 50; tries++) {
    await sleep(50)
    const now = await said()
    if (now.length > before) return JSON.parse(now.at(-1)!) as Memory
  }
  return undefined
}

async function metricsOf({ health }: Operator): Promise<{ role: Role; requests: number }> {
  const text = await (await fetch(`${health}/metrics`)).text()
  const values = (line: RegExp) => [...text.matchAll(line)].map(([, value]) => Number(value))
  const [leads] = values(/^leader_election_master_status\{.*\} (\d)/gm)
  return {
    role: leads === undefined ? 'webhook' : leads ? 'leader' : 'standby',
    requests: values(/^rest_client_requests_total\{.*\} (\d+)/gm).reduce((sum, n) => sum + n, 0),
  }
}

export const QUANTITIES = ['rss', 'capacity', 'heap'] as const
export type Quantity = (typeof QUANTITIES)[number]

const HALF_AN_HOUR = 1800

/**
 * By how many bytes each role grew in the last half hour, or the second half of what took less than an hour: from the
 * least of its first third to the least of its last: looks differ, upwards only, by what is under way and what the stack
 * holds on to. In a third each role is held three times.
 */
export function growthOf(samples: Sample[], what: Quantity): Partial<Record<Role, number>> {
  const [start, end] = [samples[0]?.at ?? 0, samples.at(-1)?.at ?? 0]
  const from = Math.max((start + end) / 2, end - HALF_AN_HOUR)
  const late = samples.filter(({ at }) => at >= from)
  const third = Math.max(1, Math.floor(late.length / 3))
  const growth = ROLES.map((role): [Role, number] => {
    const least = (some: Sample[]) => Math.min(...valuesOf(some, role, what))
    return [role, least(late.slice(-third)) - least(late.slice(0, third))]
  })
  return Object.fromEntries(growth.filter(([, bytes]) => Number.isFinite(bytes)))
}

const valuesOf = (samples: Sample[], role: Role, what: Quantity) =>
  samples.flatMap(({ replicas }) =>
    Object.values(replicas)
      .filter((replica) => replica.role === role)
      .map((replica) => replica[what]),
  )

const median = (numbers: number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

/** Memory over time, a point a minute, for test/bench/plot.ts. */
export function plotOf(samples: Sample[], what: Quantity): Plot {
  const minutes = [...new Set(samples.map(({ at }) => Math.floor(at / 60)))]
  const series = ROLES.map((label): Series => {
    const points = minutes.flatMap((minute) => {
      const within = samples.filter(({ at }) => Math.floor(at / 60) === minute)
      const values = valuesOf(within, label, what).map((bytes) => bytes / MB)
      if (!values.length) return []
      return [{ x: minute, y: median(values), low: Math.min(...values), high: Math.max(...values) }]
    })
    return { label, points }
  })
  return { title: TITLES[what], x: 'minutes', y: 'MB', series }
}

const TITLES: Record<Quantity, string> = {
  rss: 'Resident memory under faults',
  capacity: 'Blocks of the heap under faults',
  heap: 'Heap under faults, after a collection',
}
