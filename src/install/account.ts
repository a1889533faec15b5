import type { KubeObject } from '../kube/object.ts'
import { nameOf, type Part } from './names.ts'
import type { Rights } from './rights.ts'

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
