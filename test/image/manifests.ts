import { OPERATOR, operatorManifests } from '../../src/install/manifests.ts'
import { NAME, START } from './contents.ts'

/** Namespace of the operator, in which Pod Security "restricted" is enforced. */
export const NAMESPACE = 'agentjob-system'

const labels = { 'app.kubernetes.io/name': 'agentjob' }
const metadata = { name: OPERATOR, namespace: NAMESPACE, labels }

/** Two replicas of the operator as they are, behind a Service, with the ServiceAccount and the rights of src/install. */
export function podManifests(): object[] {
  const objects = operatorManifests(NAMESPACE) as { kind: string; metadata: { labels?: object } }[]
  for (const { kind, metadata } of objects)
    if (kind === 'Namespace')
      metadata.labels = { ...metadata.labels, 'pod-security.kubernetes.io/enforce': 'restricted' }
  return [...objects, service, deployment]
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: { selector: labels, ports: [{ name: 'webhook', port: 443, targetPort: 'webhook' }] },
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: OPERATOR,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'operator',
            image: NAME,
            imagePullPolicy: 'Never',
            args: [...START.command, '--grace', '1'],
            ports: [
              { name: 'webhook', containerPort: 9443 },
              { name: 'health', containerPort: 8080 },
            ],
            readinessProbe: { httpGet: { path: '/readyz', port: 'health' }, periodSeconds: 1 },
            livenessProbe: { httpGet: { path: '/healthz', port: 'health' } },
            resources: { requests: { cpu: '10m', memory: '128Mi' }, limits: { memory: '256Mi' } },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      },
    },
  },
}

/** Has a Deployment's pods take their token out of a Secret, in the place of the one that the kubelet keeps. */
export const tokenOf = (secret: string) => ({
  spec: {
    template: {
      spec: {
        automountServiceAccountToken: false,
        volumes: [
          {
            name: 'account',
            projected: {
              sources: [
                { secret: { name: secret, items: [{ key: 'token', path: 'token' }] } },
                { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
                { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
              ],
            },
          },
        ],
        containers: [
          {
            name: 'operator',
            volumeMounts: [
              { name: 'account', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
            ],
          },
        ],
      },
    },
  },
})
