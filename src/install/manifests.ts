import { crd } from '../api/crd.ts'
import { kinds } from '../api/kinds.ts'
import { NOTIFICATION_KEY } from '../notify/key.ts'
import { clusterRules, namespaceRules, publicRules } from './rights.ts'
import { type WebhookAddress, webhookConfiguration } from './webhookconfiguration.ts'

/** Name of the operator's ServiceAccount, roles and bindings. */
export const OPERATOR = 'agentjob'

/** The CRDs: what has to be there before anything else. */
export const crds = () => kinds.map(crd)

/** Namespace, ServiceAccount and rights of the operator, and what of it everybody may read. */
export function operatorManifests(namespace: string): object[] {
  const labels = { 'app.kubernetes.io/part-of': 'agentjob' }
  const rbac = 'rbac.authorization.k8s.io'
  const subjects = [{ kind: 'ServiceAccount', name: OPERATOR, namespace }]
  const ref = (kind: string, name = OPERATOR) => ({ apiGroup: rbac, kind, name })
  const everybody = [{ apiGroup: rbac, kind: 'Group', name: 'system:authenticated' }]
  const here = { name: OPERATOR, namespace, labels }
  const everywhere = { name: OPERATOR, labels }
  const published = { ...here, name: NOTIFICATION_KEY }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: here },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: everywhere, rules: clusterRules() },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: everywhere,
      roleRef: ref('ClusterRole'),
      subjects,
    },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: here, rules: namespaceRules() },
    { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: here, roleRef: ref('Role'), subjects },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: published, rules: publicRules() },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: published,
      roleRef: ref('Role', NOTIFICATION_KEY),
      subjects: everybody,
    },
  ]
}

/** The webhook's registration: to be applied when the webhook answers, because from then on it is asked. */
export const webhookManifest = (address: WebhookAddress): object => webhookConfiguration(address)
