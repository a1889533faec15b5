import { crd } from '../api/crd.ts'
import { kinds } from '../api/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import { accountOf, publicKeyRole } from './account.ts'
import { aggregatedRoles } from './aggregatedroles.ts'
import { certManagerObjects } from './certificates.ts'
import { monitoring } from './monitoring.ts'
import { CERT_MANAGER_NAME, type Part, WEBHOOK_SERVICE } from './names.ts'
import { policies } from './policies.ts'
import { controllerRights, webhookRights } from './rights.ts'
import { type WebhookOptions, webhookConfiguration } from './webhookconfiguration.ts'
import {
  deployment,
  disruptionBudget,
  egressOf,
  networkPolicy,
  settingsConfigMap,
  type Target,
  webhookService,
} from './workloads.ts'

const PARTS: Part[] = ['webhook', 'controller']

/** The CRDs: what has to be there before anything else. */
export const crds = () => kinds.map(crd)

/** The labels of everything that an installation consists of. */
export const labelsOf = (o: { version: string; managedBy: string }): Record<string, string> => ({
  'app.kubernetes.io/name': 'agentjob',
  'app.kubernetes.io/instance': 'agentjob',
  'app.kubernetes.io/part-of': 'agentjob',
  'app.kubernetes.io/version': o.version,
  'app.kubernetes.io/managed-by': o.managedBy,
})

/** Everything that an installation consists of, but its namespace, in the order in which it is needed. */
export function installManifests(target: Target): KubeObject[] {
  const { values, namespace, labels } = target
  return [
    ...(values.crds.install
      ? crds().map((definition) => withMetadata(definition as unknown as KubeObject, target))
      : []),
    ...accounts(target),
    ...(values.rbac.aggregate ? aggregatedRoles(labels) : []),
    settingsConfigMap(target),
    webhookService(target),
    ...PARTS.map((part) => deployment(part, target)),
    ...PARTS.filter((part) => values[part].podDisruptionBudget.enabled).map((part) => disruptionBudget(part, target)),
    ...(values.networkPolicy.enabled ? PARTS.map((part) => networkPolicy(part, target)) : []),
    ...certManagerObjects(values, namespace, labels),
    ...policies(values, namespace, labels),
    ...monitoring(target),
    registration(target),
  ]
}

/** ServiceAccounts and rights of both parts, and what everybody may read. */
export const accounts = ({
  values,
  namespace,
  labels,
}: Pick<Target, 'values' | 'namespace' | 'labels'>): KubeObject[] => [
  ...accountOf('webhook', namespace, webhookRights({ selfSigned: values.certificates.mode === 'self-signed' }), {
    ...labels,
    'app.kubernetes.io/component': 'webhook',
  }),
  ...accountOf(
    'controller',
    namespace,
    controllerRights({ clusterAccess: values.clusterAccess.enabled, egress: egressOf(values) }),
    {
      ...labels,
      'app.kubernetes.io/component': 'controller',
    },
  ),
  ...publicKeyRole(namespace, labels),
]

function withMetadata(definition: KubeObject, { values, labels }: Target): KubeObject {
  const annotations = values.crds.keep ? { annotations: { 'helm.sh/resource-policy': 'keep' } } : {}
  return { ...definition, metadata: { ...definition.metadata, labels, ...annotations } }
}

function registration({ values, namespace, labels }: Target): KubeObject {
  const { mode, provided } = values.certificates
  const { failurePolicy, timeoutSeconds, namespaceSelector, matchConditions } = values.webhook
  const options: WebhookOptions = { failurePolicy, timeoutSeconds, namespaceSelector, matchConditions, labels }
  if (mode === 'cert-manager')
    options.annotations = { 'cert-manager.io/inject-ca-from': `${namespace}/${CERT_MANAGER_NAME}` }
  if (mode === 'provided') options.caBundle = Buffer.from(provided.caBundle).toString('base64')
  return webhookConfiguration({ service: { namespace, name: WEBHOOK_SERVICE, port: 443 } }, options)
}
