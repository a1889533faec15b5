import fc from 'fast-check'
import type { Fields } from '../../src/api/isfields.ts'
import { type ForeignField, fieldsOf } from './fields.ts'

/*
 * Objects of the foreign kinds, made from the lists of their fields: each field there or not, with values that its own
 * controller takes.
 */

const NAMES = ['one', 'two-2']
const name = fc.constantFrom(...NAMES)
const number = (max: number, min = 1) => fc.integer({ min, max })
const text = fc.constantFrom('Say hello.', 'Zähle die Boote.', 'line one\nline two\n')
const place = number(9999).map((at) => `/mnt/p${at}`)

/** Values of strings and numbers, by the end of their path. */
const VALUES: [RegExp, fc.Arbitrary<unknown>][] = [
  [/(prompt|description|instructions|text|content)$/, text],
  [/executorImage$/, fc.constantFrom('registry.example.com/a/bench:1')],
  [/(agent|attach)?[iI]mage$/, fc.constantFrom('registry.example.com/a/b:1', 'busybox')],
  [
    /mountPath$/,
    fc.oneof(
      place,
      number(9999).map((at) => `notes/n${at}.md`),
    ),
  ],
  [/(workspaceDir|configPath|persistPath)$/, number(9999).map((at) => `/srv/w${at}`)],
  [/fileMode$/, number(0o777, 0)],
  [/schedule$/, fc.constantFrom('0 3 * * *', '@daily', 'TZ=Europe/Rome 5 4 * * *')],
  [/time[zZ]one$/, fc.constantFrom('Europe/Paris', 'Asia/Tokyo')],
  [/(timeout|keepAlive|duration|interval|idleTimeout)$/, fc.constantFrom('90s', '1h30m')],
  [/repository$/, number(99).map((at) => `https://git.example.com/r/${at}`)],
  [/(url|source|endpoint)$/, number(99).map((at) => `https://files.example.com/${at}`)],
  [/git\.path$/, fc.constantFrom('docs', '.agents/', '/a/b')],
  [/git\.ref$/, fc.constantFrom('main', 'v1.2')],
  [/(secretRef|configMap)\.key$|Ref\.key$/, fc.constantFrom('a.txt', 'token')],
  [/(credentials\[\]\.env|authEnvVar)$/, fc.constantFrom('TOKEN', 'API_KEY')],
  [/credentials\[\]\.name$/, fc.constantFrom('one', 'Two Words', 'x'.repeat(60))],
  [/resourceTemplate|metadata/, text],
  [/(serverConfig\.|\.)port$|containerPort$/, number(65535)],
  [/(allowedTools|args|command)$/, text],
  [/namespace$/, fc.constantFrom('elsewhere')],
  [/repo$/, fc.constantFrom('example/skills')],
]

function scalar({ path, values, type }: ForeignField): fc.Arbitrary<unknown> {
  if (values) return fc.constantFrom(...values)
  if (type.endsWith('boolean')) return fc.boolean()
  const found = VALUES.find(([pattern]) => pattern.test(path))
  if (found) return found[1]
  // none of them is a default
  return type.endsWith('integer') ? number(100, 4) : name
}

const ENV = fc.constantFrom(
  { name: 'A', value: 'b' },
  { name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
)
const NATIVE: [RegExp, fc.Arbitrary<unknown>][] = [
  [/(\.env|extraEnv)$/, fc.uniqueArray(ENV, { selector: (one) => one.name, maxLength: 2 })],
  [/envFrom$/, fc.constantFrom([{ configMapRef: { name: 'one' } }], [{ prefix: 'P_', secretRef: { name: 'one' } }])],
  [/resources$/, fc.constantFrom({ limits: { cpu: '1' } }, { requests: { memory: '1Gi' } })],
  [/tolerations$/, fc.constantFrom([{ operator: 'Exists' }], [{ key: 'a', value: 'b', effect: 'NoSchedule' }])],
  [/affinity$/, fc.constantFrom({ podAntiAffinity: {} }, { nodeAffinity: {} })],
  [/imagePullSecrets$/, fc.constantFrom([{ name: 'pull' }])],
]

function valuesOf(field: ForeignField): fc.Arbitrary<unknown> {
  const { path, type, native } = field
  const found = native ? NATIVE.find(([pattern]) => pattern.test(path)) : undefined
  if (found) return found[1]
  if (type.startsWith('[]') && type !== '[]object') return fc.uniqueArray(scalar(field), { minLength: 1, maxLength: 2 })
  if (type === 'map[string]string') return fc.constantFrom({ team: 'red' }, { 'example.com/a': 'b', c: 'd' })
  if (type === '[]object') return fc.constantFrom([{ a: 'b' }])
  if (type === 'object' || type === 'any') return fc.constantFrom({ a: 'b' }, { c: { d: [1] } })
  return scalar(field)
}

interface Tree {
  [key: string]: Tree | ForeignField
}
const isField = (node: Tree | ForeignField): node is ForeignField => typeof node.path === 'string'

function treeOf(fields: ForeignField[]): Tree {
  const root: Tree = {}
  for (const field of fields) {
    const keys = field.path.split('.')
    let at = root
    for (const key of keys.slice(0, -1)) {
      at[key] ??= {}
      at = at[key] as Tree
    }
    at[keys.at(-1) as string] = field
  }
  return root
}

/** Rules as RBAC takes them. */
const RULES = fc.constantFrom(
  [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  [
    { nonResourceURLs: ['/livez'], verbs: ['get'] },
    { apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['a'], verbs: ['get', 'list'] },
  ],
)

/** Contexts that have the member that their type names, because others say nothing to anybody. */
const MEMBERS: Record<string, string> = {
  Text: 'text',
  Inline: 'inline',
  ConfigMap: 'configMap',
  Git: 'git',
  URL: 'url',
  Runtime: 'runtime',
}

/** A Task names an Agent or an AgentTemplate. */
const withoutAlternative = ({ templateRef, ...rest }: Fields): Fields =>
  templateRef === undefined || rest.agentRef !== undefined ? rest : { ...rest, templateRef }

function objects(tree: Tree): fc.Arbitrary<Fields> {
  const members = Object.entries(tree).map(([key, node]): [string, fc.Arbitrary<unknown>] => {
    const list = key.endsWith('[]') && !isField(node)
    if (key === 'rules[]' && 'nonResourceURLs' in node) return ['rules', RULES]
    const value = isField(node) ? valuesOf(node) : objects(node)
    const filled = list ? fc.array(value, { minLength: 1, maxLength: 2 }) : value
    if (key === '{*}') return ['a', filled]
    return [list ? key.slice(0, -2) : key, filled]
  })
  const all = Object.fromEntries(members)
  const record = fc.record(all, { requiredKeys: [], noNullPrototype: true }).map(withoutAlternative)
  const { type } = tree
  if (!type || !isField(type) || !type.values?.includes('Git')) return record
  return fc
    .tuple(record, fc.constantFrom(...type.values), fc.record(all, { noNullPrototype: true }))
    .map(([some, of, all]) => {
      const member = MEMBERS[of]
      const others = Object.entries(some).filter(([key]) => !Object.values(MEMBERS).includes(key) || key === member)
      return {
        ...Object.fromEntries(others),
        type: of,
        ...(member && member in all ? { [member]: (all as Fields)[member] } : {}),
      }
    })
}

/** What a kind cannot do without. */
const REQUIRED =
  /\.(prompt|description|runtimeRef|image|schedule|rules|allowedTools|repo|owner|command)$|secretRef\.name$|^spec\.name$/

/** Objects of a kind of a generation; `complete` ones have what is required. */
export function objectsOf(generation: string, kind: string): fc.Arbitrary<Fields> {
  const fields = fieldsOf(generation).get(kind) ?? []
  const required = fields.filter(
    ({ path }) => REQUIRED.test(path) && path.split('.').length <= 4 && !path.includes('['),
  )
  const needed = fc.record(Object.fromEntries(required.map((field) => [field.path, valuesOf(field)])))
  const mostly = fc.integer({ min: 0, max: 9 }).map((one) => one > 0)
  return fc.tuple(objects(treeOf(fields)), needed, mostly).map(([object, values, complete]) => {
    for (const [path, value] of complete ? Object.entries(values) : []) put(object, path.split('.'), value)
    return object
  })
}

function put(object: Fields, [key, ...rest]: string[], value: unknown): void {
  if (key === undefined) return
  if (!rest.length) object[key] ??= value
  else {
    object[key] ??= {}
    put(object[key] as Fields, rest, value)
  }
}
