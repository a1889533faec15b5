import type { Command } from 'commander'
import { type Client, createClient } from '../kube/client.ts'
import type { Connection } from '../kube/connection.ts'
import { createTransport } from '../kube/transport.ts'
import { EXIT, Failure } from './exit.ts'
import { parseNamespace } from './names.ts'

/** Options of the commands that talk to a cluster. */
export interface ClusterOptions {
  namespace?: string
  context?: string
  kubeconfig?: string
  as?: string
}

/** Adds those options to a command, and says what its namespace is. */
export const withClusterOptions = (command: Command, namespace = "namespace; without it, the context's"): Command =>
  command
    .option('-n, --namespace <name>', namespace, parseNamespace)
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig; without it, $KUBECONFIG or ~/.kube/config')
    .option('--as <user>', 'user to impersonate')

/** A cluster, and the namespace that is meant. */
export interface Cluster {
  client: Client
  namespace: string
}

/** Connects to the cluster that the options mean, for as long as `use` takes. */
export async function withCluster(o: ClusterOptions, use: (cluster: Cluster) => Promise<void>): Promise<void> {
  // costs more than all the rest of a command, so --help goes without it
  const { loadConnection } = await import('../kube/connection.ts')
  const connection = impersonating(
    o.as,
    connect(() => loadConnection(o)),
  )
  const transport = createTransport(connection, { userAgent: 'agentjob-cli' })
  try {
    await use({ client: createClient(transport), namespace: o.namespace ?? connection.namespace })
  } finally {
    transport.close()
  }
}

function connect(load: () => Connection): Connection {
  try {
    return load()
  } catch (error) {
    throw new Failure((error as Error).message, EXIT.unreachable)
  }
}

function impersonating(user: string | undefined, connection: Connection): Connection {
  if (user === undefined) return connection
  return {
    ...connection,
    async requestOptions() {
      const options = await connection.requestOptions()
      return { ...options, headers: { ...options.headers, 'Impersonate-User': user } }
    },
  }
}
