import { z } from 'zod'
import { FIRST, SUBDOMAIN } from '../api/fields.ts'
import { type Fields, isFields } from '../api/isfields.ts'
import { annotations, labels } from '../api/podmetadata.ts'
import { egressShape, HOSTS } from '../expand/egress/settings.ts'
import { resourceSettings } from '../expand/podsettings.ts'
import { LOG_LEVELS, NotifySettings, Settings } from '../expand/settings.ts'
import { HEALTH_PORT, MOST_PROCESSES } from './names.ts'

/*
 * What can be chosen about an installation: the chart's values.yaml, its schema and the table in its README are made from
 * this, and `agentjob install` takes the same file.
 */

const text = (description: string) => z.string().max(1024, FIRST).meta({ description })
const flag = (fallback: boolean, description: string) => z.boolean().default(fallback).meta({ description })
/** Every member has a default, so that the group itself has one. */
const group = <T extends z.ZodRawShape>(description: string, shape: T) =>
  z
    .strictObject(shape)
    .prefault({} as never)
    .meta({ description })
const fields = (description: string) => z.record(z.string(), z.unknown()).default({}).meta({ description })
const listOf = (description: string) =>
  z.array(z.record(z.string(), z.unknown())).max(64).default([]).meta({ description })
/** Of 30 seconds or more, as "agentjob serve" wants it: one of the parts alone comes to that. */
const CERTIFICATE_DURATION = (() => {
  const any = String.raw`(\d+(ms|s|m|h))*`
  const enough = String.raw`0*([1-9]\d*[mh]|([3-9]\d|[1-9]\d{2,})s|([3-9]\d{4}|[1-9]\d{5,})ms)`
  return new RegExp(`^${any}${enough}${any}$`)
})()
const cidr = z.union([z.cidrv4(), z.cidrv6()], 'must be addresses in CIDR form, such as 192.0.2.10/32 or 2001:db8::/64')
const strings = (description: string) => z.array(z.string().max(253)).max(64).default([]).meta({ description })
const keyed = (schema: ReturnType<typeof labels>, description: string) =>
  schema.unwrap().default({}).meta({ description })
const name = (description: string) =>
  z
    .string()
    .max(253, FIRST)
    .regex(new RegExp(`^(${SUBDOMAIN.source.slice(1, -1)})?$`), 'must be the name of an object')
    .meta({ description })
const seconds = (fallback: number, min: number, max: number, description: string) =>
  z.int().min(min).max(max).default(fallback).meta({ description })

/** What both parts have. */
const pods = (o: { cpu: string; memory: string; limit: string }) => ({
  resources: resourceSettings({
    requests: { description: 'What is reserved.', fallback: { cpu: o.cpu, memory: o.memory } },
    limits: {
      description: 'The most that it may take. A limit for cpu makes admission slow, so there is none.',
      fallback: { memory: o.limit },
    },
  })
    .prefault({})
    .meta({ description: 'What a pod reserves, and the most that it takes.' }),
  podDisruptionBudget: group('Whether drains of nodes take one pod at a time.', {
    enabled: flag(true, 'Creates a PodDisruptionBudget with maxUnavailable 1.'),
  }),
  topologySpreadConstraints: listOf(
    'As in core/v1. Without any, pods are spread over zones and nodes where that is possible.',
  ),
  nodeSelector: keyed(labels(''), 'Labels that a node must have.'),
  tolerations: listOf('Taints that the pods bear, as in core/v1.'),
  affinity: fields('As in core/v1.'),
  priorityClassName: name('PriorityClass of the pods.').default(''),
  podAnnotations: keyed(annotations(''), 'Annotations of the pods.'),
  podLabels: keyed(labels(''), 'Labels of the pods, beside those that select them.'),
  env: listOf("Environment variables of the program, as in core/v1: OpenTelemetry's, for example."),
})

const LAST_HEALTH_PORT = HEALTH_PORT + MOST_PROCESSES - 1

const Shape = z.strictObject({
  image: group('The image of webhook, controller and checks.', {
    repository: text('Registry and name.').default('ghcr.io/agentjob/agentjob'),
    tag: text("Tag; the chart's appVersion where it is empty.").default(''),
    digest: z
      .string()
      .regex(/^(sha256:[0-9a-f]{64})?$/, 'must be sha256: and 64 hexadecimal digits')
      .default('')
      .meta({ description: 'Digest (sha256:…), which counts more than the tag.' }),
    pullPolicy: z
      .enum(['Always', 'IfNotPresent', 'Never'])
      .default('IfNotPresent')
      .meta({ description: 'When it is pulled.' }),
  }),
  imagePullSecrets: z
    .array(z.strictObject({ name: name('Name of the Secret.') }))
    .max(16)
    .default([])
    .meta({ description: 'Secrets with the credentials of the registry: a list of {name}.' }),
  crds: group('The CustomResourceDefinitions.', {
    install: flag(
      true,
      'Installs and upgrades them. Without, apply those of the same version first: "agentjob crds | kubectl apply --server-side -f -".',
    ),
    keep: flag(true, 'Has "helm uninstall" leave them. Deleting them deletes every AgentJob of the cluster.'),
  }),
  certificates: group('Where the serving certificate of the webhook comes from.', {
    mode: z.enum(['self-signed', 'cert-manager', 'provided']).default('self-signed').meta({
      description:
        'self-signed: made and renewed by the webhook, which writes its CA into its registration and may patch all of it. cert-manager: by a Certificate; the webhook has no right to write anything then. provided: a Secret that you keep.',
    }),
    selfSigned: group('For the mode self-signed.', {
      duration: z
        .string()
        .max(32)
        .regex(CERTIFICATE_DURATION, 'must be a duration such as 2160h, of 30s at least')
        .default('2160h')
        .meta({ description: 'For how long it is valid; it is renewed after two thirds of that.' }),
    }),
    certManager: group('For the mode cert-manager.', {
      issuerRef: z
        .strictObject({
          name: name('Name of the issuer.').default(''),
          kind: text('Issuer or ClusterIssuer, or a kind of another group.').default('Issuer'),
          group: text('API group of the issuer.').default('cert-manager.io'),
        })
        .prefault({})
        .meta({ description: 'Who issues it; an Issuer of its own, self-signed, where no name is given.' }),
      duration: text('For how long it is valid.').default('2160h'),
      renewBefore: text('How long before its end it is renewed.').default('720h'),
    }),
    provided: group('For the mode provided.', {
      secretName: name(
        'Secret of type kubernetes.io/tls in the namespace of the release, for the name agentjob-webhook.NAMESPACE.svc. It is read again when it changes.',
      ).default(''),
      caBundle: z
        .string()
        .max(65536)
        .regex(/^(\s*-----BEGIN CERTIFICATE-----[\s\S]*)?$/, 'must be certificates in PEM')
        .default('')
        .meta({ description: 'Certificate of the CA that signed it, in PEM.' }),
    }),
  }),
  clusterAccess: group('Rights at the Kubernetes API for agents.', {
    enabled: flag(
      false,
      'Whether AgentJobs can have them, as far as their authors hold them. The controller needs "escalate" and "bind" on roles for it; without, an AgentJob that names a ClusterAccess is refused.',
    ),
  }),
  egress: group("Where agents' pods may go, by a NetworkPolicy for each AgentJob.", {
    ...egressShape,
    hosts: z
      .enum(['auto', ...HOSTS])
      .default('auto')
      .meta({
        description: `${egressShape.hosts.meta()?.description} auto: Cilium where the cluster serves cilium.io/v2, else Ports.`,
      }),
  }),
  settings: Settings.omit({ clusterAccess: true, egress: true, logLevel: true })
    .extend({ notify: NotifySettings.prefault({}).meta({ description: Settings.shape.notify.description }) })
    .prefault({})
    .meta({ description: 'What is decided about all AgentJobs.' }),
  logLevel: z
    .enum(LOG_LEVELS)
    .default('info')
    .meta({ description: 'What is logged, as JSON, a line each. Pods that run follow it within two minutes.' }),
  webhook: group('The admission webhook.', {
    replicas: z.int().min(0).max(100).default(2).meta({ description: 'How many pods answer.' }),
    processes: z.int().min(1).max(MOST_PROCESSES).default(2).meta({
      description:
        'How many processes answer in each pod, a container each, on one port: where one of them dies, the next request meets another at the same address. With 1 it is refused until the cluster has noticed, as the API server asks only once.',
    }),
    port: z
      .int()
      .min(1024)
      .max(65535)
      .refine(
        (port) => port < HEALTH_PORT || port > LAST_HEALTH_PORT,
        `must not be ${HEALTH_PORT} to ${LAST_HEALTH_PORT}, where the pods answer probes and /metrics`,
      )
      .default(9443)
      .meta({
        description: 'Port on which the pods answer the API server.',
        not: { minimum: HEALTH_PORT, maximum: LAST_HEALTH_PORT },
      }),
    failurePolicy: z.enum(['Fail', 'Ignore']).default('Fail').meta({
      description:
        'What becomes of objects of agentjob.io while nobody answers. Fail: they are refused, and nothing else of the cluster is. Ignore: they are stored as they come, AgentJobs wait, and rules that need admission do not hold: anybody can then write a ClusterAccess that gives more than he has.',
    }),
    timeoutSeconds: seconds(5, 1, 30, 'How long the API server waits for an answer.'),
    namespaceSelector: fields(
      'Namespaces that are asked about, as in admissionregistration/v1; all of them where it is empty. AgentJobs of others are never expanded.',
    ),
    matchConditions: z
      .array(
        z.strictObject({
          name: text('Name of the condition.'),
          expression: z.string().max(8192).meta({ description: 'In CEL.' }),
        }),
      )
      .max(63)
      .default([])
      .meta({
        description:
          'Further conditions under which the webhook is asked: a list of {name, expression}. What they leave out is never expanded.',
      }),
    ...pods({ cpu: '50m', memory: '128Mi', limit: '512Mi' }),
  }),
  controller: group('The controller.', {
    replicas: z.int().min(0).max(100).default(2).meta({ description: 'How many pods stand for election; one leads.' }),
    leaseDurationSeconds: seconds(15, 3, 300, 'How long the others wait for a leader that is gone.'),
    ...pods({ cpu: '50m', memory: '192Mi', limit: '1Gi' }),
  }),
  rbac: group('Who may write what.', {
    aggregate: flag(true, "Adds the kinds of agentjob.io to Kubernetes' own roles view, edit and admin."),
  }),
  networkPolicy: group('Who reaches the pods, and whom they reach, where the network plugin enforces it.', {
    enabled: flag(true, 'Lets nobody in but to the port of the webhook and to metrics.'),
    apiServers: z.array(cidr).max(64).default([]).meta({
      description:
        'Addresses (CIDR) from which the API servers reach the webhook, and at which they are reached; every address where none is given. Give them: whoever reaches the webhook can read ConfigMaps through it.',
    }),
    metricsFrom: listOf(
      'From whom metrics may be read: peers as in networking.k8s.io/v1; everybody where none is given. Probes of the kubelet are let in anyway.',
    ),
    egress: group('Whom the pods reach.', {
      enabled: flag(
        false,
        'Lets them out to DNS, to API servers and to what "to" names alone. Off by default, because the port of API servers differs from cluster to cluster.',
      ),
      apiServerPorts: z
        .array(z.int().min(1).max(65535))
        .max(16)
        .default([443, 6443])
        .meta({ description: "Ports of the API servers, the Service's and their own." }),
      to: listOf(
        'Further rules, as in the egress of networking.k8s.io/v1: to receivers of notifications and of traces, for example.',
      ),
    }),
  }),
  policies: group('ValidatingAdmissionPolicies beside the webhook.', {
    expansion: group('Against AgentJobs that the webhook has not seen.', {
      enabled: flag(
        false,
        "Refuses AgentJobs without a signed expansion that names whoever changes the spec: what is stored while no webhook is registered, or under failurePolicy Ignore. Whether the signature holds is the controller's to say.",
      ),
    }),
    status: group('Against made-up statuses.', {
      enabled: flag(
        false,
        'Lets the controller alone write the status of AgentJobs and AgentQuotas, whatever others may by their roles.',
      ),
      users: strings('Names of users who may do so, too: a tool that restores backups, for example.'),
    }),
  }),
  metrics: group('For the Prometheus operator, and Grafana.', {
    serviceMonitor: group('What is scraped.', {
      enabled: flag(false, 'Creates a ServiceMonitor, and the headless Service that it names.'),
      interval: text('How often.').default('30s'),
      labels: keyed(labels(''), 'Labels by which your Prometheus selects it.'),
    }),
    prometheusRule: group('What is alerted on.', {
      enabled: flag(false, 'Creates a PrometheusRule.'),
      labels: keyed(labels(''), 'Labels by which your Prometheus selects it.'),
    }),
    dashboard: group('What is looked at.', {
      enabled: flag(false, "Creates a ConfigMap with Grafana's dashboard."),
      labels: labels('')
        .unwrap()
        .default({ grafana_dashboard: '1' })
        .meta({ description: "Labels by which Grafana's sidecar selects it." }),
    }),
  }),
  check: group('After "helm install" and "helm upgrade" a Job waits until admission answers.', {
    enabled: flag(
      true,
      'Whether it does; not where webhook.namespaceSelector leaves the namespace of the release out. "helm test" does the same at any time.',
    ),
    timeoutSeconds: seconds(180, 1, 3600, 'How long it waits.'),
  }),
  global: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: 'Not used; Helm gives it to charts that are part of another.' }),
})

/** The values of an installation, with their defaults. */
export const Values = Shape.superRefine(({ certificates: { mode, provided } }, context) => {
  if (mode !== 'provided') return
  for (const key of ['secretName', 'caBundle'] as const)
    if (!provided[key])
      context.addIssue({
        code: 'custom',
        path: ['certificates', 'provided', key],
        message: `certificates.provided.${key} is needed where certificates.mode is provided`,
      })
})
export type Values = z.output<typeof Values>

/**
 * Given values over the defaults, the later ones over the earlier: maps are merged, lists are not, and null empties a map
 * or gives a default back, as Helm has it.
 */
export const overDefaults = (given: Fields[]): Fields =>
  given.reduce<Fields>((below, above) => merge(below, above), Values.parse({}))

function merge(below: Fields, above: Fields): Fields {
  const merged = { ...below }
  for (const [key, value] of Object.entries(above)) {
    const old = below[key]
    if (value === null && !isFields(old)) delete merged[key]
    else if (value === null) merged[key] = {}
    else merged[key] = isFields(old) && isFields(value) ? merge(old, value) : value
  }
  return merged
}
