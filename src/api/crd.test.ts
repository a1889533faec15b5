import { describe, expect, test } from 'bun:test'
import { crd } from './crd.ts'
import type { KindDefinition } from './kind.ts'
import { kinds } from './kinds.ts'
import type { StructuralSchema } from './structural.ts'

const schemaOf = (kind: KindDefinition) => crd(kind).spec.versions[0]?.schema.openAPIV3Schema as StructuralSchema

/** Every schema below one, with its path. */
function* all(schema: StructuralSchema, path = ''): Generator<[path: string, schema: StructuralSchema]> {
  yield [path, schema]
  for (const [name, property] of Object.entries(schema.properties ?? {})) yield* all(property, `${path}.${name}`)
  if (schema.items) yield* all(schema.items, `${path}[]`)
  if (schema.additionalProperties) yield* all(schema.additionalProperties, `${path}{}`)
}

/** Paths in the schemas of all kinds, without what the API server itself knows, for which a test holds. */
const paths = (holds: (schema: StructuralSchema, path: string) => unknown) =>
  kinds.flatMap((kind) =>
    [...all(schemaOf(kind))]
      .filter(([path, schema]) => !['.apiVersion', '.kind', '.metadata'].includes(path) && holds(schema, path))
      .map(([path]) => kind.kind + path),
  )

/** Closed, but for what stands below a field that is new itself and has none. */
const DEFAULTS = [
  'AgentJob.spec.timezone',
  'AgentJob.spec.concurrencyPolicy',
  'AgentJob.spec.successfulRunsHistoryLimit',
  'AgentJob.spec.failedRunsHistoryLimit',
  'AgentJob.spec.suspend',
  'AgentJob.spec.timeoutSeconds',
  'AgentJob.spec.backoffLimit',
  'AgentJob.spec.retry.ignoreDisruption',
  'AgentJob.spec.retry.resume',
  'AgentJob.spec.humanInTheLoop.enabled',
  'AgentJob.spec.humanInTheLoop.keepAlive',
  'AgentJob.spec.ttlSecondsAfterFinished',
  'AgentJob.spec.redeploy',
  'AgentJob.spec.persist',
  'AgentJob.spec.persistence.size',
  'AgentJob.spec.persistence.accessMode',
]

describe('the schemas of all kinds', () => {
  test('have a maximum for every string, list and map', () => {
    const unbounded = ({ type, enum: values, ...schema }: StructuralSchema) =>
      (type === 'string' && !values && schema.maxLength === undefined) ||
      (type === 'array' && schema.maxItems === undefined) ||
      (schema.additionalProperties && schema.maxProperties === undefined)
    expect(paths(unbounded)).toEqual([])
  })

  // the API server writes defaults into every object, and webhooks of the version before refuse fields that they do not know
  test('have no default for a field of AgentJob that is added later', () => {
    const defaults = paths(({ default: value }) => value !== undefined)
    expect(defaults.filter((path) => path.startsWith('AgentJob.spec.'))).toEqual(DEFAULTS)
  })

  test('say what every field is', () => {
    expect(paths(({ description }, path) => !description && !/(\[\]|\{\})$/.test(path))).toEqual([])
  })

  test('say how each list is merged', () => {
    expect(paths((schema) => schema.items && !schema['x-kubernetes-list-type'])).toEqual([])
  })

  test('have no pattern that the API server cannot read', () => {
    expect(paths(({ pattern }) => pattern && /\(\?[^:]|\\[1-9]/.test(pattern))).toEqual([])
  })
})

describe('each kind', () => {
  for (const kind of kinds) {
    test(`${kind.kind}: its CRD is small enough for kubectl apply`, () =>
      expect(JSON.stringify(crd(kind)).length).toBeLessThan(262144))
    test(`${kind.kind}: its example is valid`, () =>
      expect(kind.spec.safeParse(kind.example)).toMatchObject({ success: true }))
  }
  const words = kinds.flatMap(({ plural, singular, shortNames }) => [plural, singular, ...shortNames])
  test('has names of its own', () => expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]))
})

test('crd: names, status subresource, columns, and a field for the expansion', () => {
  const [job, runtime] = kinds.map(crd)
  expect(job).toMatchObject({
    metadata: { name: 'agentjobs.agentjob.io' },
    spec: { names: { listKind: 'AgentJobList', shortNames: ['aj'], categories: ['agents'] }, scope: 'Namespaced' },
  })
  expect(job?.spec.versions).toMatchObject([
    {
      subresources: { status: {} },
      schema: {
        openAPIV3Schema: {
          properties: {
            expansion: { 'x-kubernetes-preserve-unknown-fields': true, 'x-kubernetes-map-type': 'atomic' },
          },
        },
      },
    },
  ])
  expect(runtime?.spec.versions[0]?.subresources).toBeUndefined()
  const { properties } = runtime?.spec.versions[0]?.schema.openAPIV3Schema ?? {}
  expect(Object.keys(properties as object)).toEqual(['apiVersion', 'kind', 'metadata', 'spec'])
  const columns = job?.spec.versions[0]?.additionalPrinterColumns.filter(({ priority }) => !priority)
  expect(columns?.map(({ name }) => name)).toEqual(['Schedule', 'Suspended', 'Phase', 'Last Run', 'Age'])
})
