import { expect, test } from 'bun:test'
import { type AgentJob, RERUN_ANNOTATION } from '../src/api/agentjob.ts'
import type { Expansion } from '../src/api/expansion.ts'
import { sign, verify } from '../src/signing/signature.ts'
import { created, IDENTITY, touch, world } from './testdata/stored.ts'
import { KEY, request, type There, webhook, written } from './testdata/webhook.ts'

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
