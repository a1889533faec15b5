import { describe, expect, test } from 'bun:test'
import { agentJob } from './agentjob.ts'
import { formatFinding } from './finding.ts'
import { nearest, unknownFields } from './unknownfields.ts'

const cases: { name: string; given: Record<string, unknown>; want: string[] }[] = [
  {
    name: 'known ones',
    given: { apiVersion: 'x', kind: 'x', metadata: { a: 1 }, spec: { prompt: 1 }, status: {} },
    want: [],
  },
  { name: 'a typo', given: { spec: { promt: 'x' } }, want: ['spec.promt: unknown field; did you mean prompt?'] },
  {
    name: 'another case',
    given: { spec: { runtimeref: 'x' } },
    want: ['spec.runtimeref: unknown field; did you mean runtimeRef?'],
  },
  { name: 'of the object', given: { specs: {} }, want: ['specs: unknown field; did you mean spec?'] },
  {
    name: 'in an item of a list, below an optional object',
    given: { spec: { env: [{}, { name: 'A', valueFrom: { secretKeyRef: { key: 'k', nmae: 's' } } }] } },
    want: ['spec.env[1].valueFrom.secretKeyRef.nmae: unknown field; did you mean name?'],
  },
  {
    name: 'the beginning of one, and of several',
    given: { spec: { timeout: 1, ttl: 1, skill: 1 } },
    want: [
      'spec.timeout: unknown field; did you mean timeoutSeconds?',
      'spec.ttl: unknown field; did you mean ttlSecondsAfterFinished?',
      `spec.skill: unknown field; known here: ${Object.keys(agentJob.spec.shape).join(', ')}`,
    ],
  },
  { name: 'a field of the spec', given: { prompt: 'x' }, want: ['prompt: unknown field; it belongs below spec'] },
  {
    name: 'nothing like it',
    given: { spec: { persistence: { wibble: 1 } } },
    want: ['spec.persistence.wibble: unknown field; known here: size, storageClassName, accessMode'],
  },
  {
    name: 'a name of an object’s own',
    given: { spec: { persistence: { constructor: 1 } } },
    want: ['spec.persistence.constructor: unknown field; known here: size, storageClassName, accessMode'],
  },
  {
    name: 'what no schema describes is free',
    given: { spec: { podTemplate: { anything: 1 }, resources: { limits: { x: 1 } } } },
    want: [],
  },
  {
    name: 'wrong types are not its business',
    given: { spec: { env: 'x', persistence: [], resources: null } },
    want: [],
  },
]

describe('unknownFields', () => {
  for (const { name, given, want } of cases)
    test(name, () => expect(unknownFields(agentJob, given).map(formatFinding)).toEqual(want))
})

const words: { name: string; given: [string, string[]]; want: string | undefined }[] = [
  { name: 'one edit', given: ['nam', ['name', 'kind']], want: 'name' },
  { name: 'the nearer of two', given: ['skillRef', ['skillRefs', 'roleRef']], want: 'skillRefs' },
  { name: 'a short word takes one edit', given: ['ab', ['cd', 'ac']], want: 'ac' },
  { name: 'two letters that changed places', given: ['pormpt', ['prompt']], want: 'prompt' },
  { name: 'far longer than any', given: ['x'.repeat(3_000_000), ['name', 'prompt']], want: undefined },
  { name: 'nothing near', given: ['name', ['prompt']], want: undefined },
  { name: 'nothing to choose from', given: ['name', []], want: undefined },
]

describe('nearest', () => {
  for (const { name, given, want } of words) test(name, () => expect(nearest(...given)).toBe(want))
})
