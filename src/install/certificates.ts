import type { KubeObject } from '../kube/object.ts'
import { CERT_MANAGER_NAME, WEBHOOK_SERVICE } from './names.ts'
import type { Values } from './values.ts'

const CERT_MANAGER = 'cert-manager.io/v1'
/** For how long the CA of an issuer of our own is valid. */
const CA_DURATION = '43800h'

/** The name by which the API server calls the webhook. */
export const hostOf = (namespace: string): string => `${WEBHOOK_SERVICE}.${namespace}.svc`

/** The Secret whose files the webhook serves; undefined where it makes its certificate itself. */
export function certificateSecret({ certificates: { mode, provided } }: Values): string | undefined {
  if (mode === 'self-signed') return undefined
  return mode === 'provided' ? provided.secretName : CERT_MANAGER_NAME
}

/** cert-manager's objects: the Certificate and, where nobody else issues it, a CA of its own. */
export function certManagerObjects(values: Values, namespace: string, labels: Record<string, string>): KubeObject[] {
  const { mode, certManager } = values.certificates
  if (mode !== 'cert-manager') return []
  const object = (kind: string, name: string, spec: object): KubeObject => ({
    apiVersion: CERT_MANAGER,
    kind,
    metadata: { name, namespace, labels },
    spec,
  })
  const ours = (name: string) => ({ name, kind: 'Issuer', group: 'cert-manager.io' })
  const privateKey = { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' }
  const [root, ca] = [`${CERT_MANAGER_NAME}-root`, `${CERT_MANAGER_NAME}-ca`]
  const issuerRef = certManager.issuerRef.name ? certManager.issuerRef : ours(ca)
  const leaf = object('Certificate', CERT_MANAGER_NAME, {
    secretName: CERT_MANAGER_NAME,
    dnsNames: [hostOf(namespace)],
    duration: certManager.duration,
    renewBefore: certManager.renewBefore,
    usages: ['digital signature', 'server auth'],
    privateKey,
    issuerRef,
  })
  if (certManager.issuerRef.name) return [leaf]
  return [
    object('Issuer', root, { selfSigned: {} }),
    // a certificate that is its own CA would change both at each renewal
    object('Certificate', ca, {
      secretName: ca,
      commonName: ca,
      isCA: true,
      duration: CA_DURATION,
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Never' },
      issuerRef: ours(root),
    }),
    object('Issuer', ca, { ca: { secretName: ca } }),
    leaf,
  ]
}
