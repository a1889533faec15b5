import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { API_VERSION } from '../../src/api/kind.ts'
import { type Client, createClient } from '../../src/kube/client.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { type ClusterHandle, down, up } from '../cluster/cluster.ts'
import { install, operatorKubeconfig, register } from '../operator/install.ts'
import { type Operator, SETTINGS, startOperator } from '../operator/operator.ts'
import { GOOD, HOOKS } from './objects.ts'

/** Name of the cluster: a control plane alone. */
const CLUSTER = 'badinput'

/** The webhook as a process of its own (`agentjob serve --only webhook`), over TLS, in front of a real API server. */
export interface Webhook {
  cluster: ClusterHandle
  /** The administrator's. */
  client: Client
  host: string
  port: number
  pid: number
  /** Resident memory of the process, in bytes. */
  rss(): Promise<number>
  /** What the process has complained of since it was last asked, line by line; why it is gone, where it is. */
  complaints(): Promise<string[]>
  stop(): Promise<void>
}

/** Brings up the control plane, installs the kinds, starts the webhook and registers it. */
export async function startWebhook(): Promise<Webhook> {
  const cluster = await up({ name: CLUSTER, pods: false, fresh: true, progress: () => {} })
  const client = createClient(createTransport(loadConnection({ kubeconfig: cluster.kubeconfig })))
  await install(client)
  const folder = await mkdtemp(join(cluster.dir, 'operator-'))
  const kubeconfig = await operatorKubeconfig(client, cluster.kubeconfig, join(folder, 'kubeconfig'))
  const settings = { ...SETTINGS, notify: { hosts: [HOOKS] } }
  const operator = await startOperator(cluster, { name: 'webhook', kubeconfig, only: 'webhook', settings })
  await register(client, operator.url as string)
  await isAsked(client)
  const complaints = complaintsOf(operator)
  // that nobody is registered to call it, so far
  await complaints()
  const { hostname, port } = new URL(operator.url as string)
  return {
    cluster,
    client,
    host: hostname,
    port: Number(port),
    pid: operator.pid,
    rss: () => residentMemory(operator.pid),
    complaints,
    async stop() {
      await operator.stop()
      client.transport.close()
      // an existing cluster is somebody else's, and is left up
      if (cluster.name === CLUSTER) await down(CLUSTER)
    },
  }
}

/** Until the API server trusts the certificate of the webhook. */
async function isAsked(client: Client): Promise<void> {
  const path = `/apis/${API_VERSION}/namespaces/default/agentjobs`
  const dryRun = () => client.transport.request({ method: 'POST', path, query: { dryRun: 'All' }, body: GOOD })
  while (!(await dryRun().catch(() => undefined))) await sleep(50)
}

async function residentMemory(pid: number): Promise<number> {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

/** Whatever is no ordinary line of the log is a complaint: an error, a stack trace, words of the runtime's. */
function complaintsOf({ log, pid, health }: Operator): () => Promise<string[]> {
  let read = 0
  return async () => {
    const text = await readFile(log, 'utf8')
    const lines = text.slice(read).split('\n')
    read = text.length
    const complaints = lines.filter((line) => line !== '' && !isOrdinary(line))
    const alive = await fetch(`${health}/readyz`).catch(() => undefined)
    return alive?.ok ? complaints : [...complaints, `process ${pid} is not ready any more`]
  }
}

function isOrdinary(line: string): boolean {
  try {
    return JSON.parse(line).level <= INFO
  } catch {
    return false
  }
}
/** The number of pino's level; warnings are above it. */
const INFO = 30
