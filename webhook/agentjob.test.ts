import { expect, test } from 'bun:test'
import { type AgentJob, RERUN_ANNOTATION } from '../src/api/agentjob.ts'
import type { Expansion } from '../src/api/expansion.ts'
import { epochOf, sign, verify } from '../src/signing/signature.ts'
import type { AdmissionRequest } from './review.ts'
import {
  type Given,
  KEY,
  RUNTIME,
  request,
  OPERATOR as THE_OPERATOR,
  type There,
  webhook,
  written,
} from './testdata/webhook.ts'

const OPERATOR = { username: 'system:serviceaccount:agentjob:agentjob' }
const IDENTITY = { namespace: 'agents', name: 'hello' }
const world = (more: Given = {}) => webhook({ there: [RUNTIME], ...more })

/** An AgentJob as it is stored after somebody has created it. */
async function created(spec: object = {}, given: Given = {}, who: Partial<AdmissionRequest> = {}): Promise<AgentJob> {
  const { allowed, object, status } = await world(given).admit(request(written(spec), who))
  if (!allowed) throw new Error(status?.message)
  return object
}

/** A request that writes the object as it is stored, save for what is given. */
const touch = (old: AgentJob, more: object = {}, who: Partial<AdmissionRequest> = { userInfo: OPERATOR }) =>
  request({ ...old, ...more }, { ...who, oldObject: old })

test('a new AgentJob is expanded, signed, and knows who wrote it', async () => {
  const { patch, object, warnings } = await world().admit(request(written()))
  expect(patch.map(({ op, path }) => `${op} ${path}`)).toEqual(['add /expansion'])
  expect(object.expansion).toMatchObject({ requester: 'alice', problems: [] })
  expect(object.expansion?.resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    `Job hello-${object.expansion?.revision}`,
  ])
  expect(await verify(object.expansion, IDENTITY, KEY)).toBe(true)
  expect(warnings).toBeUndefined()
})

test('a dry run is answered like any other', async () => {
  const answers = [false, true].map((dryRun) => world().admit(request(written(), { dryRun })))
  const [real, dry] = await Promise.all(answers)
  expect(dry).toEqual(real as never)
})

test('an expansion that comes with a new AgentJob is not ours, even with a signature of ours', async () => {
  const forged = await sign({ ...(await created()).expansion, requester: 'admin' } as Expansion, IDENTITY, KEY)
  const { object } = await world().admit(request(written({}, {}, { expansion: forged })))
  expect(object.expansion).toEqual((await created()).expansion as Expansion)
})

for (const { name, more } of [
  { name: 'nothing changed', more: {} },
  { name: 'a label', more: { metadata: { name: 'hello', namespace: 'agents', labels: { a: 'b' } } } },
  { name: 'a default spelled out', more: { spec: { runtimeRef: 'echo', prompt: 'Say hello.', backoffLimit: 0 } } },
])
  test(`a touch has nothing to patch: ${name}`, async () => {
    const { allowed, patch, warnings } = await world().admit(touch(await created(), more))
    expect({ allowed, patch, warnings }).toEqual({ allowed: true, patch: [], warnings: undefined })
  })

for (const { name, expansion } of [
  { name: 'leaves it out', expansion: undefined },
  { name: 'sets it to null', expansion: null },
  { name: 'forges it', expansion: { requester: 'admin', resources: [] } },
])
  test(`the expansion is put back where an update ${name}`, async () => {
    const old = await created()
    const { object } = await world().admit(touch(old, { expansion }, {}))
    expect(object.expansion).toEqual(old.expansion as Expansion)
  })

test('a touch after a change of a reference expands anew, for whoever wrote the spec', async () => {
  const there: There[] = [['AgentRuntime', 'echo', { image: 'registry.example.com/echo:2' }]]
  const old = await created()
  const { object } = await webhook({ there }).admit(touch(old))
  expect(object.expansion).toMatchObject({ requester: 'alice', revision: old.expansion?.revision as string })
  expect(object.expansion?.configHash).not.toBe(old.expansion?.configHash as string)
  expect(await verify(object.expansion, IDENTITY, KEY)).toBe(true)
})

test('whoever changes the spec is the requester from then on', async () => {
  const old = await created()
  const bob = { userInfo: { username: 'bob' } }
  const { object } = await world().admit(touch(old, { spec: { ...old.spec, prompt: 'Say goodbye.' } }, bob))
  expect(object.expansion?.requester).toBe('bob')
  expect(object.expansion?.revision).not.toBe(old.expansion?.revision as string)
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

const READER: There = ['ClusterAccess', 'reader', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }]
const USE = 'use clusteraccesses.agentjob.io "reader" in namespace agents'
const USE_LIBRARY = 'use clusteraccesses.agentjob.io "reader" in namespace library'
const RIGHT = 'get pods in namespace agents'
const naming = { clusterAccessRef: 'reader' }
const may =
  (...rights: string[]): Given['may'] =>
  (right, user) =>
    user.username === 'alice' && rights.includes(right)
const library = { libraryNamespace: 'library' }
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

test('what has run does not run again when its expansion is lost: the status remembers the revision', async () => {
  const old = await created()
  const { revision, inputHash, configHash } = old.expansion as Expansion
  const changed = await world().admit(touch(old, { spec: { ...old.spec, prompt: 'Again.' } }, {}))
  const status = { revision, inputHash, configHash }
  const lost = { ...old, status, expansion: undefined } as AgentJob
  expect((await world().admit(touch(lost))).object.expansion?.revision).toBe(revision)
  const rerun = { ...lost, metadata: { ...lost.metadata, annotations: { [RERUN_ANNOTATION]: '1' } } }
  expect((await world().admit(touch(rerun))).object.expansion).toMatchObject({ revision, rerun: '1' })
  const other = { ...lost, spec: { ...old.spec, prompt: 'Again.' } }
  expect((await world().admit(touch(other))).object.expansion?.revision).toBe(
    changed.object.expansion?.revision as string,
  )
})

test('of hundreds of names that lead nowhere a few are asked for live, and all are told of', async () => {
  const names = Array.from({ length: 64 }, (_, index) => `m${index}`)
  const { admit, seen } = world()
  const { allowed, object, warnings } = await admit(request(written({ mcpServerRefs: names, repositoryRefs: names })))
  expect([allowed, seen.read.length, object.expansion?.problems.length]).toEqual([true, 32, 128])
  expect(warnings?.length).toBeGreaterThan(32)
})

test('what nobody has looked for is not said to be missing, and the ClusterAccess is looked for first', async () => {
  const names = Array.from({ length: 64 }, (_, index) => `m${index}`)
  const { admit, seen } = world({ settings: { missingReferences: 'Deny', clusterAccess: true }, may: () => true })
  const { allowed, status } = await admit(request(written({ mcpServerRefs: names, clusterAccessRef: 'own' })))
  expect([allowed, status?.code, seen.read.length]).toEqual([false, 422, 32])
  expect(seen.read[0]).toBe('ClusterAccess/agents/own')
  const told = status?.details.causes.map(({ message }) => message) ?? []
  expect(told.find((message) => message.includes('"own"'))).toEndWith('; create it first')
  expect(told.find((message) => message.includes('"m30"'))).toBe(
    'there is no McpServer "m30" in namespace agents; create it first',
  )
  expect(told.find((message) => message.includes('"m31"'))).toBe(
    'there is no McpServer "m31" in namespace agents that is known yet; create it first, or try again in a moment',
  )
})

test('what is looked for in a second go is known then', async () => {
  const names = Array.from({ length: 33 }, (_, index) => `m${index}`)
  const there = names.map((name): There => ['McpServer', name, { url: 'https://mcp.example.com' }])
  const settings = { missingReferences: 'Deny' }
  const { admit } = webhook({ there: [RUNTIME, ...there.slice(0, 5)], live: there, settings })
  expect((await admit(request(written({ mcpServerRefs: names })))).allowed).toBe(true)
})

test('a reference that no cache has is asked for live, in the namespace and in the library', async () => {
  const { admit, seen } = webhook({ live: [[RUNTIME[0], RUNTIME[1], RUNTIME[2], 'library']], settings: library })
  const { object } = await admit(request(written()))
  expect(seen.read.sort()).toEqual(['AgentRuntime/agents/echo', 'AgentRuntime/library/echo'])
  expect(object.expansion?.problems).toEqual([])
})

test('a reference that a cache has is not asked for', async () => {
  const { admit, seen } = world({ settings: library })
  await admit(request(written()))
  expect(seen.read).toEqual([])
})

test('a reference that is missing is a warning, and a problem of the expansion', async () => {
  const { allowed, warnings, object } = await webhook().admit(request(written()))
  expect(allowed).toBe(true)
  expect(warnings).toEqual([
    'spec.runtimeRef: there is no AgentRuntime "echo" in namespace agents; nothing runs until there is one',
  ])
  expect(object.expansion?.problems.map(({ path, reason }) => `${path} ${reason}`)).toEqual([
    'spec.runtimeRef ReferenceNotFound',
  ])
  expect(object.expansion?.resources).toEqual([])
})

test('a reference that is missing is refused where the settings say so, each with its field', async () => {
  const { admit } = webhook({ settings: { missingReferences: 'Deny' } })
  const { allowed, status } = await admit(request(written({ authRef: 'anthropic' })))
  expect({ allowed, code: status?.code }).toEqual({ allowed: false, code: 422 })
  expect(status?.details.causes.map(({ field }) => field)).toEqual(['spec.runtimeRef', 'spec.authRef'])
})

for (const missingReferences of ['Warn', 'Deny'])
  test(`what a touch finds wrong refuses nothing and warns nobody: ${missingReferences}`, async () => {
    const old = await created()
    const { allowed, warnings, object } = await webhook({ settings: { missingReferences } }).admit(touch(old))
    expect({ allowed, warnings }).toEqual({ allowed: true, warnings: undefined })
    expect(object.expansion?.problems.map(({ reason }) => reason)).toEqual(['ReferenceNotFound'])
    expect(object.expansion?.resources).toEqual(old.expansion?.resources as never)
  })

test('generateName: the name is made of the uid of the request', async () => {
  const given = written({}, { name: undefined, generateName: 'hello-' })
  const { patch, object } = await world().admit(request(given))
  expect(patch.map(({ path }) => path)).toEqual(['/metadata/name', '/expansion'])
  expect(object.metadata.name).toBe('hello-0d4c7a8e')
  expect(object.expansion?.resources[0]?.metadata.name).toBe(`hello-0d4c7a8e-${object.expansion?.revision}`)
  expect(await verify(object.expansion, { namespace: 'agents', name: 'hello-0d4c7a8e' }, KEY)).toBe(true)
  // and again, when another webhook has changed the object after us
  const { oldObject: _, ...again } = request(object)
  expect((await world().admit(again)).patch).toEqual([])
})

test('generateName: as many digits, however odd the uid', async () => {
  const given = written({}, { name: undefined, generateName: 'hello-' })
  const { object } = await world().admit(request(given, { uid: 'XYZ-1-✓-ab' }))
  expect(object.metadata.name).toBe('hello-1ab00000')
})

const running = (revision: string | undefined) => ({
  runs: [{ jobName: `hello-${revision}`, phase: 'Running' as const, revision }],
})

test('a change of the spec that ends a run says so', async () => {
  const old = await created()
  const busy = { ...old, status: running(old.expansion?.revision) }
  const change = { spec: { ...old.spec, prompt: 'Again.' } }
  const ends = `spec: this change ends the run of Job hello-${old.expansion?.revision}; its log is kept`
  expect((await world().admit(touch(busy, change, {}))).warnings).toEqual([ends])
  const harmless = { spec: { ...old.spec, ttlSecondsAfterFinished: 60 } }
  expect((await world().admit(touch(busy, harmless, {}))).warnings).toBeUndefined()
  const endedBefore = { ...old, status: running('earlier') }
  expect((await world().admit(touch(endedBefore, change, {}))).warnings).toBeUndefined()
  const done = { ...old, status: { runs: [{ ...running(old.expansion?.revision).runs[0], phase: 'Succeeded' }] } }
  expect((await world().admit(touch(done as AgentJob, change, {}))).warnings).toBeUndefined()
})
