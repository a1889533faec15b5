import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { toYaml } from '../../src/cli/print.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { run } from '../cluster/exec.ts'
import { helm } from '../helm/helm.ts'

const ROOT = join(import.meta.dirname, '..', '..')
export const CHART = join(ROOT, 'charts', 'agentjob')
export const RELEASE = 'agentjob'
export const NAMESPACE = 'agentjob-system'

/** helm, or undefined where it is not to be had: tests are skipped then. */
export const program: string | undefined = await helm((line) => console.error(`  ${line}`)).catch(() => undefined)

/** Runs helm on a release of the chart with these values; throws with its words where it fails. */
export const runHelm = (command: string, values: object, ...args: string[]): Promise<string> =>
  run(program as string, [command, RELEASE, CHART, '--namespace', NAMESPACE, '--values', '-', ...args], {
    input: toYaml(values),
  })

/** What the chart says after an installation with these values. */
export async function notesOf(values: object): Promise<string> {
  const [, notes = ''] = (await runHelm('install', values, '--dry-run=client')).split('\nNOTES:\n')
  return notes
}

/** What `helm template` makes of values, hooks included. */
export async function template(values: object = {}): Promise<KubeObject[]> {
  const text = await runHelm('template', values)
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null)
}

/** Whether an object is there for a hook alone. */
export const isHook = ({ metadata }: KubeObject): boolean => metadata.annotations?.['helm.sh/hook'] !== undefined

/** Something that looks like a certificate. */
export const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'

/** Values to render with: the defaults, and each thing that can be chosen at least once. */
export const CASES: { name: string; values: object }[] = [
  { name: 'the defaults', values: {} },
  { name: 'cert-manager with a CA of its own', values: { certificates: { mode: 'cert-manager' } } },
  {
    name: "cert-manager with somebody's issuer",
    values: {
      certificates: {
        mode: 'cert-manager',
        certManager: { issuerRef: { name: 'corp', kind: 'ClusterIssuer' }, duration: '48h', renewBefore: '24h' },
      },
    },
  },
  {
    name: 'a certificate that is provided',
    values: { certificates: { mode: 'provided', provided: { secretName: 'webhook-tls', caBundle: PEM } } },
  },
  { name: 'ClusterAccess', values: { clusterAccess: { enabled: true } } },
  { name: 'egress', values: { egress: { enabled: true } } },
  { name: 'egress and ClusterAccess', values: { egress: { enabled: true }, clusterAccess: { enabled: true } } },
  {
    name: 'egress as it can be',
    values: {
      egress: {
        ...{ enabled: true, hosts: 'Cilium', enforcedBy: 'cilium', private: [], dns: ['169.254.20.10/32'] },
        dnsPods: [{ namespace: 'openshift-dns', labels: { dns: 'default' }, port: 5353 }],
        ...{ apiServer: ['192.0.2.10/32'], apiServerPorts: [6443] },
        ceiling: { enabled: true, hosts: ['*.example.com'], ports: [22, 443], cidrs: ['10.0.0.0/8'], selectors: true },
      },
    },
  },
  { name: 'egress that is cleaned up', values: { egress: { cleanUp: true, hosts: 'Ports' } } },
  {
    name: 'settings',
    values: {
      settings: {
        libraryNamespace: 'library',
        missingReferences: 'Deny',
        images: { git: 'registry.example.com/git:1', url: 'registry.example.com/curl:1' },
        pods: {
          resources: { requests: { cpu: 1, memory: 536870912 }, limits: { memory: '2Gi', 'nvidia.com/gpu': 1 } },
          caBundle: { configMap: 'corp-ca', key: 'bundle.pem' },
          proxy: {
            http: 'http://proxy.example.com:3128',
            https: 'http://proxy.example.com:3128',
            noProxy: ['.svc', '10.0.0.0/8'],
          },
        },
        notify: { hosts: ['*.example.com'], privateHosts: ['http://receiver.ci.svc'] },
      },
      logLevel: 'debug',
    },
  },
  {
    name: 'an image of a registry that wants a password, by digest',
    values: {
      image: { repository: 'registry.example.com/agentjob', digest: `sha256:${'0'.repeat(64)}`, pullPolicy: 'Always' },
      imagePullSecrets: [{ name: 'registry' }],
    },
  },
  { name: 'no limit of memory', values: { webhook: { resources: { limits: null } } } },
  { name: 'an image by its tag', values: { image: { tag: 'dev' } } },
  { name: 'no CRDs', values: { crds: { install: false } } },
  { name: 'CRDs that go with the release', values: { crds: { keep: false } } },
  {
    name: 'how the webhook is asked',
    values: {
      webhook: {
        port: 10250,
        failurePolicy: 'Ignore',
        timeoutSeconds: 10,
        namespaceSelector: { matchExpressions: [{ key: 'agents', operator: 'Exists' }] },
        matchConditions: [{ name: 'not-the-tests', expression: "request.namespace != 'tests'" }],
      },
    },
  },
  {
    name: 'values that are kept from before there were processes',
    values: { webhook: { processes: null }, metrics: { serviceMonitor: { enabled: true } } },
  },
  { name: 'one process a pod', values: { webhook: { processes: 1 }, metrics: { serviceMonitor: { enabled: true } } } },
  {
    name: 'four processes a pod',
    values: { webhook: { processes: 4 }, metrics: { serviceMonitor: { enabled: true } } },
  },
  {
    name: 'where the pods run',
    values: Object.fromEntries(
      ['webhook', 'controller'].map((part) => [
        part,
        {
          replicas: 3,
          resources: { requests: { cpu: '1' }, limits: { memory: '2Gi', 'nvidia.com/gpu': 1 } },
          podDisruptionBudget: { enabled: false },
          topologySpreadConstraints: [
            { maxSkew: 2, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
          ],
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ key: 'infra', operator: 'Exists', effect: 'NoSchedule' }],
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: 'infra', operator: 'Exists' }] }],
              },
            },
          },
          priorityClassName: 'system-cluster-critical',
          podAnnotations: { 'example.com/note': 'a <b> & "c"' },
          podLabels: { team: 'platform', 'app.kubernetes.io/name': 'not-theirs' },
          env: [
            { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://collector:4318' },
            { name: 'OTEL_EXPORTER_OTLP_HEADERS', valueFrom: { secretKeyRef: { name: 'otel', key: 'headers' } } },
          ],
        },
      ]),
    ),
  },
  { name: 'a leader that is waited for longer', values: { controller: { leaseDurationSeconds: 60 } } },
  { name: 'roles that are not added to', values: { rbac: { aggregate: false } } },
  { name: 'no NetworkPolicies', values: { networkPolicy: { enabled: false } } },
  {
    name: 'narrow NetworkPolicies',
    values: {
      networkPolicy: {
        apiServers: ['192.0.2.10/32', '2001:db8::/64'],
        metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
        egress: {
          enabled: true,
          apiServerPorts: [6443],
          to: [{ to: [{ ipBlock: { cidr: '198.51.100.0/24' } }], ports: [{ port: 443, protocol: 'TCP' }] }, {}],
        },
      },
    },
  },
  { name: 'egress to any API server', values: { networkPolicy: { egress: { enabled: true } } } },
  {
    name: 'policies',
    values: {
      policies: { expansion: { enabled: true }, status: { enabled: true, users: ['velero', 'a&b "c"'] } },
    },
  },
  {
    name: 'metrics',
    values: {
      metrics: {
        serviceMonitor: { enabled: true, interval: '10s', labels: { release: 'prometheus' } },
        prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
        dashboard: { enabled: true, labels: { folder: 'agents' } },
      },
    },
  },
  { name: 'no check', values: { check: { enabled: false } } },
  { name: 'part of another chart', values: { global: { anything: true } } },
]
