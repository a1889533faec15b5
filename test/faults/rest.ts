import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from './world.ts'

/** Waits until one replica leads and no queue holds anything; says what is not so when the time is over. */
export async function atRest(world: World, withinMs: number): Promise<string[]> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await restless(world)
    if (!found.length || performance.now() > deadline) return found
    await sleep(50)
  }
}

async function restless({ replicas }: World): Promise<string[]> {
  const texts = await Promise.all(
    replicas.map(async (replica) => {
      const health = replica.operator()?.health
      return health ? (await fetch(`${health}/metrics`)).text() : ''
    }),
  )
  const sum = (metric: string) => texts.reduce((total, text) => total + gauge(text, metric), 0)
  const [leaders, depth] = [sum('leader_election_master_status'), sum('workqueue_depth')]
  return [
    ...(leaders === 1 ? [] : [`${leaders} replicas lead`]),
    ...(depth === 0 ? [] : [`the queue holds ${depth} AgentJobs`]),
  ]
}

const gauge = (text: string, metric: string) =>
  Number(new RegExp(`^${metric}\\{.*\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
