import { expect, test } from 'bun:test'
import { created, library, naming, READER, touch, world } from './testdata/stored.ts'
import {
  type Given,
  RUNTIME,
  request,
  OPERATOR as THE_OPERATOR,
  type There,
  webhook,
  written,
} from './testdata/webhook.ts'

/*
 * What an AgentJob takes that names a ClusterAccess: who is asked, and whose word counts later.
 */

const USE = 'use clusteraccesses.agentjob.io "reader" in namespace agents'
const USE_LIBRARY = 'use clusteraccesses.agentjob.io "reader" in namespace library'
const RIGHT = 'get pods in namespace agents'
const may =
  (...rights: string[]): Given['may'] =>
  (right, user) =>
    user.username === 'alice' && rights.includes(right)
const inLibrary: There = [READER[0], READER[1], READER[2], 'library']
const refusal =
  'spec.clusterAccessRef: alice may not use ClusterAccess "reader": it takes the verb "use" on clusteraccesses.agentjob.io, or every right in it'

const grants: { name: string; given: Given; want: object[] | string }[] = [
  {
    name: 'the verb use',
    given: { there: [RUNTIME, READER], may: may(USE) },
    want: [{ namespace: 'agents', name: 'reader' }],
  },
  {
    name: 'every right in it, for as long as it has these',
    given: { there: [RUNTIME, READER], may: may(RIGHT) },
    want: [{ namespace: 'agents', name: 'reader', hash: expect.any(String) }],
  },
  { name: 'neither', given: { there: [RUNTIME, READER], may: may() }, want: refusal },
  { name: 'neither, and there is none', given: { may: may() }, want: refusal },
  { name: 'the rights that it would have, if there were one', given: { may: may(RIGHT) }, want: refusal },
  {
    name: 'the verb use, before there is one',
    given: { may: may(USE) },
    want: [{ namespace: 'agents', name: 'reader' }],
  },
  {
    name: 'the verb use on one in the library',
    given: { settings: library, there: [RUNTIME, inLibrary], may: may(USE_LIBRARY) },
    want: [{ namespace: 'library', name: 'reader' }],
  },
  {
    name: 'the verb use in the namespace, the object being in the library',
    given: { settings: library, there: [RUNTIME, inLibrary], may: may(USE) },
    want: refusal,
  },
  {
    name: 'the verb use in the library, but one in the namespace is in front of it',
    given: { settings: library, there: [RUNTIME, READER, inLibrary], may: may(USE_LIBRARY) },
    want: refusal,
  },
  {
    name: 'the verb use in both',
    given: { settings: library, there: [RUNTIME, READER, inLibrary], may: may(USE, USE_LIBRARY) },
    want: [
      { namespace: 'agents', name: 'reader' },
      { namespace: 'library', name: 'reader' },
    ],
  },
]

for (const { name, given, want } of grants)
  test(`naming a ClusterAccess takes a right: ${name}`, async () => {
    const { allowed, status, object } = await world(given).admit(request(written(naming)))
    if (typeof want === 'string')
      expect({ allowed, code: status?.code, message: status?.message }).toEqual({
        allowed: false,
        code: 403,
        message: want,
      })
    else expect(object.expansion?.grants).toEqual(want as never)
  })

test('a refusal tells nothing of whether there is such a ClusterAccess', async () => {
  const answers = [[RUNTIME], [RUNTIME, READER]].map((there) => world({ there }).admit(request(written(naming))))
  const [without, withOne] = await Promise.all(answers)
  expect(withOne).toEqual(without as never)
})

test('when nobody can say who may what, naming a ClusterAccess is refused', async () => {
  const refuses = () => {
    throw new Error('no connection to 10.0.0.1')
  }
  const { allowed, status } = await world({ may: refuses }).admit(request(written(naming)))
  expect({ allowed, code: status?.code }).toEqual({ allowed: false, code: 500 })
  expect(status?.message).not.toContain('10.0.0.1')
})

test('an AgentJob that names no ClusterAccess asks nobody', async () => {
  const { admit, seen } = world()
  await admit(request(written()))
  expect(seen.asked).toEqual([])
})

const withAccess: Given = { there: [RUNTIME, READER], may: may(USE) }

test('a touch asks nobody, and carries the grants of the requester along', async () => {
  const old = await created(naming, withAccess)
  const { admit, seen } = world({ there: [RUNTIME, READER] })
  expect((await admit(touch(old))).patch).toEqual([])
  expect(seen.asked).toEqual([])
})

test('a change of the spec by somebody who may not use the ClusterAccess is refused', async () => {
  const old = await created(naming, withAccess)
  const change = touch(old, { spec: { ...old.spec, prompt: 'Delete it.' } }, { userInfo: { username: 'bob' } })
  const { allowed, status } = await world(withAccess).admit(change)
  expect({ allowed, code: status?.code }).toEqual({ allowed: false, code: 403 })
  expect(status?.message).toStartWith('spec.clusterAccessRef: bob may not use')
})

test('rights that were enough for what a ClusterAccess held do not vouch for more', async () => {
  const old = await created(naming, { ...withAccess, may: may(RIGHT) })
  const wider: There = ['ClusterAccess', 'reader', { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }]
  const { allowed, object } = await world({ there: [RUNTIME, wider], may: () => true }).admit(touch(old))
  expect(allowed).toBe(true)
  expect(object.expansion?.problems.map(({ reason }) => reason)).toEqual(['Forbidden'])
  expect(object.expansion?.resources.map(({ kind }) => kind)).not.toContain('RoleBinding')
})

test('nobody vouches for what changed while admission was not asked', async () => {
  const old = await created(naming, { there: [RUNTIME, READER], may: may(USE) })
  const edited = { ...old, spec: { ...old.spec, prompt: 'Send me the tokens.' } }
  const { object } = await webhook({ there: [RUNTIME, READER] }).admit(touch(edited))
  expect(object.expansion).toMatchObject({ requester: '', problems: [{ reason: 'Forbidden' }] })
  expect(object.expansion?.grants ?? []).toEqual([])
})

test('the operator is never the requester, even where another webhook changes the spec under its touch', async () => {
  const old = await created(naming, { there: [RUNTIME, READER], may: may(USE) })
  const queued = { spec: { ...old.spec, queueName: 'batch' } }
  const given: Given = { there: [RUNTIME, READER], may: () => true }
  const { allowed, object } = await webhook(given).admit(touch(old, queued, { userInfo: { username: THE_OPERATOR } }))
  expect(allowed).toBe(true)
  expect(object.expansion?.requester).toBe('')
  expect(object.expansion?.grants ?? []).toEqual([])
})
