import { Resolver } from 'node:dns/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ask } from './api.ts'
import type { Network } from './network.ts'
import { logTail, running } from './processes.ts'

/** Waits until the API server is ready, its built-in roles included. */
export async function apiServerReady(folder: string, get: Ask): Promise<void> {
  await until(folder, ['etcd', 'kube-apiserver'], async () => (await get('/readyz')).status === 200)
}

/** Waits until a pod and a claim can be made: their defaults, a service account and a storage class, are there. */
export async function controlPlaneReady(folder: string, get: Ask): Promise<void> {
  await apiServerReady(folder, get)
  const defaults = [
    '/api/v1/namespaces/default/serviceaccounts/default',
    '/apis/storage.k8s.io/v1/storageclasses/folder',
  ]
  for (const path of defaults) {
    await until(folder, controllers, async () => (await get(path)).status === 200)
  }
}

const controllers = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'provisioner']

/** Waits until there is a Node object. */
export async function nodeRegistered(folder: string, name: string, get: Ask): Promise<void> {
  await until(folder, ['containerd', 'kubelet'], async () => (await get(`/api/v1/nodes/${name}`)).status === 200)
}

/** Waits until the kubelet answers, the node is Ready and no taint keeps pods from it. */
export async function nodeReady(folder: string, name: string, get: Ask): Promise<void> {
  const needed = ['containerd', 'kubelet', 'kube-controller-manager', 'kube-scheduler']
  // What the Node object says may be what it said before the kubelet was killed.
  await until(folder, needed, async () => (await get(`/api/v1/nodes/${name}/proxy/healthz`)).status === 200)
  await until(folder, needed, async () => {
    const { status, body } = await get(`/api/v1/nodes/${name}`)
    if (status !== 200) return false
    const node = JSON.parse(body) as NodeObject
    return !node.spec.taints?.length && node.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')
  })
}

/** Waits until the name of a Service is answered by the cluster's DNS, which is asked at the address of a Service itself. */
export async function servicesReady(folder: string, network: Network): Promise<void> {
  await until(folder, ['kube-proxy', 'coredns'], async () => {
    // one that has got no answer stays in a bad mood for a while
    const resolver = new Resolver({ timeout: 100, tries: 1 })
    resolver.setServers([network.dnsAddress])
    const found = await resolver.resolve4('kubernetes.default.svc.cluster.local')
    return found.includes(network.serviceAddress)
  })
}

interface NodeObject {
  spec: { taints?: unknown[] }
  status: { conditions?: { type: string; status: string }[] }
}

/**
 * Asks every 50 ms until the answer is yes. Refuses to wait for what can't come: after a minute, or when one of the
 * `needed` components is found not running twice in a second, with the end of its log.
 */
export async function until(
  folder: string,
  needed: string[],
  answer: () => Promise<boolean | undefined>,
): Promise<void> {
  const deadline = Date.now() + 60_000
  let suspect: string | undefined
  for (let asked = 1; ; asked++) {
    let reason = 'not ready'
    try {
      if (await answer()) return
    } catch (error) {
      reason = (error as Error).message
    }
    if (asked % 20 === 0) {
      const found = await running(folder)
      const gone = needed.find((name) => !found.has(name))
      if (gone && gone === suspect) throw new Error(`${gone} ended. Its last words:\n${await logTail(folder, gone)}`)
      suspect = gone
    }
    if (Date.now() > deadline) throw new Error(`${needed.join(', ')}: ${reason} after a minute; logs in ${folder}/logs`)
    await sleep(50)
  }
}
