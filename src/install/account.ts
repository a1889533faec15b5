import type { KubeObject } from '../kube/object.ts'
import { NOTIFICATION_KEY } from '../notify/key.ts'
import { nameOf, type Part } from './names.ts'
import { RIGHTS, type Rights } from './rights.ts'

const RBAC = 'rbac.authorization.k8s.io'

/** ServiceAccount, roles and bindings of a part: what it needs comes before it. */
export function accountOf(part: Part, namespace: string, rights: Rights, labels: Record<string, string>): KubeObject[] {
  const name = nameOf(part)
  const subjects = [{ kind: 'ServiceAccount', name, namespace }]
  const roleRef = (kind: string) => ({ apiGroup: RBAC, kind, name })
  const [here, everywhere] = [
    { name, namespace, labels },
    { name, labels },
  ]
  const rbac = `${RBAC}/v1`
  return [
    // the pods ask for their token themselves
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: here, automountServiceAccountToken: false },
    { apiVersion: rbac, kind: 'ClusterRole', metadata: everywhere, rules: rights.cluster },
    { apiVersion: rbac, kind: 'ClusterRoleBinding', metadata: everywhere, roleRef: roleRef('ClusterRole'), subjects },
    { apiVersion: rbac, kind: 'Role', metadata: here, rules: rights.namespace },
    { apiVersion: rbac, kind: 'RoleBinding', metadata: here, roleRef: roleRef('Role'), subjects },
  ]
}

/** Lets everybody who is known read the public half of the key of notifications, which receivers need. */
export function publicKeyRole(namespace: string, labels: Record<string, string>): KubeObject[] {
  const metadata = { name: NOTIFICATION_KEY, namespace, labels }
  const rbac = `${RBAC}/v1`
  return [
    { apiVersion: rbac, kind: 'Role', metadata, rules: RIGHTS.everybody.namespace },
    {
      apiVersion: rbac,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'Role', name: NOTIFICATION_KEY },
      subjects: [{ apiGroup: RBAC, kind: 'Group', name: 'system:authenticated' }],
    },
  ]
}
