import fc from 'fast-check'

/*
 * podTemplates as somebody writes them who wants more than he should get: for each field of a pod that matters, values
 * that are fine and, now and then, values that are not; and everywhere any JSON at all.
 */

type Values = fc.Arbitrary<unknown>

// String() would call a toString that any JSON may have
const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

const STRANGE = [null, true, false, 0, 1, -1, 1.5, 2 ** 31, '', 'x', [], {}, [null], [[]], [{}]]
const anything = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...STRANGE) }, fc.jsonValue({ maxDepth: 2 }))
const PROTOTYPE = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']

/** One of the good values, seldom one of the bad ones, seldom anything. */
const some = (good: unknown[], bad: unknown[] = []): Values =>
  fc.oneof(
    { weight: good.length ? 30 : 0, arbitrary: fc.constantFrom(...(good.length ? good : [null])) },
    { weight: bad.length ? 2 : 0, arbitrary: fc.constantFrom(...(bad.length ? bad : [null])) },
    { weight: 1, arbitrary: anything },
  )
const only = (...bad: unknown[]): Values => some([], bad)
const either = (values: Values): Values => fc.oneof({ weight: 40, arbitrary: values }, anything)
const list = (item: Values): Values => either(fc.array(either(item), { maxLength: 3 }))

interface Fields {
  required?: Record<string, Values>
  fine?: Record<string, Values>
  /** Fields that are not to be set at all. */
  bad?: Record<string, Values>
}

/** An object with some of the fine fields, seldom a bad one, seldom one of any name; its own, `__proto__` too. */
function object({ required = {}, fine = {}, bad = {} }: Fields): Values {
  const names = fc.oneof(fc.constantFrom(...PROTOTYPE), fc.string({ maxLength: 8 }))
  const worst = Object.entries(bad).map(([key, values]) => fc.tuple(fc.constant(key), values))
  return fc
    .tuple(
      fc.record({ ...required, ...fine }, { requiredKeys: Object.keys(required) }),
      fc.oneof(
        { weight: 40, arbitrary: fc.constant(undefined) },
        fc.tuple(names, anything),
        ...(worst.length ? [fc.oneof(...worst)] : []),
      ),
      fc.nat(),
    )
    .map(([members, more, seed]) => {
      const kept = Object.entries(members).filter(([key], index) => key in required || (seed >> index) % 3 === 0)
      return Object.fromEntries([...kept, ...(more ? [more] : [])])
    })
}

const PROFILES = [{ type: 'RuntimeDefault' }, { type: 'Localhost', localhostProfile: 'profiles/agent.json' }]
const contextFields: Required<Pick<Fields, 'fine' | 'bad'>> = {
  fine: {
    runAsNonRoot: some([true], [false]),
    runAsUser: some([1000, 1], [0]),
    runAsGroup: some([1000], [0]),
    seccompProfile: some(PROFILES, [{ type: 'Unconfined' }, { type: 'RuntimeDefault', localhostProfile: 'x' }]),
  },
  bad: {
    seLinuxOptions: only({ type: 'spc_t' }, { user: 'x' }),
    windowsOptions: only({ hostProcess: true }),
    appArmorProfile: only({ type: 'Unconfined' }),
  },
}
const podContext = object({
  fine: {
    ...contextFields.fine,
    fsGroup: some([2000], [0]),
    fsGroupChangePolicy: some(['Always', 'OnRootMismatch'], ['x']),
    supplementalGroups: some([[1, 2], []], [[0]]),
  },
  bad: { ...contextFields.bad, sysctls: only([{ name: 'kernel.msgmax', value: '1' }]), privileged: only(true) },
})
const NO_CAPABILITIES = [{ drop: ['ALL'] }, { drop: [] }, { add: [] }]
const containerContext = object({
  fine: {
    ...contextFields.fine,
    allowPrivilegeEscalation: some([false], [true]),
    privileged: some([false], [true]),
    readOnlyRootFilesystem: some([true], [false]),
    capabilities: some(NO_CAPABILITIES, [{ add: ['SYS_ADMIN'] }, { add: { 0: 'SYS_ADMIN', length: 1 } }]),
  },
  bad: { ...contextFields.bad, procMount: only('Unmasked') },
})

const handler = object({
  fine: {
    httpGet: some([{ port: 80 }, { port: 80, host: '' }], [{ port: 80, host: '169.254.169.254' }]),
    tcpSocket: some([{ port: 80 }], [{ port: 80, host: 'x' }]),
    exec: some([{ command: ['true'] }]),
  },
})
const mount = object({
  required: { name: some(['tmp', 'home'], ['none']), mountPath: some(['/a', '/b', '/c', '/etc/passwd'], ['/tmp']) },
  fine: { subPath: some(['a', '..']) },
})
const port = object({ fine: { containerPort: some([80]), hostPort: some([0], [80, '80']), hostIP: some(['::']) } })
const containerFields = {
  securityContext: either(containerContext),
  volumeMounts: list(mount),
  livenessProbe: either(handler),
  startupProbe: either(handler),
  lifecycle: either(object({ fine: { postStart: either(handler), preStop: either(handler) } })),
  workingDir: some(['/']),
  stdin: some([true]),
  volumeDevices: some([[{ name: 'one', devicePath: '/dev/x' }]]),
}
const agent = object({
  required: { name: fc.constant('agent') },
  fine: containerFields,
  bad: { image: only('x'), env: only([]), command: only(['sh']), ports: only([]) },
})
const sidecar = object({
  required: { name: some(['one', 'two', 'three'], ['x'.repeat(64), 'A']), image: some(['image']) },
  fine: {
    ...containerFields,
    readinessProbe: either(handler),
    ports: list(port),
    env: some([[{ name: 'A', value: 'b' }]]),
    restartPolicy: some(['Always']),
    command: some([['sh']], ['sh']),
    terminationMessagePath: some(['/dev/termination-log']),
  },
})

const PROJECTED = [
  { sources: [{ serviceAccountToken: { path: 't' } }] },
  {
    sources: [{ secret: { name: 's' } }, { podCertificate: { signerName: 'kubernetes.io/kube-apiserver-client-pod' } }],
  },
  { sources: { length: 1, 0: { serviceAccountToken: { path: 't' } } } },
]
const sources: Record<string, Values> = {
  emptyDir: some([{}, { medium: 'Memory' }]),
  secret: some([{ secretName: 's' }]),
  csi: some([{ driver: 'x' }]),
  image: some([{ reference: 'x' }]),
  projected: some([{ sources: [{ secret: { name: 's' } }] }], PROJECTED),
}
const volumeName = some(['one', 'two', 'three'], ['tmp', 'Ä'])
const volume = fc.oneof(
  ...Object.entries(sources).map(([type, values]) =>
    object({
      required: { name: volumeName, [type]: values },
      bad: { hostPath: only({ path: '/' }), nfs: only({ server: 'x', path: '/' }), emptyDir: only({}) },
    }),
  ),
)

const spec = object({
  fine: {
    containers: list(fc.oneof(agent, sidecar)),
    initContainers: list(sidecar),
    volumes: list(volume),
    securityContext: either(podContext),
    hostUsers: some([true, false]),
    runtimeClassName: some(['gvisor'], ['runc']),
    shareProcessNamespace: some([true]),
    nodeSelector: some([{ a: 'b' }]),
    tolerations: some([[{ operator: 'Exists' }]]),
    imagePullSecrets: some([[{ name: 'x' }]]),
    dnsPolicy: some(['ClusterFirstWithHostNet']),
    terminationGracePeriodSeconds: some([0, 10], ['5']),
    resourceClaims: some([[{ name: 'x' }]]),
  },
  bad: {
    ephemeralContainers: list(sidecar),
    hostNetwork: only(true),
    hostPID: only(true),
    hostIPC: only(true),
    os: only({ name: 'windows' }),
    nodeName: only('node'),
    serviceAccountName: only('default'),
    serviceAccount: only('default'),
    automountServiceAccountToken: only(true),
    restartPolicy: only('Always'),
    activeDeadlineSeconds: only(1),
    priorityClassName: only('system-node-critical'),
    priority: only(2_000_000_000),
  },
})

const entries = (good: string[], bad: string[]) =>
  either(
    fc
      .array(fc.tuple(some(good, [...bad, ...PROTOTYPE]).map(text), some(['x', ''], ['unconfined', 'Ä'])), {
        maxLength: 3,
      })
      .map((pairs) => Object.fromEntries(pairs)),
  )
const metadata = object({
  fine: {
    labels: entries(['team', 'a/b'], ['agentjob.io/agentjob', 'job-name', 'x'.repeat(64), `${'x'.repeat(254)}/a`]),
    annotations: entries(
      ['note', 'A.b/C'],
      ['container.apparmor.security.beta.kubernetes.io/agent', 'agentjob.io/agent.json'],
    ),
  },
  bad: { name: only('x'), finalizers: only(['x']) },
})

/** Hostile podTemplates, some of which are fine. */
export const podTemplates = object({ required: { spec: either(spec) }, fine: { metadata: either(metadata) } }).map(
  (value) => value as Record<string, unknown>,
)
