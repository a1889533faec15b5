import fc from 'fast-check'
import type { z } from 'zod'
import type { AgentJobSpec } from '../../src/api/agentjob.ts'
import { agentJob } from '../../src/api/agentjob.ts'
import { kinds } from '../../src/api/kinds.ts'
import { validate } from '../../src/api/validate.ts'
import { variableClashes } from '../../src/expand/environment.ts'
import type { Lookup, NamedAgentJob } from '../../src/expand/input.ts'
import { referenced } from '../../src/expand/referenced.ts'
import { resolve } from '../../src/expand/references.ts'
import { Settings } from '../../src/expand/settings.ts'

interface Internals {
  def: {
    type: string
    innerType?: z.ZodType
    element?: z.ZodType
    shape?: Record<string, z.ZodType>
    options?: z.ZodType[]
    keyType?: z.ZodType<string>
    valueType?: z.ZodType
    entries?: Record<string, string>
    defaultValue?: unknown
    checks?: {
      _zod: { def: { minimum?: number; maximum?: number; value?: number; check: string; pattern?: RegExp } }
    }[]
  }
}

/** The limits that the checks of a schema set. */
function limitsOf({ checks = [] }: Internals['def']) {
  const limits: { minimum?: number; maximum?: number; pattern?: RegExp } = {}
  for (const { minimum, maximum, value, check, pattern } of checks.map((one) => one._zod.def)) {
    limits.minimum ??= minimum ?? (check === 'greater_than' ? value : undefined)
    limits.maximum ??= maximum ?? (check === 'less_than' ? value : undefined)
    limits.pattern ??= pattern
  }
  return limits
}

/** Groups of members of which an object has one, and of that one the first member: what refinements say of a schema. */
const ALTERNATIVES: Record<string, string[][]> = {
  'spec.env[]': [['value'], ['valueFrom']],
  'spec.env[].valueFrom': [['secretKeyRef'], ['configMapKeyRef'], ['fieldRef'], ['resourceFieldRef']],
  'spec.envFrom[]': [['configMapRef'], ['secretRef']],
  'spec.headers[]': [['value'], ['valueFrom']],
  spec: [
    ['command', 'args', 'env'],
    ['url', 'headers'],
  ],
  'spec.rules[]': [['apiGroups', 'resources', 'resourceNames'], ['nonResourceURLs']],
}

type Overrides = Record<string, fc.Arbitrary<unknown>>

/** Values that a schema accepts, made from the schema itself; `overrides` stand in for what it cannot say, by path. */
export function arbitrary(schema: z.ZodType, overrides: Overrides = {}, path = 'spec'): fc.Arbitrary<unknown> {
  const { def } = schema._zod as unknown as Internals
  const of = (inner: z.ZodType | undefined, at = path) => arbitrary(inner as z.ZodType, overrides, at)
  const override = overrides[path]
  if (override && def.type !== 'optional' && def.type !== 'default') return override
  switch (def.type) {
    case 'optional':
      return fc.option(uniquely(schema, of(def.innerType)), { nil: undefined })
    case 'default':
      return fc.option(fc.oneof(fc.constant(def.defaultValue), of(def.innerType)), { nil: undefined })
    case 'string':
      return texts(schema, limitsOf(def))
    case 'number':
      return numbers(limitsOf(def))
    case 'boolean':
      return fc.boolean()
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries ?? {}))
    case 'union':
      return fc.oneof(...(def.options ?? []).map((option) => of(option)))
    case 'array':
      return fc.array(of(def.element, `${path}[]`), { minLength: limitsOf(def).minimum, maxLength: 3 })
    case 'record':
      return fc.dictionary(of(def.keyType) as fc.Arbitrary<string>, of(def.valueType), {
        maxKeys: 2,
        noNullPrototype: true,
      })
    case 'object':
      return membersOf(def.shape ?? {}, path, of).filter((value) => schema.safeParse(value).success)
    default:
      throw new Error(`${path}: nothing makes values of type ${def.type}`)
  }
}

/** Texts with a meaning; which of them a field takes, its pattern says. */
const WORDS = [
  ...[
    'one',
    'two-2',
    'a.b',
    'x'.repeat(63),
    'TOKEN',
    '_',
    'a_b',
    '__proto__',
    'constructor',
    'X-Token',
    'Authorization',
  ],
  ...[
    '/opt/agent',
    '/opt/agent/',
    '/home/agent',
    '/tmp',
    '/etc',
    '/ä ö/日本',
    '/var/run/secrets/kubernetes.io/serviceaccount',
  ],
  ...['https://example.com/mcp', 'http://user:password@[::1]:80/', 'git.example.com:8443'],
  ...[
    '0',
    '500m',
    '1Gi',
    '1e3',
    '.5',
    '1h30m',
    'metadata.name',
    "metadata.labels['a']",
    'status.podIPs',
    'limits.memory',
    'cpu',
    'nvidia.com/gpu',
  ],
]

function texts(schema: z.ZodType, { minimum, maximum = 40, pattern }: ReturnType<typeof limitsOf>) {
  if (!pattern) return fc.string({ minLength: minimum, maxLength: Math.min(maximum, 40), unit: 'binary' })
  const words = WORDS.filter((word) => schema.safeParse(word).success)
  if (!words.length) throw new Error(`none of the words matches ${pattern}`)
  return fc.constantFrom(...words)
}

const numbers = ({ minimum, maximum = 100_000 }: ReturnType<typeof limitsOf>) =>
  fc.integer({ min: minimum, max: Math.min(maximum, 100_000) })

/** Lists that are sets or maps have each item once. */
function uniquely(schema: z.ZodType, values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const meta = schema.meta()
  const [key] = (meta?.['x-kubernetes-list-map-keys'] ?? []) as string[]
  const type = meta?.['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return values
  return values.map((list) => [
    ...new Map((list as Record<string, unknown>[]).map((item) => [key ? item[key] : item, item])).values(),
  ])
}

/** Objects of a shape, without the members that are undefined. */
function membersOf(
  shape: Record<string, z.ZodType>,
  path: string,
  of: (schema: z.ZodType, path: string) => fc.Arbitrary<unknown>,
): fc.Arbitrary<Record<string, unknown>> {
  const alternatives = ALTERNATIVES[path] ?? []
  const groups = alternatives.every(([first]) => (first as string) in shape) ? alternatives : []
  const objects = (groups.length ? groups : [[]]).map(([first, ...rest]) => {
    const left = groups.flat().filter((key) => key !== first && !rest.includes(key))
    const keys = Object.keys(shape).filter((key) => !left.includes(key))
    return fc.record(
      Object.fromEntries(
        keys.map((key) => {
          const values = of(shape[key] as z.ZodType, `${path}.${key}`)
          return [key, key === first ? values.filter((value) => value !== undefined) : values]
        }),
      ),
    )
  })
  return fc
    .oneof(...objects)
    .map((value) => Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)))
}

const NAMES = ['one', 'two-2']
const name = fc.constantFrom(...NAMES)
const envNames = fc.constantFrom('HOME', 'TOKEN', 'LOG_LEVEL', '_', 'a.b', '__proto__', 'constructor')
/** What the schema of an AgentJob cannot say: names of objects that may be there, schedules, zones. */
function overridesOf(podTemplate: fc.Arbitrary<unknown>): Record<string, fc.Arbitrary<unknown>> {
  const names = fc.uniqueArray(name)
  return {
    'spec.runtimeRef': fc.constant('one'),
    'spec.authRef': name,
    'spec.roleRef': name,
    'spec.skillRef': name,
    'spec.skillRefs': names,
    'spec.mcpServerRefs': names,
    'spec.repositoryRefs': names,
    'spec.clusterAccessRef': name,
    'spec.schedule': fc.constantFrom('0 3 * * *', '@daily', '*/5 1-3 * JAN,FEB MON', '0 0 31 2 *'),
    'spec.timezone': fc.constantFrom('Etc/UTC', 'Europe/Paris', 'America/New_York'),
    'spec.env[].name': envNames,
    'spec.podTemplate': podTemplate,
    'spec.contexts': CONTEXTS.job,
    'spec.humanInTheLoop.keepAlive': fc.constantFrom('1h30m', '0.5s'),
    'spec.retry.onFailures[]': fc.constantFrom(3, 137, 'OOMKilled', 'DisruptionTarget'),
  }
}

/** The same of an AgentRuntime: keys of labels, mounts each in a place of its own, templates and the dialect for them. */
export const RUNTIME: Overrides = {
  'spec.templates.args[]': fc.constantFrom(
    '-p',
    '{{prompt}}',
    '--model={{ model }}',
    '{{allowedToolsJson}}',
    '$(HOME)',
  ),
  'spec.templates.files[].path': fc.constantFrom('/etc/three.toml', '/etc/four/4', '/日本/five.json'),
  'spec.templates.files[].content': fc.constantFrom('', 'x = {{promptJson}}', '{{instructions}}', '{{mcpServersJson}}'),
  'spec.podLabels': fc.constantFrom({}, { team: 'one' }, { 'example.com/cost': '' }),
  'spec.podAnnotations': fc.constantFrom({}, { 'example.com/owner': 'two\nlines' }),
  'spec.scheduling.nodeSelector': fc.constantFrom({}, { 'kubernetes.io/os': 'linux' }),
  'spec.scheduling.tolerations[]': fc.constantFrom(
    { key: 'agents', operator: 'Equal', value: 'one', effect: 'NoSchedule' },
    { operator: 'Exists' },
    { key: 'example.com/spot', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
  ),
  'spec.scheduling.affinity': fc.constantFrom({}, { podAntiAffinity: {} }),
  'spec.egress.to[]': fc.constantFrom(
    { hosts: ['api.example.com', '*.example.org'] },
    { hosts: ['db.tools.svc', 'localhost.localhost'], ports: [{ port: 1, endPort: 65535, protocol: 'UDP' }] },
    { cidrs: ['0.0.0.0/0', '::/0'], except: ['10.0.0.0/8'], ports: [{ port: 443 }] },
    { namespaceSelector: {} },
    { podSelector: { matchLabels: {}, matchExpressions: [{ key: 'app', operator: 'In', values: ['a'] }] } },
  ),
  get 'spec.contexts'() {
    return CONTEXTS.runtime
  },
  'spec.credentials[].mountPath': fc.constantFrom('/etc/one', '/home/agent/.ssh/id_ed25519', '/ä ö/日本'),
}

const text = fc.string({ maxLength: 20, unit: 'binary' })
const source: fc.Arbitrary<object> = fc.oneof(
  fc.record({ type: fc.constant('Inline'), inline: fc.record({ content: text }) }),
  fc.record({
    type: fc.constant('ConfigMap'),
    configMap: fc.record(
      { name, key: fc.constantFrom('a.md', '__proto__'), optional: fc.boolean() },
      { requiredKeys: ['name'] },
    ),
  }),
  fc.record({
    type: fc.constant('Secret'),
    secret: fc.record({ name, key: fc.constant('key') }, { requiredKeys: ['name'] }),
  }),
  fc.record({
    type: fc.constant('Git'),
    git: fc.record(
      {
        repository: fc.constantFrom('https://git.example.com/a.git', 'git@git.example.com:a.git'),
        path: fc.constantFrom('docs', 'docs/ä ö.md'),
        ref: fc.constantFrom('HEAD', 'v1'),
        depth: fc.constantFrom(0, 1),
        secretRef: fc.record({ name }),
      },
      { requiredKeys: ['repository'] },
    ),
  }),
  fc.record({
    type: fc.constant('Url'),
    url: fc.record(
      { url: fc.constant('https://example.com/a.json?b=c'), sha256: fc.constant('0'.repeat(64)) },
      { requiredKeys: ['url'] },
    ),
  }),
)
/** The same of a Context: of its members one. */
export const CONTEXT: Overrides = { spec: source }

const use = (places: string[]) =>
  fc
    .record({
      context: fc.oneof(fc.record({ name }), source),
      mountPath: fc.constantFrom(...places),
      fileMode: fc.constantFrom(0o444, 0o600),
    })
    .map(({ context, ...how }) => ({ ...context, ...how }))
/** Contexts, each in a place of its own. */
const uses = (places: string[]) => fc.uniqueArray(use(places), { maxLength: 3, selector: ({ mountPath }) => mountPath })
const CONTEXTS = {
  runtime: uses(['/etc/context-one', '/home/agent/context', '/workspace/AGENTS.md']),
  job: uses(['/etc/context-two', '/var/context', '/ä ö/context']),
}

const accepted = (spec: unknown) =>
  validate(agentJob, { ...TYPE, metadata: { name: 'a', namespace: 'agents' }, spec }).errors.length === 0

const TYPE = { apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentJob' }

/** Specs of AgentJobs as users write them, defaults left out or not; `podTemplate` where one is wanted. */
export const specs = (podTemplate: fc.Arbitrary<unknown> = fc.constant({})): fc.Arbitrary<Record<string, unknown>> =>
  arbitrary(agentJob.spec, overridesOf(podTemplate)).filter(accepted) as fc.Arbitrary<Record<string, unknown>>

/** The objects of a cluster: by kind, namespace and name. */
export type World = Map<string, unknown>

/** Some objects of every kind that an AgentJob refers to, in its namespace and in the library. */
export const worlds: fc.Arbitrary<World> = fc
  .tuple(
    ...kinds
      .filter(({ kind }) => kind !== 'AgentJob')
      .flatMap(({ kind, spec }) =>
        ['agents', 'library'].flatMap((namespace) =>
          NAMES.map((name) =>
            fc
              .option(arbitrary(spec, { ...(kind === 'Context' ? CONTEXT : RUNTIME), 'spec.env[].name': envNames }), {
                freq: 4,
              })
              .map((value) => [`${kind}/${namespace}/${name}`, value] as const),
          ),
        ),
      ),
  )
  .map((entries) => new Map(entries.filter(([, value]) => value !== null)))

/** The look-up over a world, its objects frozen. */
export function lookupIn(world: World): Lookup {
  const found = new Map(
    [...world].map(([key, spec]) => [key, frozen(referenced(key.split('/')[0] as string, spec))] as const),
  )
  return (kind, namespace, name) => found.get(`${kind}/${namespace}/${name}`)
}

export const SETTINGS = Settings.parse({ libraryNamespace: 'library' })

/** Everything in it frozen, so that whoever changes it throws. */
export function frozen<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}

/** An AgentJob as admission hands it on: validated, with its defaults, frozen. */
export function jobOf(spec: Record<string, unknown>, metadata: Partial<NamedAgentJob['metadata']> = {}): NamedAgentJob {
  const object = { ...TYPE, metadata: { name: 'job', namespace: 'agents', ...metadata }, spec }
  const checked = validate(agentJob, object)
  if (checked.errors.length) throw new Error(JSON.stringify(checked.errors))
  return frozen({ ...object, spec: checked.spec as AgentJobSpec })
}

/** Whether two references of a spec meet in one variable, for which it is refused whatever else it says. */
export const clashes = (job: NamedAgentJob, lookup: Lookup): boolean =>
  variableClashes(resolve(job.spec, job.metadata.namespace, lookup, SETTINGS)).length > 0
