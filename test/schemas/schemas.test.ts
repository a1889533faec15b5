import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv, { type ValidateFunction } from 'ajv'
import fc from 'fast-check'
import { schemaPath } from '../../src/api/jsonschema.ts'
import { API_VERSION, GROUP, VERSION } from '../../src/api/kind.ts'
import { kindOf, kinds } from '../../src/api/kinds.ts'
import { parseManifests } from '../../src/cli/manifests.ts'
import { filesBelow, ROOT } from '../docs/markdown.ts'
import { specs } from '../golden/arbitraries.ts'

/*
 * The files of schemas/ as editors and kubeconform read them: by a validator that knows nothing of where they come from.
 */

const FOLDER = join(ROOT, 'schemas')
const read = (path: string) => JSON.parse(readFileSync(join(FOLDER, path), 'utf8'))

const ajv = new Ajv({
  allErrors: true,
  strict: true,
  strictRequired: false,
  allowMatchingProperties: true,
  formats: { 'date-time': true },
})
for (const kind of kinds) ajv.addSchema(read(schemaPath(kind)), schemaPath(kind))
const validatorOf = (kind: string) =>
  ajv.getSchema(`${GROUP}/${kind.toLowerCase()}_${VERSION}.json`) as ValidateFunction
const any = ajv.compile(read('all.json'))

/** `/spec/prompt must be string`, with the field that is not known, or the value that would be right. */
function errorsOf(check: ValidateFunction, object: unknown): string[] {
  check(object)
  return (check.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, params.additionalProperty ?? params.allowedValue].filter(Boolean).join(' '),
  )
}

const objectOf = (kind: string, spec: unknown, metadata: object = { name: 'a' }) => ({
  apiVersion: API_VERSION,
  kind,
  metadata,
  spec,
})

test('one file a kind, where kubeconform looks for it', () => {
  const want = kinds.map(({ kind }) => `${kind.toLowerCase()}_v1alpha1.json`)
  expect(readdirSync(join(FOLDER, 'agentjob.io')).sort()).toEqual(want.sort())
})

describe('every example', async () => {
  const paths = (await filesBelow(join(ROOT, 'examples'))).filter((path) => /^(?!examples\/batch).*\.yaml$/.test(path))
  for (const path of paths)
    test(path, () => {
      const { manifests } = parseManifests(path, readFileSync(join(ROOT, path), 'utf8'))
      expect(manifests.flatMap(({ object }) => errorsOf(any, object))).toEqual([])
    })
})

for (const { kind, example } of kinds)
  describe(kind, () => {
    const check = validatorOf(kind)
    const right = objectOf(kind, example)

    test('the smallest one', () => expect(errorsOf(check, right)).toEqual([]))
    test('a name that the API server finds', () =>
      expect(errorsOf(check, objectOf(kind, example, { generateName: 'a-' }))).toEqual([]))
    for (const field of ['apiVersion', 'kind', 'metadata', 'spec'])
      test(`without ${field}`, () =>
        expect(errorsOf(check, { ...right, [field]: undefined })).toEqual([`must have required property '${field}'`]))
    test('no spec at all', () => expect(errorsOf(check, { ...right, spec: 5 })).toEqual(['/spec must be object']))
    test('another kind', () =>
      expect(errorsOf(check, { ...right, kind: 'Job' })).toEqual([`/kind must be equal to constant ${kind}`]))
    test('another version', () =>
      expect(errorsOf(check, { ...right, apiVersion: 'agentjob.io/v1' })).toEqual([
        `/apiVersion must be equal to constant ${API_VERSION}`,
      ]))
    test('a field that is not known', () => {
      expect(errorsOf(check, { ...right, speck: {} })).toEqual(['must NOT have additional properties speck'])
      expect(errorsOf(check, objectOf(kind, { ...example, promt: 'x' }))).toEqual([
        '/spec must NOT have additional properties promt',
      ])
      expect(errorsOf(check, objectOf(kind, example, { name: 'a', lables: {} }))).toEqual([
        '/metadata must NOT have additional properties lables',
      ])
    })
  })

const job = { runtimeRef: 'echo', prompt: 'Say hello.' }
const cases: { name: string; kind?: string; spec: object; want: string[] }[] = [
  { name: 'no prompt', spec: { runtimeRef: 'echo' }, want: ["/spec must have required property 'prompt'"] },
  { name: 'a number for a text', spec: { ...job, model: 5 }, want: ['/spec/model must be string'] },
  {
    name: 'a text for a number',
    spec: { ...job, timeoutSeconds: '60' },
    want: ['/spec/timeoutSeconds must be integer'],
  },
  { name: 'no time', spec: { ...job, timeoutSeconds: 0 }, want: ['/spec/timeoutSeconds must be >= 1'] },
  {
    name: 'a word that is none of them',
    spec: { ...job, redeploy: 'Always' },
    want: ['/spec/redeploy must be equal to one of the allowed values'],
  },
  {
    name: 'a name twice',
    spec: { ...job, skillRefs: ['a', 'a'] },
    want: ['/spec/skillRefs must NOT have duplicate items (items ## 1 and 0 are identical)'],
  },
  {
    name: 'a name in capitals',
    spec: { ...job, runtimeRef: 'Echo' },
    want: [expect.stringMatching(/^\/spec\/runtimeRef must match pattern /)],
  },
  {
    name: 'a field that is not known, far below',
    spec: { ...job, env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k', kye: '' } } }] },
    want: ['/spec/env/0/valueFrom/secretKeyRef must NOT have additional properties kye'],
  },
  { name: 'a quantity', spec: { ...job, resources: { limits: { cpu: 2, memory: '1Gi' } } }, want: [] },
  {
    name: 'no quantity',
    spec: { ...job, resources: { limits: { cpu: 'many' } } },
    want: [
      '/spec/resources/limits/cpu must be integer',
      expect.stringMatching(/^\/spec\/resources\/limits\/cpu must match pattern /),
      '/spec/resources/limits/cpu must match exactly one schema in oneOf',
    ],
  },
  {
    name: 'what no schema knows, where it is kept',
    spec: { ...job, podTemplate: { spec: { nodeSelector: { disk: 'ssd' } } } },
    want: [],
  },
  {
    name: 'no dialect',
    kind: 'AgentRuntime',
    spec: { image: 'a', dialect: 'claude' },
    want: ['/spec/dialect must be equal to one of the allowed values'],
  },
]
for (const { name, kind = 'AgentJob', spec, want } of cases)
  test(`${kind}: ${name}`, () => expect(errorsOf(validatorOf(kind), objectOf(kind, spec))).toEqual(want))

test('whatever admission takes', () => {
  const check = validatorOf('AgentJob')
  fc.assert(fc.property(specs(), (spec) => expect(errorsOf(check, objectOf('AgentJob', spec))).toEqual([])))
})

test('rules between fields are told of', () => {
  const { properties } = read(schemaPath(kindOf('McpServer')!))
  expect(properties.spec.description).toContain('Rule: exactly one of command and url must be set.')
})

describe('all.json', () => {
  test('objects of other groups are of no concern', () =>
    expect(errorsOf(any, { apiVersion: 'v1', kind: 'Secret', data: 5 })).toEqual([]))
  test('a kind that there is not', () =>
    expect(errorsOf(any, { apiVersion: API_VERSION, kind: 'AgentJbo' })).toEqual([
      '/kind must be equal to one of the allowed values',
      'must match "then" schema',
    ]))
  test('each kind by its own', () =>
    expect(errorsOf(any, objectOf('AgentRuntime', { image: 5 }))).toEqual([
      '/spec/image must be string',
      'must match "then" schema',
    ]))
})
