import { expect, test } from 'bun:test'
import { type CachedPod, toCachedPod, withoutBallast } from './caches.ts'

test('a pod is cached with what tells why it does not start, or who has ended it', () => {
  const condition = (type: string) => ({ type, status: 'True' })
  const types = ['Initialized', 'Ready', 'PodScheduled', 'DisruptionTarget']
  const pod: CachedPod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', deletionTimestamp: '2026-05-04T09:20:30Z', deletionGracePeriodSeconds: 30 },
    status: { conditions: types.map(condition) },
  }
  const { metadata, status } = toCachedPod(pod)
  expect(status?.conditions).toEqual([condition('PodScheduled'), condition('DisruptionTarget')])
  expect(metadata).toEqual(pod.metadata)
})

const SOUND = {
  references: [{ kind: 'Context', namespace: 'a', name: 'b', hash: '' }],
  problems: [{ reason: 'Invalid', path: 'spec', message: 'is wrong' }],
  resources: [{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'a-1' } }],
}
const HASHES = {
  revision: '0a1b2c3d',
  configHash: '0123456789abcdef',
  inputHash: '0123456789abcdef',
  specHash: '0123456789abcdef0123456789abcdef',
}
const cached = (expansion: unknown) =>
  withoutBallast({ apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentJob', metadata: { name: 'a' }, expansion }).expansion

test('an expansion of ours is cached as it is', () => {
  for (const sound of [SOUND, { ...SOUND, ...HASHES }]) expect(cached(sound)).toEqual(sound)
})

for (const field of Object.keys(HASHES))
  for (const text of [
    'ABC',
    'a run was started by alice',
    '1\n{"level":"error"}',
    '\u001b[31m',
    'f'.repeat(65),
    7,
    null,
  ])
    test(`${JSON.stringify(text)} as ${field} is nothing that a log would tell`, () =>
      expect(cached({ ...SOUND, ...HASHES, [field]: text })).toBeUndefined())

// of these no text can be made, which an index would try
const NO_TEXTS: unknown[] = [{ toString: 1 }, { valueOf: null, toString: null }, [{ toString: 1 }], null, 7]
const [reference, problem] = [SOUND.references[0], SOUND.problems[0]]
for (const strange of NO_TEXTS)
  for (const [where, expansion] of Object.entries({
    'a reference': { ...SOUND, references: [strange] },
    'the kind of a reference': { ...SOUND, references: [{ ...reference, kind: strange }] },
    'the namespace of a reference': { ...SOUND, references: [{ ...reference, namespace: strange }] },
    'the name of a reference': { ...SOUND, references: [{ ...reference, name: strange }] },
    'the hash of a reference': { ...SOUND, references: [{ ...reference, hash: strange }] },
    'a problem': { ...SOUND, problems: [strange] },
    'the path of a problem': { ...SOUND, problems: [{ ...problem, path: strange }] },
    'the kind of a child': { ...SOUND, resources: [{ kind: strange, metadata: { name: 'a' } }] },
    'the metadata of a child': { ...SOUND, resources: [{ kind: 'Job', metadata: strange }] },
    'the name of a child': { ...SOUND, resources: [{ kind: 'Job', metadata: { name: strange } }] },
    'a list': { ...SOUND, references: strange },
  }))
    test(`${JSON.stringify(strange)} as ${where} is no expansion to be indexed`, () =>
      expect(cached(expansion)).toBeUndefined())
