import { GROUP, VERSION } from '../api/kind.ts'
import { kinds } from '../api/kinds.ts'

/** Name of the MutatingWebhookConfiguration. */
export const WEBHOOK_CONFIGURATION = 'agentjob'

/** Where the API server reaches the webhook: a Service of the cluster, or a URL outside of it. */
export type WebhookAddress = { service: { namespace: string; name: string; port?: number } } | { url: string }

/** What can be chosen about the registration; each is left out, or as it was, unless said. */
export interface WebhookOptions {
  /** PEM in base64. */
  caBundle?: string
  failurePolicy?: 'Fail' | 'Ignore'
  timeoutSeconds?: number
  namespaceSelector?: object
  /** Beside our own. */
  matchConditions?: { name: string; expression: string }[]
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

/**
 * Objects that are being deleted are left out, so that their finalizers can always go; but not changes of their specs,
 * and not new ones that claim to be deleted (server-side apply stores such).
 */
export const NOT_BEING_DELETED = {
  name: 'not-being-deleted',
  expression:
    "request.operation == 'CREATE' || !has(oldObject.metadata.deletionTimestamp) || !has(object.spec) || object.spec != oldObject.spec",
}

/** What the API server asks the webhook about: only our own kinds, so that nobody else is hurt when we are down. */
export const WEBHOOK = {
  name: 'mutate.agentjob.io',
  admissionReviewVersions: ['v1'],
  rules: [
    {
      apiGroups: [GROUP],
      apiVersions: [VERSION],
      // no subresources
      resources: kinds.map(({ plural }) => plural),
      operations: ['CREATE', 'UPDATE'],
      scope: 'Namespaced',
    },
  ],
  matchConditions: [NOT_BEING_DELETED],
  matchPolicy: 'Equivalent',
  // another webhook may change a spec after us
  reinvocationPolicy: 'IfNeeded',
  sideEffects: 'None',
} as const

/** The path that the API server calls. */
export const WEBHOOK_PATH = '/mutate'

/**
 * The MutatingWebhookConfiguration. The rules follow
 * https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
 */
export function webhookConfiguration(address: WebhookAddress, o: WebhookOptions = {}) {
  const clientConfig = 'url' in address ? { url: address.url } : { service: { ...address.service, path: WEBHOOK_PATH } }
  const { namespaceSelector = {}, annotations } = o
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: {
      name: WEBHOOK_CONFIGURATION,
      labels: o.labels ?? { 'app.kubernetes.io/part-of': 'agentjob' },
      ...(annotations && { annotations }),
    },
    webhooks: [
      {
        ...WEBHOOK,
        clientConfig: { ...clientConfig, ...(o.caBundle && { caBundle: o.caBundle }) },
        matchConditions: [...WEBHOOK.matchConditions, ...(o.matchConditions ?? [])],
        failurePolicy: o.failurePolicy ?? 'Fail',
        timeoutSeconds: o.timeoutSeconds ?? 5,
        ...(Object.keys(namespaceSelector).length > 0 && { namespaceSelector }),
      },
    ],
  }
}
