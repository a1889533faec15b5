import type { ClusterAccessSpec } from '../api/clusteraccess.ts'
import type { ChildResource } from '../api/expansion.ts'
import type { NamedAgentJob } from './input.ts'
import { childLabels, childNames, NAMESPACE_LABEL } from './names.ts'

const RBAC = 'rbac.authorization.k8s.io'

/** ServiceAccount, role and binding that give the agent's pod the rights of a ClusterAccess. */
export function renderAccess(job: NamedAgentJob, access: ClusterAccessSpec): ChildResource[] {
  const { name, namespace } = job.metadata
  const account = childNames.serviceAccount(name)
  const everywhere = access.scope === 'Cluster'
  const metadata = everywhere
    ? { name: childNames.clusterRole(namespace, name), labels: { ...childLabels(name), [NAMESPACE_LABEL]: namespace } }
    : { name: account, namespace, labels: childLabels(name) }
  const role = everywhere ? 'ClusterRole' : 'Role'
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: account, namespace, labels: childLabels(name) },
      // the pod asks for its token itself; nobody else who uses the account gets one by accident
      automountServiceAccountToken: false,
    },
    { apiVersion: `${RBAC}/v1`, kind: role, metadata, rules: access.rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: `${role}Binding`,
      metadata,
      roleRef: { apiGroup: RBAC, kind: role, name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
    },
  ]
}
