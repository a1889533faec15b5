import { setTimeout as sleep } from 'node:timers/promises'
import { isViolated, violations } from './invariants/invariants.ts'
import type { Observation } from './invariants/observation.ts'
import { listAll } from './objects.ts'
import type { Tenant } from './tenant.ts'
import type { World } from './world.ts'

/** How often to look whether everything is at rest: a look takes some 10 ms, and others are at work. */
const LOOK_MS = 150

/**
 * Waits, by watching, until all invariants hold in a namespace, then checks them against fresh lists. Gives what is wrong
 * when the time is over.
 */
export async function comeToRest(world: World, tenant: Tenant, deadline: number): Promise<string[]> {
  const { mirror, client } = world
  const { namespace } = tenant
  for (;;) {
    const changed = Promise.withResolvers<void>()
    const stop = mirror.onChange(namespace, changed.resolve)
    const leftMs = deadline - performance.now()
    if (leftMs < 0 || !(await isViolated(observe(world, tenant, mirror.objects(namespace))))) {
      const found = await violations(observe(world, tenant, await listAll(client, namespace)))
      if (!found.length || leftMs < 0) return found
    }
    await Promise.race([changed.promise, sleep(Math.min(leftMs, 1000))])
    stop()
    await sleep(LOOK_MS)
  }
}

function observe(world: World, { namespace, strangers }: Tenant, objects: Observation['objects']): Observation {
  const created = world.created.filter(({ metadata }) => metadata.namespace === namespace)
  return { namespace, objects, strangers, created, history: world.mirror.history(namespace), key: world.key }
}

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
