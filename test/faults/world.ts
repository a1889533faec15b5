import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LEASE } from '../../src/controller/types.ts'
import { type Client, createClient } from '../../src/kube/client.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import { LEASES, type LeaseSpec } from '../../src/kube/leaserecord.ts'
import type { Log } from '../../src/kube/log.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { startReflector } from '../../src/kube/reflector.ts'
import { Store } from '../../src/kube/store.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { loadSigningKey } from '../../src/signing/key.ts'
import type { SigningKey } from '../../src/signing/signature.ts'
import { type ClusterHandle, down, up } from '../cluster/cluster.ts'
import type { Progress } from '../cluster/progress.ts'
import { install, NAMESPACE, operatorKubeconfig, register } from '../operator/install.ts'
import type { StartOptions } from '../operator/operator.ts'
import { type Balancer, startBalancer } from './balancer.ts'
import { startKubelet } from './kubelet.ts'
import { type Mirror, startMirror } from './mirror.ts'
import { proxyCertificate } from './proxy/certificate.ts'
import { startProxy } from './proxy/proxy.ts'
import { trafficOf } from './proxy/traffic.ts'
import { type Replica, startReplica } from './replica.ts'

/** Seconds; a leader that is killed is replaced after so long. */
export const LEASE_SECONDS = 3

/** A control plane, three replicas of the operator with a proxy before each, and who watches all of it. */
export interface World {
  cluster: ClusterHandle
  /** Straight to the API server, as an administrator. */
  client: Client
  /** Two that stand for election, and one that is a webhook alone. */
  replicas: Replica[]
  balancer: Balancer
  mirror: Mirror
  key: SigningKey
  /** The Jobs that the API server created for the operator, answered or not. */
  created: KubeObject[]
  /** The process that holds the lease, as far as the API server has told. */
  leaderPid: () => number | undefined
  /** Told of each fault that hits a request. */
  onFault: (replica: string, what: string) => void
  close(): Promise<void>
}

/** Without words: what matters shows in the invariants. */
export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * Makes a fresh cluster of that name with the operator on it; everything of one that was there before is gone. `env` is
 * for the operator's processes.
 */
export async function createWorld(o: {
  name: string
  env?: Record<string, string>
  progress: Progress
}): Promise<World> {
  const cluster = await up({ name: o.name, pods: false, fresh: true, progress: o.progress })
  const client = createClient(createTransport(loadConnection({ kubeconfig: cluster.kubeconfig }), { maxSockets: 64 }))
  const stop = new AbortController()
  const log = SILENT
  await install(client)
  await startKubelet({ client, node: cluster.name, signal: stop.signal, log })
  const [mirror, balancer] = await Promise.all([
    startMirror({ client, signal: stop.signal, log }),
    startBalancer(cluster.hostAddress),
  ])
  await register(client, balancer.url)
  const leaderPid = followLease(client, stop.signal)
  const world: World = {
    ...{ cluster, client, mirror, balancer, leaderPid, replicas: [], created: [], onFault: () => {} },
    key: (await loadSigningKey(client, NAMESPACE)) as SigningKey,
    async close() {
      await Promise.all(world.replicas.map((replica) => replica.stop()))
      stop.abort()
      for (const { proxy } of world.replicas) proxy.close()
      balancer.close()
      client.transport.close()
      await down(cluster.name)
    },
  }
  const options = { leaseDuration: LEASE_SECONDS, env: o.env }
  const start = (name: string, more: Partial<StartOptions> = {}) =>
    startBehindProxy(world, name, { ...options, ...more })
  world.replicas.push(...(await Promise.all([start('a'), start('b'), start('c', { only: 'webhook' })])))
  return world
}

function followLease(client: Client, signal: AbortSignal): World['leaderPid'] {
  const store = new Store<KubeObject & { spec: LeaseSpec }>(SILENT)
  startReflector({ client, type: LEASES, store, namespace: NAMESPACE, signal, log: SILENT })
  // HOST_PID_TIME
  return () => Number(store.get(NAMESPACE, LEASE)?.spec.holderIdentity?.split('_').at(-2)) || undefined
}

async function startBehindProxy(world: World, name: string, options: Partial<StartOptions>): Promise<Replica> {
  const { cluster, client, balancer } = world
  const certificate = await proxyCertificate()
  const proxy = await startProxy({
    upstream: { server: cluster.server, ca: await readFile(join(cluster.dir, 'pki', 'ca.crt')) },
    certificate,
    onFault: (what) => world.onFault(name, what),
    onWritten: ({ method, target }, answer) => {
      const { verb, plural } = trafficOf(method, target)
      if (verb !== 'create' || plural !== 'jobs') return
      world.created.push(JSON.parse(answer.toString()))
    },
  })
  const kubeconfig = join(cluster.dir, `${name}.kubeconfig`)
  await operatorKubeconfig(client, cluster.kubeconfig, kubeconfig, { server: proxy.server, ca: certificate.ca })
  return startReplica({ cluster, name, proxy, balancer, options: { kubeconfig, ...options } })
}
