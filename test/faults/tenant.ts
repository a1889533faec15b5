import type { Client } from '../../src/kube/client.ts'
import type { KubeObject, ResourceType } from '../../src/kube/object.ts'
import { resourceType } from './objects.ts'
import { RUNTIME } from './schedule/lives.ts'

/** Whose namespace a schedule runs in. */
export interface Tenant {
  namespace: string
  /** Straight to the API server, as an administrator. */
  client: Client
  /** Of the schedule, by the monotonic clock. */
  startedAt: number
  /** What he has that is not ours, as he made it. */
  strangers: KubeObject[]
  /** What he wanted to be done and was not, however long he tried. */
  complaints: string[]
  /** Takes down what was done. */
  note(what: string): void
}

const NAMESPACES: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
}
const RULES = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }]

/** Makes a namespace with what every AgentJob of a schedule may refer to. */
export async function settle(client: Client, namespace: string): Promise<void> {
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  const create = (kind: string, name: string, spec: object) =>
    client.create<KubeObject>(resourceType(kind), {
      apiVersion: 'agentjob.io/v1alpha1',
      kind,
      metadata: { namespace, name },
      spec,
    })
  await create('AgentRuntime', RUNTIME, { image: 'image:0' })
  await create('ClusterAccess', 'namespace', { scope: 'Namespace', rules: RULES })
  await create('ClusterAccess', 'cluster', { scope: 'Cluster', rules: RULES })
}
