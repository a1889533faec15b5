import { createHash } from 'node:crypto'
import type { Fields } from '../api/isfields.ts'
import type { EgressSettings } from '../expand/egress/settings.ts'
import type { KubeObject } from '../kube/object.ts'
import { certificateSecret } from './certificates.ts'
import { goJson } from './gojson.ts'
import {
  HEALTH_PORT,
  METRICS_SERVICE,
  nameOf,
  type Part,
  SETTINGS_CONFIG_MAP,
  userOf,
  WEBHOOK_SERVICE,
} from './names.ts'
import type { Values } from './values.ts'

const SETTINGS_FOLDER = '/etc/agentjob/settings'
const CERTIFICATE_FOLDER = '/etc/agentjob/certificates'
const NAME = { 'app.kubernetes.io/name': 'agentjob' }

/** The labels by which the pods of a part are selected. */
export const selectorOf = (part: Part): Record<string, string> => ({ ...NAME, 'app.kubernetes.io/component': part })

/** What an installation is made for. */
export interface Target {
  values: Values
  namespace: string
  /** Of the program, without `v`. */
  version: string
  labels: Record<string, string>
}

const ofPart = (labels: Record<string, string>, part: Part) => ({ ...labels, 'app.kubernetes.io/component': part })

/** Settings that are read at the start of a pod, and once. */
const readOnce = (values: Values) => ({
  ...values.settings,
  clusterAccess: values.clusterAccess.enabled,
  egress: egressOf(values),
})

/** The settings of egress; of a cluster that nobody has asked nothing is known. */
export const egressOf = ({ egress: { hosts, ...egress } }: Values): EgressSettings => ({
  ...egress,
  hosts: hosts === 'auto' ? 'Ports' : hosts,
})

/** What `--settings` reads. */
export const settingsFile = (values: Values): string => goJson({ ...readOnce(values), logLevel: values.logLevel })

/** The ConfigMap with the operator's settings. */
export const settingsConfigMap = ({ values, namespace, labels }: Target): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: SETTINGS_CONFIG_MAP, namespace, labels },
  data: { 'settings.json': settingsFile(values) },
})

/** The image, by its digest if there is one. */
export const imageOf = ({ image }: Values, version: string): string =>
  image.digest ? `${image.repository}@${image.digest}` : `${image.repository}:${image.tag || version}`

/** The Deployment of a part; its pods satisfy Pod Security "restricted". */
export function deployment(part: Part, { values, namespace, version, labels }: Target): KubeObject {
  const { [part]: own, image, imagePullSecrets } = values
  const selector = selectorOf(part)
  const secretName = part === 'webhook' ? certificateSecret(values) : undefined
  const mounts = [{ name: 'settings', mountPath: SETTINGS_FOLDER, readOnly: true }]
  const volumes: object[] = [{ name: 'settings', configMap: { name: SETTINGS_CONFIG_MAP } }]
  if (secretName) {
    mounts.push({ name: 'certificates', mountPath: CERTIFICATE_FOLDER, readOnly: true })
    volumes.push({ name: 'certificates', secret: { secretName } })
  }
  const container = ({ suffix, healthPort }: Process, index: number) => {
    const ports = [{ name: `health${suffix}`, containerPort: healthPort, protocol: 'TCP' }]
    // all of its processes have it, but a port of a pod is named once
    if (part === 'webhook' && index === 0)
      ports.unshift({ name: 'webhook', containerPort: values.webhook.port, protocol: 'TCP' })
    const probe = (path: string) => ({ httpGet: { path, port: `health${suffix}` } })
    return {
      name: `${part}${suffix}`,
      image: imageOf(values, version),
      imagePullPolicy: image.pullPolicy,
      args: argumentsOf(part, values, namespace, healthPort),
      ...filled({ env: own.env }),
      ports,
      // who is ended because his node is busy makes it busier
      livenessProbe: {
        ...probe('/healthz'),
        periodSeconds: 10,
        timeoutSeconds: 5,
        failureThreshold: 6,
        // who hangs does not hear that he is to end
        terminationGracePeriodSeconds: 12,
      },
      readinessProbe: { ...probe('/readyz'), periodSeconds: 2, timeoutSeconds: 5 },
      resources: filled(own.resources),
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      volumeMounts: mounts,
    }
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: nameOf(part), namespace, labels: ofPart(labels, part) },
    spec: {
      replicas: own.replicas,
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: {
          labels: { ...own.podLabels, ...selector },
          annotations: { ...own.podAnnotations, 'checksum/settings': sha256(goJson(readOnce(values))) },
        },
        spec: {
          serviceAccountName: nameOf(part),
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 30,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          ...filled({ imagePullSecrets, nodeSelector: own.nodeSelector, tolerations: own.tolerations }),
          ...filled({ affinity: own.affinity, priorityClassName: own.priorityClassName }),
          topologySpreadConstraints: own.topologySpreadConstraints.length
            ? own.topologySpreadConstraints
            : ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
                maxSkew: 1,
                topologyKey,
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: selector },
                matchLabelKeys: ['pod-template-hash'],
              })),
          containers: processesOf(part, values).map(container),
          volumes,
        },
      },
    },
  }
}

/** A process of a pod: what its names end with, and its health port. */
interface Process {
  suffix: string
  healthPort: number
}

/** The processes of a pod of a part, a container each. */
const processesOf = (part: Part, { webhook }: Values): Process[] =>
  Array.from({ length: part === 'webhook' ? webhook.processes : 1 }, (_, index) => ({
    suffix: index === 0 ? '' : `-${index + 1}`,
    healthPort: HEALTH_PORT + index,
  }))

function argumentsOf(part: Part, values: Values, namespace: string, healthPort: number): string[] {
  const args = ['serve', '--only', part, '--settings', `${SETTINGS_FOLDER}/settings.json`]
  args.push('--health-port', String(healthPort))
  if (part === 'controller') return [...args, '--lease-duration', String(values.controller.leaseDurationSeconds)]
  args.push('--port', String(values.webhook.port), '--controller-user', userOf('controller', namespace))
  if (values.webhook.processes > 1) args.push('--share-port')
  if (certificateSecret(values)) return [...args, '--certificates', CERTIFICATE_FOLDER]
  return [...args, '--certificate-duration', values.certificates.selfSigned.duration]
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Without what is empty. */
const filled = (members: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== '' && Object.keys(value as object).length > 0),
  )

/** The Service that the registration of the webhook names. */
export const webhookService = ({ namespace, labels }: Target): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: WEBHOOK_SERVICE, namespace, labels: ofPart(labels, 'webhook') },
  spec: {
    type: 'ClusterIP',
    selector: selectorOf('webhook'),
    ports: [{ name: 'https', port: 443, targetPort: 'webhook', protocol: 'TCP' }],
  },
})

/** One pod at a time, as drains of nodes ask. */
export const disruptionBudget = (part: Part, { namespace, labels }: Target): KubeObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: nameOf(part), namespace, labels: ofPart(labels, part) },
  spec: {
    maxUnavailable: 1,
    // one that crashes must not hold up the drain of its node
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
    selector: { matchLabels: selectorOf(part) },
  },
})

type Service = KubeObject & { spec: Fields & { ports: { name: string }[] } }

/** The endpoints of both parts, those that are not ready included: what is wrong with them shows in metrics. */
export const metricsService = ({ values, namespace, labels }: Target): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: METRICS_SERVICE, namespace, labels: { ...labels, 'app.kubernetes.io/component': 'metrics' } },
  spec: {
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    selector: NAME,
    ports: processesOf('webhook', values).map(({ suffix, healthPort }) => ({
      name: `metrics${suffix}`,
      port: healthPort,
      targetPort: `health${suffix}`,
      protocol: 'TCP',
    })),
  },
})

/** Who reaches the pods of a part, and whom they reach. */
export function networkPolicy(part: Part, { values, namespace, labels }: Target): KubeObject {
  const { apiServers, metricsFrom, egress } = values.networkPolicy
  const servers = apiServers.map((cidr) => ({ ipBlock: { cidr } }))
  const tcp = (port: number) => ({ port, protocol: 'TCP' })
  const ingress = [
    ...(part === 'webhook' ? [{ ...(servers.length && { from: servers }), ports: [tcp(values.webhook.port)] }] : []),
    {
      ...(metricsFrom.length && { from: metricsFrom }),
      ports: processesOf(part, values).map(({ healthPort }) => tcp(healthPort)),
    },
  ]
  const dns = { ports: [{ port: 53, protocol: 'UDP' }, tcp(53)] }
  const toServers = { ...(servers.length && { to: servers }), ports: egress.apiServerPorts.map(tcp) }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: nameOf(part), namespace, labels: ofPart(labels, part) },
    spec: {
      podSelector: { matchLabels: selectorOf(part) },
      policyTypes: egress.enabled ? ['Ingress', 'Egress'] : ['Ingress'],
      ingress,
      ...(egress.enabled && { egress: [dns, toServers, ...egress.to] }),
    },
  }
}
