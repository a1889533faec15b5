import { setTimeout as sleep } from 'node:timers/promises'
import { kill, up } from '../cluster/cluster.ts'
import { harm } from './certificates.ts'
import type { Replica } from './replica.ts'
import type { Fault, Target } from './schedule/faults.ts'
import type { World } from './world.ts'

/** Lets each fault happen at its time; resolves when those that take time are over. */
export async function inject(
  world: World,
  faults: Fault[],
  o: { startedAt: number; note(what: string): void; complaints: string[] },
): Promise<void> {
  await Promise.all(
    faults.map(async (fault) => {
      await sleep(Math.max(0, o.startedAt + fault.atMs - performance.now()))
      await happen(world, fault, o.note).catch((error: Error) => {
        // what befalls certificates goes through the API server, which may be away
        const said = `${describe(fault)}: ${error.message}`
        if ('certificate' in fault) o.note(said)
        else o.complaints.push(said)
      })
    }),
  )
}

async function happen(world: World, fault: Fault, note: (what: string) => void): Promise<void> {
  if ('target' in fault) {
    const replica = replicaAt(world, fault.target)
    note(`${describe(fault)}: replica ${replica.name}`)
    if ('traffic' in fault) replica.proxy.inject(fault.traffic)
    else await replica.suffer(fault.process)
    return
  }
  if ('component' in fault) return crash(world, fault.component, note)
  note(describe(fault))
  await harm(world.client, fault.certificate, world.cluster.hostAddress)
}

const crashes = new WeakMap<World, Promise<void>>()

/** One after the other: who starts a component waits until it is ready, and would wait in vain for one killed again. */
function crash(world: World, component: string, note: (what: string) => void): Promise<void> {
  const before = crashes.get(world) ?? Promise.resolve()
  const done = before.then(async () => {
    note(`${component} is killed`)
    await kill(world.cluster, component)
    await up({ name: world.cluster.name, pods: false, progress: () => {} })
    note(`${component} is back`)
  })
  crashes.set(
    world,
    done.catch(() => {}),
  )
  return done
}

const describe = ({ atMs: _, ...fault }: Fault) => JSON.stringify(fault)

/** Who plays that part now; of two candidates of which neither leads, the first one is taken for the leader. */
function replicaAt({ replicas, leaderPid }: World, target: Target): Replica {
  const [a, b, webhook] = replicas as [Replica, Replica, Replica]
  if (target === 'webhook') return webhook
  const leader = leaderPid() === b.operator()?.pid ? b : a
  return (target === 'leader') === (leader === a) ? a : b
}
