import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kindOf } from '../../src/api/kinds.ts'
import { AGENT_JOB, JOB } from '../../src/controller/types.ts'
import { type Client, createClient } from '../../src/kube/client.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import { type KubeObject, type ResourceType, resourcePath } from '../../src/kube/object.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { typeOf } from '../../src/references/caches.ts'
import { type ClusterHandle, down, up } from '../cluster/cluster.ts'
import { running, stop } from '../cluster/processes.ts'
import type { Progress } from '../cluster/progress.ts'
import { bundle, IMAGE_ENV } from '../operator/bundle.ts'
import { install, operatorKubeconfig, register } from '../operator/install.ts'
import { type Operator, startOperator } from '../operator/operator.ts'
import { buildLoader, type Loader } from './load.ts'
import { agentJob, references } from './objects.ts'
import { cpuSeconds } from './usage.ts'

/** A control plane of its own with the operator on it. */
export interface World {
  cluster: ClusterHandle
  client: Client
  load: Loader
  /** The running operator. */
  operator: Operator
  operatorKubeconfig: string
  /** The operator's command line, bundled as an image ships it. */
  command: string[]
  /** Ends the operator and starts another in its place. */
  restart(): Promise<Operator>
  /** A fresh namespace with the four objects that AgentJobs refer to. */
  namespace(): Promise<string>
  /** Waits until neither the control plane nor the operator has anything to do. */
  settled(): Promise<void>
  progress: Progress
  close(): Promise<void>
}

export const CLUSTER = process.env.AGENTJOB_TEST_CLUSTER ?? 'agentjob-bench'
const NAMESPACES: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
}
const ACCOUNTS: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
}

/** Brings up etcd, API server and controller manager with nothing in them, and the operator. */
export async function createWorld(progress: Progress): Promise<World> {
  if (process.env.AGENTJOB_TEST_KUBECONFIG)
    throw new Error('benchmarks need a control plane of their own: unset AGENTJOB_TEST_KUBECONFIG')
  const cluster = await up({ name: CLUSTER, pods: false, fresh: true, progress })
  // neither would find anything to do, and the scheduler would write into each pod that it has found no node
  await Promise.all(['kube-scheduler', 'provisioner'].map((name) => stop(cluster.dir, name)))
  const client = createClient(createTransport(loadConnection({ kubeconfig: cluster.kubeconfig })))
  await install(client)
  const kubeconfig = await operatorKubeconfig(client, cluster.kubeconfig, join(cluster.dir, 'operator.kubeconfig'))
  const command = await bundle(join(cluster.dir, 'bundle'))
  const start = async () => {
    const operator = await startOperator(cluster, { name: 'operator', kubeconfig, command, pod: true, env: IMAGE_ENV })
    await register(client, operator.url as string)
    await asked(client)
    return operator
  }
  let made = 0
  const world: World = {
    cluster,
    client,
    load: await buildLoader(cluster),
    operator: await start(),
    operatorKubeconfig: kubeconfig,
    command,
    async restart() {
      await world.operator.stop()
      world.operator = await start()
      return world.operator
    },
    namespace: () => newNamespace(client, `bench-${made++}`),
    settled: () => settled(cluster, () => world.operator.pid, progress),
    progress,
    async close() {
      await world.operator.stop()
      client.transport.close()
      await down(CLUSTER)
    },
  }
  return world
}

/** The path to which objects of a type are posted. */
export const collection = (type: ResourceType, namespace: string): string => resourcePath(type, { namespace })
export const agentJobs = (namespace: string): string => collection(AGENT_JOB, namespace)
export const jobs = (namespace: string): string => collection(JOB, namespace)

/** Waits until admission asks the webhook that was registered last. */
async function asked(client: Client): Promise<void> {
  const probe = { ...agentJob('probe'), metadata: { name: 'probe', namespace: 'default' } }
  for (;;) {
    const answer = await client.create<KubeObject>(AGENT_JOB, probe, { dryRun: true }).catch(() => undefined)
    if (answer?.expansion) return
    await sleep(50)
  }
}

async function newNamespace(client: Client, namespace: string): Promise<string> {
  await client.create<KubeObject>(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  for (const object of references()) {
    const type = typeOf(kindOf(object.kind)!)
    await client.create(type, { ...object, metadata: { ...object.metadata, namespace } })
  }
  // no pod is made without it
  while (!(await client.get(ACCOUNTS, { namespace, name: 'default' }))) await sleep(20)
  return namespace
}

/** All of them together at rest use a tenth of a core at most, on the slowest machine that this was seen on. */
const QUIET_CORES = 0.12
const SETTLE_MS = 120_000

async function settled(cluster: ClusterHandle, operator: () => number, progress: Progress): Promise<void> {
  const deadline = Date.now() + SETTLE_MS
  for (;;) {
    const pids = new Set([...(await running(cluster.dir)).values(), operator()])
    const before = cpuSeconds(pids)
    await sleep(1000)
    if (cpuSeconds(pids) - before <= QUIET_CORES) return
    if (Date.now() > deadline) return progress('the control plane does not come to rest; going on all the same')
  }
}
