import { describe, expect, test } from 'bun:test'
import { envFromRules, envRules } from './envrules.ts'
import { formatFinding } from './finding.ts'

const fieldRef = { fieldPath: 'metadata.name' }
const ONE_OF = 'must have exactly one of secretKeyRef, configMapKeyRef, fieldRef and resourceFieldRef'

const env: { name: string; given: unknown; want: string[] }[] = [
  { name: 'nothing', given: undefined, want: [] },
  { name: 'values', given: [{ name: 'A', value: 'a' }, { name: 'B', value: '' }, { name: 'C' }], want: [] },
  { name: 'a source', given: [{ name: 'A', valueFrom: { fieldRef } }], want: [] },
  { name: 'an empty value beside a source', given: [{ name: 'A', value: '', valueFrom: { fieldRef } }], want: [] },
  {
    name: 'both',
    given: [{ name: 'A', value: 'a', valueFrom: { fieldRef } }],
    want: ['spec.env[0]: has both value and valueFrom; remove one of them'],
  },
  { name: 'no source', given: [{ name: 'A', valueFrom: {} }], want: [`spec.env[0].valueFrom: ${ONE_OF}`] },
  {
    name: 'two sources',
    given: [{ name: 'A' }, { name: 'B', valueFrom: { fieldRef, secretKeyRef: {} } }],
    want: [`spec.env[1].valueFrom: ${ONE_OF}`],
  },
  { name: 'an unknown member is no source', given: [{ valueFrom: { fieldRef, constructor: {} } }], want: [] },
  {
    name: 'a source that is null',
    given: [{ valueFrom: { fieldRef: null } }],
    want: [`spec.env[0].valueFrom: ${ONE_OF}`],
  },
  { name: 'other shapes are the business of the schema', given: [null, 'A', [], { valueFrom: 5 }], want: [] },
]

const envFrom: { name: string; given: unknown; want: string[] }[] = [
  { name: 'nothing', given: undefined, want: [] },
  {
    name: 'one source each',
    given: [{ configMapRef: { name: 'a' } }, { prefix: 'B_', secretRef: { name: 'b' } }],
    want: [],
  },
  {
    name: 'none',
    given: [{ prefix: 'A_' }],
    want: ['spec.envFrom[0]: must have exactly one of configMapRef and secretRef'],
  },
  {
    name: 'both',
    given: [{ configMapRef: {}, secretRef: {} }],
    want: ['spec.envFrom[0]: must have exactly one of configMapRef and secretRef'],
  },
  { name: 'other shapes are the business of the schema', given: [null, 'x', []], want: [] },
]

describe('envRules', () => {
  for (const { name, given, want } of env) test(name, () => expect(envRules(given).map(formatFinding)).toEqual(want))
})

describe('envFromRules', () => {
  for (const { name, given, want } of envFrom)
    test(name, () => expect(envFromRules(given).map(formatFinding)).toEqual(want))
})
