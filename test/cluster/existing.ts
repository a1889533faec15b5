import { existsSync } from 'node:fs'
import { connect, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { binaries } from './binaries.ts'
import type { ClusterHandle } from './cluster.ts'
import { onPath, run } from './exec.ts'
import type { Progress } from './progress.ts'

/**
 * Path of the kubeconfig of an existing cluster that is to be used instead of one of ours, from
 * AGENTJOB_TEST_KUBECONFIG. Never from KUBECONFIG: that may be somebody's production.
 */
export function existingKubeconfig(): string | undefined {
  const path = process.env.AGENTJOB_TEST_KUBECONFIG
  if (!path) return undefined
  if (!existsSync(path)) throw new Error(`AGENTJOB_TEST_KUBECONFIG: there is no file ${path}`)
  return resolve(path)
}

/** A handle for a cluster that somebody else runs. Refuses one that does not answer. */
export async function existingCluster(kubeconfig: string, progress: Progress): Promise<ClusterHandle> {
  const bin = (await onPath('kubectl')) ? undefined : await binaries(progress)
  const kubectl = bin ? join(bin, 'kubectl') : 'kubectl'
  const ask = (...args: string[]) => run(kubectl, args, { env: { KUBECONFIG: kubeconfig }, timeout: 20_000 })
  const server = (await ask('config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}')).trim()
  const nodes = (await ask('get', 'nodes', '-o', 'name')).trim()
  progress(`using the cluster at ${server} (AGENTJOB_TEST_KUBECONFIG)`)
  return {
    name: 'existing',
    kubeconfig,
    server,
    hostAddress: await addressTowards(new URL(server)),
    pods: nodes !== '',
    podsMissing: nodes === '' ? 'the cluster that AGENTJOB_TEST_KUBECONFIG names has no nodes' : undefined,
    bin: { kubectl, etcd: join(bin ?? '', 'etcd'), kubeApiserver: join(bin ?? '', 'kube-apiserver') },
    dir: dirname(kubeconfig),
  }
}

/** The address from which this host talks to a server; where that is loopback, as with kind, its first other one. */
function addressTowards(server: URL): Promise<string> {
  return new Promise((resolve, reject) => {
    const host = server.hostname.replace(/^\[|\]$/g, '')
    const socket = connect(Number(server.port || 443), host, () => {
      const local = socket.localAddress ?? '127.0.0.1'
      socket.destroy()
      const loopback = isIPv6(local) ? local === '::1' : local.startsWith('127.')
      resolve(loopback ? (firstExternal() ?? local) : local)
    }).once('error', reject)
  })
}

function firstExternal(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address
}
