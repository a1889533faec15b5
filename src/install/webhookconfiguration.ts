import { GROUP, VERSION } from '../api/kind.ts'
import { kinds } from '../api/kinds.ts'

/** Name of the MutatingWebhookConfiguration. */
export const WEBHOOK_CONFIGURATION = 'agentjob'

/** Where the API server reaches the webhook: a Service of the cluster, or a URL outside of it. */
export type WebhookAddress = { service: { namespace: string; name: string; port?: number } } | { url: string }

/**
 * The MutatingWebhookConfiguration: only our own kinds, so that nobody else is hurt when we are down, and no
 * subresources. Objects that are being deleted are left out, so that their finalizers can always go; but not changes of
 * their specs, and not new ones that claim to be deleted (server-side apply stores such). The rules follow
 * https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
 */
export function webhookConfiguration(address: WebhookAddress, caBundle?: string) {
  const clientConfig = 'url' in address ? { url: address.url } : { service: { ...address.service, path: '/mutate' } }
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: WEBHOOK_CONFIGURATION, labels: { 'app.kubernetes.io/part-of': 'agentjob' } },
    webhooks: [
      {
        name: 'mutate.agentjob.io',
        admissionReviewVersions: ['v1'],
        clientConfig: { ...clientConfig, ...(caBundle ? { caBundle } : {}) },
        rules: [
          {
            apiGroups: [GROUP],
            apiVersions: [VERSION],
            resources: kinds.map(({ plural }) => plural),
            operations: ['CREATE', 'UPDATE'],
            scope: 'Namespaced',
          },
        ],
        matchConditions: [
          {
            name: 'not-being-deleted',
            expression:
              "request.operation == 'CREATE' || !has(oldObject.metadata.deletionTimestamp) || !has(object.spec) || object.spec != oldObject.spec",
          },
        ],
        matchPolicy: 'Equivalent',
        // another webhook may change a spec after us
        reinvocationPolicy: 'IfNeeded',
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 5,
      },
    ],
  }
}
