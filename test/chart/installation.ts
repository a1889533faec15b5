import type { Fields } from '../../src/api/isfields.ts'
import { applyInstallation, INSTALLER } from '../../src/cli/install/apply.ts'
import { installManifests, labelsOf } from '../../src/install/manifests.ts'
import { installedType } from '../../src/install/types.ts'
import { overDefaults, Values } from '../../src/install/values.ts'
import { type Client, createClient } from '../../src/kube/client.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import type { KubeObject, ResourceType } from '../../src/kube/object.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { type ClusterHandle, down, up } from '../cluster/cluster.ts'
import { NAMESPACE } from './chart.ts'

/*
 * An installation on a control plane of a file's own, because names are the same in every cluster. No pods run: what their
 * programs do under these accounts is seen in test/e2e/accounts.test.ts.
 */

/** A control plane, and who installs AgentJob on it. */
export interface Installation {
  cluster: ClusterHandle
  /** Of a cluster-admin. */
  client: Client
  /** A client of another user. */
  connect(user: string, groups: string[]): Client
  /** Installs; gives the lines that it told. */
  install(values?: Fields): Promise<string[]>
  stop(): Promise<void>
}

/** Starts a control plane of this name, on which nothing of AgentJob's is but what `objectsOf` leaves when it is removed. */
export async function startInstallation(name: string): Promise<Installation> {
  const cluster = await up({ name, pods: false, fresh: true, progress: (line) => console.error(`  ${line}`) })
  const clients: Client[] = []
  const connectAs = (headers: Record<string, string | string[]>): Client => {
    const connection = loadConnection({ kubeconfig: cluster.kubeconfig })
    const one = createClient(
      createTransport({
        ...connection,
        async requestOptions() {
          const options = await connection.requestOptions()
          return { ...options, headers: { ...options.headers, ...headers } }
        },
      }),
    )
    clients.push(one)
    return one
  }
  const client = connectAs({})
  await removeEverything(client)
  return {
    cluster,
    client,
    connect: (user, groups) =>
      connectAs({ 'Impersonate-User': user, 'Impersonate-Group': [...groups, 'system:authenticated'] }),
    async install(values) {
      const lines: string[] = []
      await applyInstallation(client, objectsOf(values), NAMESPACE, (line) => lines.push(line))
      return lines
    },
    async stop() {
      for (const one of clients) one.transport.close()
      if (!process.env.AGENTJOB_TEST_KUBECONFIG) await down(name)
    },
  }
}

/** What an earlier run of these tests has left. */
async function removeEverything(client: Client): Promise<void> {
  for (const object of objectsOf({ policies: { expansion: { enabled: true }, status: { enabled: true } } }).reverse()) {
    if (object.kind === 'Namespace' || object.kind === 'CustomResourceDefinition') continue
    const { name = '', namespace } = object.metadata
    await client.delete(installedType(object), { name, namespace })
  }
}

/** Labels of what these tests install. */
export const LABELS = labelsOf({ version: '0.0.0-test', managedBy: INSTALLER })
const NAMESPACE_OBJECT: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: NAMESPACE, labels: { ...LABELS, 'pod-security.kubernetes.io/enforce': 'restricted' } },
}

/** Everything that is installed with these values, the namespace first. */
export const objectsOf = (values: Fields = {}): KubeObject[] => [
  NAMESPACE_OBJECT,
  ...installManifests({
    values: Values.parse(overDefaults([values])),
    namespace: NAMESPACE,
    version: '0.0.0-test',
    labels: LABELS,
  }),
]

/** The type of a kind that is installed. */
export const type = (kind: string): ResourceType => installedType({ apiVersion: '', kind, metadata: {} })
