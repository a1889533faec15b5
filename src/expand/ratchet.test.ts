import { describe, expect, test } from 'bun:test'
import type { Expansion, Grant } from '../api/expansion.ts'
import { expand } from './expand.ts'
import { inputFor, lookupOf, type Objects } from './fixtures.ts'
import type { ExpandInput } from './input.ts'
import { referenced } from './referenced.ts'

const rule = (...verbs: string[]) => ({ apiGroups: [''], resources: ['pods'], verbs })
const ACCESS: Objects = { 'ClusterAccess/reader': { rules: [rule('get', 'delete')] } }
const SPEC = { schedule: '@daily', clusterAccessRef: 'reader', persist: true }
const first = expand(inputFor(SPEC, ACCESS)).expansion

/** A touch when the world has come to hold these objects. */
const touched = (objects: Objects, more: Partial<ExpandInput> = {}) =>
  expand({ ...inputFor(SPEC), lookup: lookupOf(objects), previous: first, specChanged: false, ...more }).expansion

const kindsOf = ({ resources }: Expansion) => resources.map(({ kind }) => kind)
const rulesOf = ({ resources }: Expansion) => resources.find(({ kind }) => kind === 'Role')?.rules
const suspends = ({ resources }: Expansion) =>
  (resources.find(({ kind }) => kind === 'CronJob')?.spec as { suspend: boolean } | undefined)?.suspend
const NO_RUNTIME: Objects = { 'AgentRuntime/echo': undefined }

describe('with something in the way', () => {
  const gone = touched({ ...ACCESS, ...NO_RUNTIME })

  test('the children stay, the schedule pauses', () => {
    expect(kindsOf(gone)).toEqual(kindsOf(first))
    expect([suspends(first), suspends(gone)]).toEqual([false, true])
    expect(gone.problems.map(({ reason, path }) => `${reason} ${path}`)).toEqual(['ReferenceNotFound spec.runtimeRef'])
  })

  test('the paused schedule is told from the other by its applied hash', () => {
    const hashOf = ({ resources }: Expansion) =>
      resources.find(({ kind }) => kind === 'CronJob')?.metadata.annotations?.['agentjob.io/applied-hash']
    expect(hashOf(gone)).not.toBe(hashOf(first))
    const again = touched({ ...ACCESS, ...NO_RUNTIME }, { previous: gone })
    expect(hashOf(again)).toBe(hashOf(gone))
  })

  test('what runs is what was rendered then', () => {
    for (const field of ['configHash', 'revision', 'renderer', 'inputHash', 'referencesHash'] as const)
      expect(gone[field]).toBe(first[field] as never)
    expect(gone.references).not.toEqual(first.references)
  })

  test('the way free again, all is as before', () => {
    expect(touched(ACCESS, { previous: gone })).toEqual(first)
  })
})

describe('rights', () => {
  test('go when the ClusterAccess goes; the account stays for the pods that use it', () => {
    expect(kindsOf(touched({}))).toEqual(['PersistentVolumeClaim', 'ServiceAccount', 'CronJob'])
  })

  test('become fewer, whatever else is in the way', () => {
    const narrow = { 'ClusterAccess/reader': { rules: [rule('get')] } }
    expect(rulesOf(touched({ ...narrow, ...NO_RUNTIME }))).toEqual([rule('get')])
  })

  test('move with the scope', () => {
    const everywhere = { 'ClusterAccess/reader': { scope: 'Cluster', rules: [rule('get')] } }
    const kinds = kindsOf(touched({ ...everywhere, ...NO_RUNTIME }))
    expect(kinds).toEqual(['PersistentVolumeClaim', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'CronJob'])
  })

  const hash = referenced('ClusterAccess', ACCESS['ClusterAccess/reader'])?.hash
  const WIDER = { 'ClusterAccess/reader': { rules: [rule('*')] } }
  const cases: { name: string; grants: Grant[]; objects: Objects; granted: boolean }[] = [
    { name: 'by the verb use', grants: [{ namespace: 'agents', name: 'reader' }], objects: WIDER, granted: true },
    {
      name: 'of just this content',
      grants: [{ namespace: 'agents', name: 'reader', hash }],
      objects: ACCESS,
      granted: true,
    },
    {
      name: 'of other content',
      grants: [{ namespace: 'agents', name: 'reader', hash }],
      objects: WIDER,
      granted: false,
    },
    {
      name: 'in another namespace',
      grants: [{ namespace: 'library', name: 'reader' }],
      objects: ACCESS,
      granted: false,
    },
    { name: 'of another name', grants: [{ namespace: 'agents', name: 'other' }], objects: ACCESS, granted: false },
    { name: 'none', grants: [], objects: ACCESS, granted: false },
  ]
  for (const { name, grants, objects, granted } of cases)
    test(`a grant ${name} ${granted ? 'suffices' : 'does not suffice'}`, () => {
      for (const [index, world] of [objects, { ...objects, ...NO_RUNTIME }].entries()) {
        const { problems, ...expansion } = touched(world, { grants })
        expect(problems.some(({ reason }) => reason === 'Forbidden')).toBe(!granted)
        expect([index, expansion.resources.some(({ kind }) => kind === 'Role')]).toEqual([index, granted])
      }
    })
})

describe('a run with something in the way', () => {
  const once = expand(inputFor({})).expansion
  const next = (spec: object, objects: Objects, previous = once) =>
    expand({ ...inputFor(spec, objects), previous, specChanged: true }).expansion

  test('goes on when the spec changes in what is no input', () => {
    expect(next({ suspend: true, ttlSecondsAfterFinished: 1 }, NO_RUNTIME).resources).toEqual(once.resources)
  })

  test('ends when its input changes, and the new one waits', () => {
    const waiting = next({ prompt: 'x' }, NO_RUNTIME)
    expect(waiting.resources).toEqual([])
    expect(waiting.revision).not.toBe(once.revision)
    const { revision, resources } = next({ prompt: 'x' }, {}, waiting)
    expect(revision).toBe(waiting.revision)
    expect(resources.map(({ metadata }) => metadata.name)).toEqual([`hello-${revision}`])
  })

  test('of OnChange runs again when the reference comes back as another', () => {
    const spec = { redeploy: 'OnChange' }
    const before = expand(inputFor(spec)).expansion
    const waiting = next(spec, NO_RUNTIME, before)
    expect(waiting.revision).toBe(before.revision)
    expect(next(spec, {}, waiting).revision).toBe(before.revision)
    expect(next(spec, { 'AgentRuntime/echo': { image: 'other' } }, waiting).revision).not.toBe(before.revision)
  })
})
