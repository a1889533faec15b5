import { expect, test } from 'bun:test'
import type { AgentJob } from '../src/api/agentjob.ts'
import type { Expansion } from '../src/api/expansion.ts'
import { epochOf, sign, verify } from '../src/signing/signature.ts'
import { created, IDENTITY, naming, READER, touch, world } from './testdata/stored.ts'
import { KEY, RUNTIME } from './testdata/webhook.ts'

/*
 * Which stored expansions are built upon, while keys change and when they do not.
 */

/** Stored expansions that we did not make: what is in them must not count. */
const unsound: { name: string; of(expansion: Expansion): unknown }[] = [
  { name: 'no signature', of: ({ signature: _, ...rest }) => rest },
  { name: 'another requester', of: (expansion) => ({ ...expansion, requester: 'admin' }) },
  { name: 'a grant more', of: (expansion) => ({ ...expansion, grants: [{ namespace: 'agents', name: 'reader' }] }) },
  { name: "a stranger's signature", of: (expansion) => sign(expansion, IDENTITY, new Uint8Array(32)) },
  { name: "another object's", of: (expansion) => sign(expansion, { ...IDENTITY, name: 'other' }, KEY) },
  { name: 'no expansion at all', of: () => 'none' },
]

for (const { name, of } of unsound)
  test(`a stored expansion is not built upon: ${name}`, async () => {
    const old = await created()
    const expansion = (await of(old.expansion as Expansion)) as Expansion
    const spec = { ...old.spec, clusterAccessRef: 'reader' }
    const { object } = await world({ there: [RUNTIME, READER] }).admit(touch({ ...old, spec, expansion }))
    expect(object.expansion).toMatchObject({ requester: '' })
    expect(object.expansion?.grants).toBeUndefined()
    expect(object.expansion?.problems.map(({ reason }) => reason)).toEqual(['Forbidden'])
    expect(await verify(object.expansion, IDENTITY, KEY)).toBe(true)
  })

const NEWER = new Uint8Array(32).fill(8)
/** What replicas know in each phase of a rotation. */
const FIRST_SIGNS = { keys: new Map([1, 2].map((epoch) => [epoch, epoch === 1 ? KEY : NEWER])), signs: 1 }
const SECOND_SIGNS = { ...FIRST_SIGNS, signs: 2 }
const SECOND_ALONE = { keys: new Map([[2, NEWER]]), signs: 2 }

for (const { name, spec } of [
  { name: 'an AgentJob', spec: {} },
  { name: 'one with a problem', spec: { runtimeRef: 'missing' } },
  { name: 'one with a grant', spec: naming },
])
  test(`a touch signs ${name} anew where another key signs, and changes nothing else`, async () => {
    const may = () => true
    const old = await created(spec, { there: [RUNTIME, READER], may })
    const { object } = await world({ there: [RUNTIME, READER], epochs: SECOND_SIGNS }).admit(touch(old))
    expect(object.expansion).toEqual({ ...old.expansion, signature: object.expansion?.signature } as Expansion)
    expect(epochOf(object.expansion)).toBe(2)
    expect(await verify(object.expansion, IDENTITY, NEWER)).toBe(true)
    expect((await world({ there: [RUNTIME, READER], epochs: SECOND_SIGNS }).admit(touch(object))).patch).toEqual([])
  })

test('who does not sign with the newer key yet leaves its signatures alone', async () => {
  const old = await created({}, { epochs: SECOND_SIGNS })
  expect((await world({ epochs: FIRST_SIGNS }).admit(touch(old))).patch).toEqual([])
})

test('who does not know the newer key yet looks for it before it judges', async () => {
  const old = await created(naming, { there: [RUNTIME, READER], may: () => true, epochs: SECOND_SIGNS })
  const given = { there: [RUNTIME, READER], newer: SECOND_SIGNS }
  expect((await world(given).admit(touch(old))).patch).toEqual([])
})

test('where it cannot be looked for, the request is refused, and nothing is thrown away', async () => {
  const old = await created({}, { epochs: SECOND_SIGNS })
  const { allowed, status } = await world().admit(touch(old))
  expect({ allowed, code: status?.code }).toEqual({ allowed: false, code: 500 })
})

test('what a retired key signed is not built upon, and nothing runs again', async () => {
  const old = await created()
  const { revision, inputHash, configHash } = old.expansion as Expansion
  const ran = { ...old, status: { revision, inputHash, configHash } } as AgentJob
  const { object } = await world({ epochs: SECOND_ALONE }).admit(touch(ran))
  expect(object.expansion).toMatchObject({ requester: '', revision })
  expect(epochOf(object.expansion)).toBe(2)
})

test('an AgentJob whose stored spec is not valid is signed anew as well', async () => {
  const old = await created()
  const broken = { ...old, spec: { ...old.spec, backoffLimit: -1 } } as AgentJob
  const kept = (await world().admit(touch(broken))).object
  expect(kept.expansion?.problems.map(({ reason }) => reason)).toEqual(['Invalid'])
  const { object } = await world({ epochs: SECOND_SIGNS }).admit(touch(kept))
  expect(object.expansion).toEqual({ ...kept.expansion, signature: object.expansion?.signature } as Expansion)
  expect(epochOf(object.expansion)).toBe(2)
})
