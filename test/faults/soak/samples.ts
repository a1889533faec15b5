import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Plot, Series } from '../../bench/plot.ts'
import type { Operator } from '../../operator/operator.ts'
import type { World } from '../world.ts'

/** What a replica's process took at some time; bytes, right after a forced collection of its garbage. */
export interface Memory {
  rss: number
  heap: number
  objects: number
}

/** All replicas at some time, in seconds from the start. `requests` counts those to the API server since its start. */
export interface Sample {
  at: number
  agentJobs: number
  jobs: number
  replicas: Record<string, Memory & { requests: number }>
}

const MB = 1e6

/** Asks every replica; one that does not answer in 2 s is left out. */
export async function sample(world: World, namespace: string, at: number): Promise<Sample> {
  const objects = world.mirror.objects(namespace)
  const count = (kind: string) => objects.filter((object) => object.kind === kind).length
  const replicas: Sample['replicas'] = {}
  await Promise.all(
    world.replicas.map(async ({ name, operator }) => {
      const process = operator()
      const memory = process && (await memoryOf(process))
      if (memory) replicas[name] = { ...memory, requests: await requestsOf(process) }
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
  for (let tries = 0; tries < 40; tries++) {
    await sleep(50)
    const now = await said()
    if (now.length > before) return JSON.parse(now.at(-1)!) as Memory
  }
  return undefined
}

async function requestsOf({ health }: Operator): Promise<number> {
  const text = await (await fetch(`${health}/metrics`)).text()
  return [...text.matchAll(/^rest_client_requests_total\{.*\} (\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0)
}

/** By how many bytes each replica grew in the second half: from the median of its first tenth to that of its last. */
export function growthOf(samples: Sample[], what: 'rss' | 'heap'): Record<string, number> {
  const half = samples.slice(Math.floor(samples.length / 2))
  const tenth = Math.max(1, Math.floor(half.length / 5))
  const names = Object.keys(samples.at(-1)?.replicas ?? {})
  const typical = (some: Sample[], name: string) => median(some.flatMap(({ replicas }) => replicas[name]?.[what] ?? []))
  return Object.fromEntries(
    names.map((name) => [name, typical(half.slice(-tenth), name) - typical(half.slice(0, tenth), name)]),
  )
}

const median = (numbers: number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

/** Memory over time, a point a minute, for test/bench/plot.ts. */
export function plotOf(samples: Sample[], what: 'rss' | 'heap'): Plot {
  const names = Object.keys(samples.at(-1)?.replicas ?? {})
  const minutes = [...new Set(samples.map(({ at }) => Math.floor(at / 60)))]
  const series = names.map((name): Series => {
    const points = minutes.flatMap((minute) => {
      const within = samples.filter(({ at }) => Math.floor(at / 60) === minute)
      const values = within.flatMap(({ replicas }) => replicas[name]?.[what] ?? []).map((bytes) => bytes / MB)
      if (!values.length) return []
      return [{ x: minute, y: median(values), low: Math.min(...values), high: Math.max(...values) }]
    })
    return { label: name, points }
  })
  const title = what === 'rss' ? 'Resident memory under faults' : 'Heap under faults, after a collection'
  return { title, x: 'minutes', y: 'MB', series }
}
