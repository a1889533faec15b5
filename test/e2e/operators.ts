import { join } from 'node:path'
import { WEBHOOK_CONFIGURATIONS } from '../../certs/cabundle.ts'
import { WEBHOOK_CONFIGURATION } from '../../src/install/webhookconfiguration.ts'
import { kill, restart } from '../cluster/cluster.ts'
import { IMAGE_ENV } from '../operator/bundle.ts'
import { operatorKubeconfig, register } from '../operator/install.ts'
import { type Operator, type StartOptions, startOperator } from '../operator/operator.ts'
import { eventually, kubectl, theWorld } from './world.ts'

/** Starts a further replica of the operator, or a part of it; whoever starts it stops it. */
export async function startReplica(o: Partial<StartOptions> & { name: string }): Promise<Operator> {
  const world = await theWorld()
  const env = { ...IMAGE_ENV, ...o.env }
  return startOperator(world.cluster, { kubeconfig: world.operatorKubeconfig, command: [world.program], ...o, env })
}

/** Ends the world's operator: in order, or at once. From then on nobody asks admission, unless somebody is registered. */
export async function stopOperator(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  const { operator } = await theWorld()
  if (signal === 'SIGKILL') operator.signal('SIGKILL')
  await operator.stop()
}

/** Starts the world's operator again, with other settings if need be, and has admission ask it. */
export async function startOperatorAgain(
  o: Pick<StartOptions, 'settings' | 'env' | 'leaseDuration'> = {},
): Promise<void> {
  const world = await theWorld()
  // under a name of its own, so that the log of the one before stays
  world.operator = await startReplica({ name: `operator-${Date.now()}`, ...o })
  await registered(world.operator)
}

/** Has admission ask this replica; resolves when it does. */
export async function registered(replica: Operator): Promise<void> {
  const { client } = await theWorld()
  await register(client, replica.url as string)
  const before = await admissions(replica)
  await eventually(
    'admission asks this replica',
    async () => {
      await probe()
      return admissions(replica)
    },
    (now) => now > before,
  )
}

/** Takes the registration away: from now on everything is stored as it comes. */
async function unregister(): Promise<void> {
  const { client } = await theWorld()
  await client.delete(WEBHOOK_CONFIGURATIONS, { name: WEBHOOK_CONFIGURATION })
  await eventually('admission asks nobody', probe, (answer) => answer !== '' && !answer.includes('"expansion"'))
}

const PROBE = JSON.stringify({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentJob',
  metadata: { name: 'probe', namespace: 'default' },
  spec: { runtimeRef: 'probe', prompt: 'probe' },
})

const probe = async () => (await kubectl(['create', '--dry-run=server', '-o', 'json', '-f', '-'], PROBE)).stdout

/** How many admission requests about AgentJobs a replica has answered. */
export async function admissions({ health }: Operator): Promise<number> {
  const text = await (await fetch(`${health}/metrics`)).text()
  const counts = text.matchAll(/^agentjob_admissions_total\{kind="AgentJob"[^}]*\} (\d+)/gm)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** A kubeconfig of the operator's by which the API server is reached at another address. */
export async function kubeconfigBy(server: string): Promise<string> {
  const { client, cluster } = await theWorld()
  return operatorKubeconfig(client, cluster.kubeconfig, join(cluster.dir, 'detour.kubeconfig'), { server })
}

/** Does something while admission is not asked; it is asked again afterwards. */
export async function withoutAdmission(work: () => Promise<void>): Promise<void> {
  const { operator } = await theWorld()
  await unregister()
  try {
    await work()
  } finally {
    await registered(operator)
  }
}

const restarts: { from: number; to: number }[] = []

/** Kills a component of the cluster and starts it again. */
export async function crash(component: 'kube-apiserver' | 'etcd'): Promise<void> {
  const { cluster } = await theWorld()
  const from = Date.now()
  await kill(cluster, component)
  await restart(cluster, component)
  restarts.push({ from, to: Date.now() })
}

/** Whether the API server had just started then, and did not know of all roles yet. */
export const hadJustStarted = (time: string): boolean =>
  restarts.some(({ from, to }) => Date.parse(time) >= from - 1000 && Date.parse(time) < to + 10_000)
