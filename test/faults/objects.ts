import { kinds } from '../../src/api/kinds.ts'
import { AGENT_JOB, CHILD_TYPES, JOB, POD } from '../../src/controller/types.ts'
import { NAMESPACE_LABEL } from '../../src/expand/names.ts'
import type { Client } from '../../src/kube/client.ts'
import type { KubeObject, ResourceType } from '../../src/kube/object.ts'
import { typeOf } from '../../src/references/caches.ts'

/** Every type that has to do with AgentJobs: they themselves, what they refer to, and what they bring about. */
export const TYPES: ResourceType[] = [
  AGENT_JOB,
  ...kinds.filter(({ expands }) => !expands).map(typeOf),
  JOB,
  POD,
  // of a cluster without Cilium
  ...Object.values(CHILD_TYPES).filter(({ group }) => group !== 'cilium.io'),
]

/** Where a kind is served; throws for one that has nothing to do with AgentJobs. */
export function resourceType(kind: string): ResourceType {
  const found = TYPES.find((type) => type.kind === kind)
  if (!found) throw new Error(`${kind} has nothing to do with AgentJobs`)
  return found
}

/** The namespace that an object belongs to; cluster-scoped children have it in a label. */
export const namespaceOf = ({ metadata }: KubeObject): string =>
  metadata.namespace ?? metadata.labels?.[NAMESPACE_LABEL] ?? ''

/** All objects of these types in a namespace, and the cluster-scoped ones of its AgentJobs, as the API server has them now. */
export async function listAll(client: Client, namespace: string): Promise<KubeObject[]> {
  const lists = await Promise.all(
    TYPES.map((type) =>
      client.list<KubeObject>(
        type,
        type.namespaced ? { namespace } : { labelSelector: `${NAMESPACE_LABEL}=${namespace}` },
      ),
    ),
  )
  return lists.flatMap(({ items }) => items)
}
