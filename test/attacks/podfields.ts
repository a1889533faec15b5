/*
 * Every field that a pod has by the API server's own description stands in one of these lists.
 */

/** What is said of a field that a podTemplate may not set; `true`: the words for everything that nobody has thought of. */
interface Refused {
  given: unknown
  words: string | true
}
/** What may be set, as a tenant would like it most; where he gets it, the pod still passes Pod Security "restricted". */
interface Allowed {
  allowed: unknown
}
type Fields = Record<string, Refused | Allowed>

const NAMESPACES = 'is never allowed; an agent stays in its own namespaces'
const unthought = (given: unknown): Refused => ({ given, words: true })

const POD: Fields = {
  activeDeadlineSeconds: { given: 1e9, words: 'is spec.timeoutSeconds' },
  affinity: { allowed: { nodeAffinity: {} } },
  automountServiceAccountToken: {
    given: true,
    words: 'is not for a podTemplate; spec.clusterAccessRef gives the pod rights and a token',
  },
  containers: { allowed: [{ name: 'mine', image: 'example.com/mine' }] },
  dnsConfig: { allowed: { nameservers: ['192.0.2.1'] } },
  dnsPolicy: { allowed: 'Default' },
  enableServiceLinks: unthought(true),
  ephemeralContainers: unthought([{ name: 'mine', image: 'example.com/mine' }]),
  hostAliases: { allowed: [{ ip: '192.0.2.1', hostnames: ['api.example.com'] }] },
  hostIPC: { given: true, words: NAMESPACES },
  hostNetwork: { given: true, words: NAMESPACES },
  hostPID: { given: true, words: NAMESPACES },
  hostUsers: { allowed: true },
  hostname: { allowed: 'mine' },
  hostnameOverride: unthought('kubernetes.default.svc'),
  imagePullSecrets: { allowed: [{ name: 'loot' }] },
  initContainers: { allowed: [{ name: 'first', image: 'example.com/mine', restartPolicy: 'Always' }] },
  nodeName: {
    given: 'control-plane',
    words: 'is not for a podTemplate, because it bypasses the scheduler; use nodeSelector',
  },
  nodeSelector: { allowed: { 'node-role.kubernetes.io/control-plane': '' } },
  os: unthought({ name: 'windows' }),
  overhead: unthought({ cpu: '1m' }),
  preemptionPolicy: { allowed: 'PreemptLowerPriority' },
  priority: unthought(2000001000),
  priorityClassName: { given: 'system-node-critical', words: 'is spec.priorityClassName' },
  readinessGates: { allowed: [{ conditionType: 'example.com/mine' }] },
  resourceClaims: { allowed: [{ name: 'gpu', resourceClaimName: 'gpu' }] },
  resources: { allowed: { limits: { cpu: '1' } } },
  restartPolicy: { given: 'Always', words: 'is always Never; spec.backoffLimit tries again' },
  runtimeClassName: { allowed: 'mine' },
  schedulerName: { allowed: 'mine' },
  schedulingGates: unthought([{ name: 'example.com/mine' }]),
  schedulingGroup: unthought({ podGroupName: 'mine' }),
  securityContext: { allowed: {} },
  serviceAccount: unthought('boss-runner'),
  serviceAccountName: {
    given: 'boss-runner',
    words: "is the AgentRuntime's serviceAccountName, or comes with spec.clusterAccessRef",
  },
  setHostnameAsFQDN: { allowed: true },
  shareProcessNamespace: { allowed: true },
  subdomain: { allowed: 'mine' },
  terminationGracePeriodSeconds: { allowed: 1 },
  tolerations: { allowed: [{ operator: 'Exists' }] },
  topologySpreadConstraints: {
    allowed: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' }],
  },
  volumes: { allowed: [{ name: 'mine', emptyDir: {} }] },
}

const NO_ROOT = { runAsUser: 'user', runAsGroup: 'group', fsGroup: 'group' }
const neverRoot = (field: keyof typeof NO_ROOT): Refused => {
  const isUser = NO_ROOT[field] === 'user'
  return {
    given: 0,
    words: `must be the number of a ${NO_ROOT[field]} other than 0; an agent ${isUser ? 'never runs as root' : 'is never in the group root'}`,
  }
}
const SECCOMP: Refused = {
  given: { type: 'Unconfined' },
  words: 'must be {type: RuntimeDefault} or {type: Localhost, localhostProfile: …}',
}
const BOTH: Fields = {
  appArmorProfile: unthought({ type: 'Unconfined' }),
  runAsGroup: neverRoot('runAsGroup'),
  runAsNonRoot: { given: false, words: 'must be true; an agent never runs as root' },
  runAsUser: neverRoot('runAsUser'),
  seLinuxOptions: unthought({ type: 'spc_t' }),
  seccompProfile: SECCOMP,
  windowsOptions: unthought({ hostProcess: true }),
}

const OF_POD: Fields = {
  ...BOTH,
  fsGroup: neverRoot('fsGroup'),
  fsGroupChangePolicy: { allowed: 'Always' },
  seLinuxChangePolicy: unthought('Recursive'),
  supplementalGroups: {
    given: [0],
    words: 'must be a list of numbers of groups, without 0; an agent is never in the group root',
  },
  supplementalGroupsPolicy: unthought('Merge'),
  sysctls: unthought([{ name: 'kernel.msgmax', value: '1' }]),
}

const OF_CONTAINER: Fields = {
  ...BOTH,
  allowPrivilegeEscalation: { given: true, words: 'must be false' },
  capabilities: { given: { add: ['SYS_ADMIN'] }, words: 'cannot add capabilities; all of them are dropped' },
  privileged: { given: true, words: 'must be false; an agent is never privileged' },
  procMount: unthought('Unmasked'),
  readOnlyRootFilesystem: { given: false, words: 'must be true; mount an emptyDir where the program writes' },
}

/** Volumes; `name` is what each has beside. */
const VOLUME: Fields = {
  ...Object.fromEntries(
    [
      ...['awsElasticBlockStore', 'azureDisk', 'azureFile', 'cephfs', 'cinder', 'fc', 'flexVolume', 'flocker'],
      ...['gcePersistentDisk', 'gitRepo', 'glusterfs', 'iscsi', 'nfs', 'photonPersistentDisk', 'portworxVolume'],
      ...['quobyte', 'rbd', 'scaleIO', 'storageos', 'vsphereVolume'],
    ].map((type) => [type, unthought({})]),
  ),
  hostPath: unthought({ path: '/' }),
  configMap: { allowed: { name: 'loot' } },
  csi: { allowed: { driver: 'csi.example.com' } },
  downwardAPI: { allowed: { items: [] } },
  emptyDir: { allowed: { medium: 'Memory' } },
  ephemeral: {
    allowed: {
      volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } } },
    },
  },
  image: { allowed: { reference: 'example.com/mine' } },
  persistentVolumeClaim: { allowed: { claimName: 'loot' } },
  projected: { allowed: { sources: [] } },
  secret: { allowed: { secretName: 'loot' } },
}

/** Sources of a projected volume. */
const SOURCE: Fields = {
  clusterTrustBundle: { allowed: { name: 'example.com:mine', path: 'ca.pem' } },
  configMap: { allowed: { name: 'loot' } },
  downwardAPI: { allowed: { items: [] } },
  podCertificate: unthought({ signerName: 'example.com/mine', keyType: 'ED25519', credentialBundlePath: 'x' }),
  secret: { allowed: { name: 'loot' } },
  serviceAccountToken: unthought({ path: 'token' }),
}

/** Fields of the agent's own container. */
const AGENT: Fields = {
  args: { given: ['-c', 'id'], words: 'are the args of the AgentRuntime' },
  command: { given: ['sh'], words: "is the AgentRuntime's command" },
  env: { given: [{ name: 'A', value: 'B' }], words: 'is spec.env' },
  envFrom: { given: [{ secretRef: { name: 'loot' } }], words: 'is spec.envFrom' },
  image: { given: 'example.com/mine', words: "is the AgentRuntime's image" },
  imagePullPolicy: { given: 'Always', words: "is the AgentRuntime's imagePullPolicy" },
  lifecycle: { allowed: { preStop: { exec: { command: ['sleep', '1'] } } } },
  livenessProbe: { allowed: { exec: { command: ['true'] } } },
  name: { allowed: 'agent' },
  ports: unthought([{ containerPort: 80 }]),
  readinessProbe: unthought({ exec: { command: ['true'] } }),
  resizePolicy: unthought([{ resourceName: 'cpu', restartPolicy: 'NotRequired' }]),
  resources: { given: { limits: { cpu: '64' } }, words: 'is spec.resources' },
  restartPolicy: unthought('Always'),
  restartPolicyRules: unthought([{ action: 'Restart', exitCodes: { operator: 'NotIn', values: [0] } }]),
  securityContext: { allowed: {} },
  startupProbe: { allowed: { exec: { command: ['true'] } } },
  stdin: { allowed: true },
  stdinOnce: unthought(true),
  terminationMessagePath: unthought('/workspace/other'),
  terminationMessagePolicy: unthought('File'),
  tty: { allowed: true },
  volumeDevices: { allowed: [] },
  volumeMounts: { allowed: [] },
  workingDir: { allowed: '/' },
}

/** Every container that is not the agent's may have all of them: its image is the tenant's own. */
const OTHER: Fields = {
  ...AGENT,
  args: { allowed: ['-c', 'id'] },
  command: { allowed: ['sh'] },
  env: { allowed: [{ name: 'A', value: 'B' }] },
  envFrom: { allowed: [{ secretRef: { name: 'loot' } }] },
  image: { allowed: 'example.com/mine' },
  imagePullPolicy: { allowed: 'Always' },
  name: { allowed: 'mine' },
  resources: { allowed: { limits: { cpu: '64' } } },
  ports: { allowed: [{ containerPort: 80 }] },
  readinessProbe: { allowed: { exec: { command: ['true'] } } },
  resizePolicy: { allowed: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] },
  restartPolicy: { allowed: 'Never' },
  restartPolicyRules: { allowed: [] },
  stdinOnce: { allowed: true },
  terminationMessagePath: { allowed: '/dev/mine' },
  terminationMessagePolicy: { allowed: 'File' },
}
/** One with probes has to be one that goes on. */
const SIDECAR: Fields = { ...OTHER, restartPolicy: { allowed: 'Always' } }

/** Names of the fields that may be set. */
export const allowedOf = (fields: Fields) =>
  Object.entries(fields).flatMap(([name, field]) => ('allowed' in field ? [name] : []))

/** They may be set, as long as it is no weaker. */
const NO_WEAKER = ['runAsGroup', 'runAsNonRoot', 'runAsUser', 'seccompProfile']

/** A container of the tenant's own, and the agent's, in a podTemplate. */
export const mine = (fields: object) => ({ name: 'mine', image: 'example.com/mine', ...fields })
export const ofAgent = (fields: object) => ({ name: 'agent', ...fields })
/** Each part of a pod: its name in the API server's description, and how a podTemplate reaches it. */
export const PARTS: {
  of: string
  schema: string
  fields: Fields
  at: string
  put(given: object): object
  /** What is listed as allowed, where that is not what the list above says. */
  listed?: string[]
  /** What follows that list. */
  more?: string
}[] = [
  { of: 'a pod', schema: 'PodSpec', fields: POD, at: '', put: (given) => given },
  {
    of: 'the securityContext of the pod',
    schema: 'PodSecurityContext',
    fields: OF_POD,
    at: 'securityContext.',
    put: (given) => ({ securityContext: given }),
    listed: [...NO_WEAKER, 'fsGroup', 'fsGroupChangePolicy', 'supplementalGroups'],
  },
  ...[
    { of: "the agent's container", list: 'containers', fields: AGENT, put: ofAgent },
    { of: 'another container', list: 'containers', fields: OTHER, put: mine },
    { of: 'an init container', list: 'initContainers', fields: SIDECAR, put: mine },
  ].flatMap(({ of, list, fields, put }) => [
    {
      of,
      schema: 'Container',
      fields,
      at: `${list}[0].`,
      put: (given: object) => ({ [list]: [put(given)] }),
    },
    {
      of: `the securityContext of ${of}`,
      schema: 'SecurityContext',
      fields: OF_CONTAINER,
      at: `${list}[0].securityContext.`,
      put: (given: object) => ({ [list]: [put({ securityContext: given })] }),
      listed: [...NO_WEAKER, 'allowPrivilegeEscalation', 'capabilities', 'privileged', 'readOnlyRootFilesystem'],
    },
  ]),
  {
    of: 'a volume',
    schema: 'Volume',
    fields: VOLUME,
    at: 'volumes[0].',
    put: (given) => ({ volumes: [{ name: 'mine', ...given }] }),
  },
  {
    of: 'a source of a projected volume',
    schema: 'VolumeProjection',
    fields: SOURCE,
    at: 'volumes[0].projected.sources[0].',
    put: (given) => ({ volumes: [{ name: 'mine', projected: { sources: [given] } }] }),
    more: ' (spec.clusterAccessRef gives the pod an API token)',
  },
]
