import { setTimeout as sleep } from 'node:timers/promises'
import { LEASE } from '../../src/controller/types.ts'
import { LEASES, type LeaseSpec } from '../../src/kube/leaserecord.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { kill, up } from '../cluster/cluster.ts'
import { NAMESPACE } from '../operator/install.ts'
import { harm } from './certificates.ts'
import type { Replica } from './replica.ts'
import type { Fault, Target } from './schedule/faults.ts'
import type { World } from './world.ts'

/** Lets each fault happen at its time; resolves when those that take time are over. */
export async function inject(
  world: World,
  faults: Fault[],
  o: { startedAt: number; note(what: string): void },
): Promise<void> {
  await Promise.all(
    faults.map(async (fault) => {
      await sleep(Math.max(0, o.startedAt + fault.atMs - performance.now()))
      await happen(world, fault, o.note).catch((error: Error) => o.note(`${describe(fault)}: ${error.message}`))
    }),
  )
}

async function happen(world: World, fault: Fault, note: (what: string) => void): Promise<void> {
  if ('target' in fault) {
    const replica = await replicaAt(world, fault.target)
    note(`${describe(fault)}: replica ${replica.name}`)
    if ('traffic' in fault) replica.proxy.inject(fault.traffic)
    else await replica.suffer(fault.process)
    return
  }
  note(describe(fault))
  if ('certificate' in fault) return harm(world.client, fault.certificate, world.cluster.hostAddress)
  await kill(world.cluster, fault.component)
  await up({ name: world.cluster.name, pods: false, progress: () => {} })
}

const describe = ({ atMs: _, ...fault }: Fault) => JSON.stringify(fault)

/** Who plays that part now; of two candidates of which neither leads, the first one is taken for the leader. */
async function replicaAt({ replicas, client }: World, target: Target): Promise<Replica> {
  const [a, b, webhook] = replicas as [Replica, Replica, Replica]
  if (target === 'webhook') return webhook
  const lease = await client
    .get<KubeObject & { spec: LeaseSpec }>(LEASES, { namespace: NAMESPACE, name: LEASE })
    .catch(() => undefined)
  const holder = lease?.spec.holderIdentity ?? ''
  const pid = b.operator()?.pid
  const leader = pid !== undefined && holder.includes(`_${pid}_`) ? b : a
  return (target === 'leader') === (leader === a) ? a : b
}
