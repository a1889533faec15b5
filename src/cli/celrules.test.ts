import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { objectSchema } from '../api/crd.ts'
import { type Finding, formatFinding } from '../api/finding.ts'
import { API_VERSION, type KindDefinition } from '../api/kind.ts'
import { kinds } from '../api/kinds.ts'
import type { StructuralSchema } from '../api/structural.ts'
import { validate } from '../api/validate.ts'
import { addCelErrors, celErrors } from './celrules.ts'
import { parseManifests } from './manifests.ts'
import { checkObjects } from './objects.ts'

const rule = (text: string, message = 'must be so') => ({ 'x-kubernetes-validations': [{ rule: text, message }] })
const text: StructuralSchema = { type: 'string' }
const object = (properties: Record<string, StructuralSchema>, more: StructuralSchema = {}): StructuralSchema => ({
  type: 'object',
  properties,
  ...more,
})

const cases: { name: string; schema: StructuralSchema; given: unknown; told?: Finding[]; want: string[] }[] = [
  { name: 'holds', schema: object({ a: text }, rule('has(self.a)')), given: { a: '' }, want: [] },
  { name: 'does not', schema: object({ a: text }, rule('has(self.a)')), given: {}, want: ['must be so'] },
  { name: 'a default is there', schema: object({ a: { default: 'x' } }, rule("self.a == 'x'")), given: {}, want: [] },
  {
    name: 'what the schema does not know is not',
    schema: object({ a: text }, rule('!has(self.b)')),
    given: { b: 1 },
    want: [],
  },
  {
    name: 'whole numbers',
    schema: object({ a: { type: 'integer' } }, rule('self.a < 5 && self.a / 2 == 1')),
    given: { a: 3 },
    want: [],
  },
  {
    name: 'others',
    schema: object({ a: { type: 'number' } }, rule('self.a / 2.0 == 1.0')),
    given: { a: 2 },
    want: [],
  },
  {
    name: 'in lists and maps, each at its place',
    schema: object({
      list: { items: object({ a: text }, rule('has(self.a)')) },
      map: { type: 'object', additionalProperties: { ...text, ...rule("self.startsWith('a')") } },
    }),
    given: { list: [{ a: '' }, {}], map: { 'a/b': 'b', __proto__: 'a' } },
    want: ['list[1]: must be so', 'map["a/b"]: must be so'],
  },
  {
    name: 'nothing is said where a field below is wrong by itself',
    schema: object({ a: { type: 'object', properties: { b: text }, ...rule("self.b == ''") } }),
    given: { a: { b: 5 } },
    told: [{ path: 'a.b', message: 'must be a string' }],
    want: [],
  },
  {
    name: 'but where another rule was broken, which is not told twice',
    schema: object(
      { a: text },
      { 'x-kubernetes-validations': [...rules('has(self.a)', 'one'), ...rules('false', 'two')] },
    ),
    given: {},
    told: [{ path: '', message: 'one' }],
    want: ['two'],
  },
  {
    name: 'what cannot be evaluated',
    schema: object({ a: { type: 'object', properties: {} } }, rule("self.a.b == ''")),
    given: { a: {} },
    want: ['No such key: b evaluating rule: must be so'],
  },
  {
    name: 'of an earlier object',
    schema: object({ a: text }, rule('self.a == oldSelf.a')),
    given: { a: '' },
    want: [],
  },
]
for (const { name, schema, given, told = [], want } of cases)
  test(`celErrors: ${name}`, () => expect(celErrors(schema, given, told).map(formatFinding)).toEqual(want))

test('addCelErrors: of objects of a file, what is not told yet', () => {
  const { manifests } = parseManifests(
    'a.yaml',
    `apiVersion: ${API_VERSION}\nkind: McpServer\nmetadata: {name: a}\nspec: {}`,
  )
  const { objects } = checkObjects(manifests, 'default')
  const told = (objects[0]?.errors ?? []).splice(0).map(formatFinding)
  addCelErrors(objects)
  addCelErrors(objects)
  expect(objects[0]?.errors.map(formatFinding)).toEqual(told)
  expect(told).toEqual(['spec: exactly one of command and url must be set'])
})

function rules(text: string, message: string) {
  return rule(text, message)['x-kubernetes-validations']
}

const WORDS = [
  '',
  'a',
  '1',
  'A',
  '/a',
  'https://a.example/b',
  'metadata.name',
  'limits.cpu',
  'OOMKilled',
  '1h30m',
  '0'.repeat(64),
]

/** Those that a schema takes by themselves; what it does not take keeps our own rules from being looked at. */
function words({ pattern = '', minLength = 0, maxLength = 64 }: StructuralSchema): string[] {
  const fit = WORDS.filter((word) => word.length >= minLength && word.length <= maxLength)
  const matching = fit.filter((word) => new RegExp(pattern, 'u').test(word))
  if (!matching.length) throw new Error(`none of the words matches ${pattern}`)
  return matching.slice(0, 2)
}

/** Values that a schema takes as far as each by itself goes: rules are to hold and to be broken. */
function typed(schema: StructuralSchema): fc.Arbitrary<unknown> {
  const { properties, items, additionalProperties, required = [] } = schema
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (properties) {
    const all = mapped(properties, typed)
    // with hardly anything, too: of many optional fields one is there nearly always
    const needed = Object.fromEntries(Object.entries(all).filter(([key]) => required.includes(key)))
    return fc.oneof(
      { arbitrary: fc.record(all, { requiredKeys: required }), weight: 4 },
      { arbitrary: fc.record(needed), weight: 1 },
    )
  }
  if (items) return fc.array(typed(items), { minLength: schema.minItems, maxLength: 2 })
  if (additionalProperties) return fc.dictionary(fc.constantFrom('a', 'b'), typed(additionalProperties), { maxKeys: 2 })
  if (schema.type === 'object') return fc.constant({})
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'integer' || schema.type === 'number') return fc.integer({ min: schema.minimum ?? 0, max: 3 })
  return fc.constantFrom(...words(schema))
}

const mapped = <A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))

const messagesOf = (schema: StructuralSchema): string[] =>
  [...JSON.stringify(schema).matchAll(/"rule":(?:"(?:[^"\\]|\\.)*"),"message":("(?:[^"\\]|\\.)*")/g)].map(([, text]) =>
    JSON.parse(text as string),
  )

/** What our own rules say that the CRD has, too. */
function ours(kind: KindDefinition, messages: string[], spec: unknown): string[] {
  const { errors } = validate(kind, { apiVersion: API_VERSION, kind: kind.kind, metadata: { name: 'a' }, spec })
  return errors.filter(({ message }) => messages.includes(message)).map(formatFinding)
}

describe('the rules in CEL and our own say the same', () => {
  const ruled = kinds.filter((kind) => messagesOf(objectSchema(kind)).length > 0)
  test('there are some', () => expect(ruled.map(({ kind }) => kind)).toContain('ClusterAccess'))
  for (const kind of ruled)
    test(kind.kind, () => {
      const schema = objectSchema(kind)
      const messages = messagesOf(schema)
      const unseen = new Set(messages)
      const specs = typed(schema.properties?.spec as StructuralSchema)
      fc.assert(
        fc.property(specs, (spec) => {
          const cel = celErrors(schema, { spec }, [])
          for (const { message } of cel) unseen.delete(message)
          expect(cel.map(formatFinding).sort()).toEqual(ours(kind, messages, spec).sort())
        }),
        { numRuns: 500 },
      )
      // each of them was broken at least once
      expect([...unseen]).toEqual([])
    })
})
