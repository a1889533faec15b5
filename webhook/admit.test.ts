import { expect, test } from 'bun:test'
import { API_VERSION } from '../src/api/kind.ts'
import { kinds } from '../src/api/kinds.ts'
import { sign } from '../src/signing/signature.ts'
import { KEY, NAMESPACE, RUNTIME, request, webhook, written } from './testdata/webhook.ts'

const object = (kind: string, spec: unknown) => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name: 'one', namespace: 'agents' },
  spec,
})
const IDENTITY = { namespace: NAMESPACE, name: 'hello' }
const everything = { may: () => true, there: [RUNTIME] }

for (const { kind, example } of kinds)
  test(`${kind}: its smallest spec is allowed`, async () =>
    expect(await webhook(everything).admit(request(object(kind, example)))).toMatchObject({ allowed: true }))

for (const { kind } of kinds)
  test(`${kind}: a spec that is none is refused`, async () => {
    const { allowed, status } = await webhook(everything).admit(request(object(kind, [])))
    expect([allowed, status?.code, status?.reason]).toEqual([false, 422, 'Invalid'])
    expect(status?.message).toMatch(/^spec: must be an object \(.+\), not a list$/)
  })

for (const schedule of ['constructor', '__proto__', '@every 1constructor', '@toString'])
  test(`a schedule with a member of every object in it is refused: ${schedule}`, async () => {
    const { status } = await webhook(everything).admit(request(written({ schedule })))
    expect({ code: status?.code, field: status?.details.causes[0]?.field }).toEqual({
      code: 422,
      field: 'spec.schedule',
    })
  })

test('every error at once, each with its field', async () => {
  const spec = { prompt: '', schedule: '99 * * * *', timezone: 'Mars/Olympus', backoffLimit: -1, env: [{ name: '1' }] }
  const { status } = await webhook().admit(request(object('AgentJob', spec)))
  expect(status?.details.causes.map(({ field }) => field).sort()).toEqual([
    'spec.backoffLimit',
    'spec.env[0].name',
    'spec.prompt',
    'spec.runtimeRef',
    'spec.schedule',
    'spec.timezone',
  ])
})

for (const { name, given } of [
  {
    name: 'a kind that is not ours',
    given: request(object('Pod', {}), { kind: { group: '', version: 'v1', kind: 'Pod' } }),
  },
  {
    name: "our kind's name in another group",
    given: request(object('AgentJob', {}), { kind: { group: 'example.com', version: 'v1', kind: 'AgentJob' } }),
  },
  { name: 'a kind that this version does not know', given: request(object('AgentWorkflow', {})) },
  { name: 'a kind named like a member of every object', given: request(object('constructor', {})) },
  { name: 'a deletion', given: request(object('AgentJob', {}), { operation: 'DELETE' }) },
])
  test(`${name} is none of our business`, async () => {
    const { allowed, patch, warnings } = await webhook().admit(given)
    expect({ allowed, patch, warnings }).toEqual({ allowed: true, patch: [], warnings: undefined })
  })

test.each<{ enabled: boolean; want: string[] }>([
  { enabled: false, want: ['spec.egress: nothing limits where pods go: egress is switched off in this cluster'] },
  { enabled: true, want: [] },
])('an AgentRuntime that limits its pods, where that is switched on: $enabled', async ({ enabled, want }) => {
  const { admit } = webhook({ ...everything, settings: { egress: { enabled } } })
  const runtime = object('AgentRuntime', { image: 'echo', egress: { to: [] } })
  const { allowed, warnings = [] } = await admit(request(runtime))
  expect({ allowed, warnings }).toEqual({ allowed: true, warnings: want })
  expect((await admit(request(object('AgentRuntime', { image: 'echo' })))).warnings ?? []).toEqual([])
})

const outdated = (more: object = {}, prompt = '') => written({ prompt }, {}, more)
const label = (subject: object) => ({
  ...subject,
  metadata: { name: 'hello', namespace: 'agents', labels: { a: 'b' } },
})

test('a spec that is no longer valid can be labelled', async () => {
  const { allowed } = await webhook().admit(request(label(outdated()) as never, { oldObject: outdated() }))
  expect(allowed).toBe(true)
})

test('a spec that is no longer valid cannot be changed into another one that is not', async () => {
  const { status } = await webhook().admit(request(outdated({}, ' '.repeat(786433)), { oldObject: outdated() }))
  expect(status?.message).toBe('spec.prompt: must have at most 786432 characters')
})

test('a reference whose spec is no longer valid can be labelled, and stays as it is', async () => {
  const runtime = object('AgentRuntime', { image: '' })
  const { allowed, patch } = await webhook().admit(request(label(runtime) as never, { oldObject: runtime }))
  expect({ allowed, patch }).toEqual({ allowed: true, patch: [] })
})

/** What is stored of an AgentJob that was valid when it was written. */
async function stored() {
  const { object } = await webhook(everything).admit(request(written()))
  return { ...object, spec: { ...object.spec, prompt: '' } }
}

for (const { name, incoming } of [
  { name: 'carries it along', incoming: (expansion: unknown) => ({ expansion }) },
  { name: 'leaves it out', incoming: () => ({}) },
  { name: 'forges it', incoming: () => ({ expansion: { configHash: 'forged', resources: [] } }) },
])
  test(`the expansion of a spec that is no longer valid is kept by a touch that ${name}`, async () => {
    const old = await stored()
    const { expansion, ...rest } = old
    const touch = request({ ...rest, ...incoming(expansion) } as never, { oldObject: old })
    const { allowed, object } = await webhook(everything).admit(touch)
    expect(allowed).toBe(true)
    expect(object.expansion?.resources).toEqual(expansion?.resources as never)
    expect(object.expansion?.revision).toBe(expansion?.revision as string)
    expect(object.expansion?.problems.map(({ path }) => path)).toEqual(['spec.prompt'])
    const again = await webhook(everything).admit(request(object, { oldObject: object }))
    expect(again.patch).toEqual([])
  })

const LATER =
  'spec.novel: is a field of a later version of agentjob than the one that answers; try again when its upgrade has ended, or leave it out'
const novel = (more: object = {}, metadata: object = {}) => written({ novel: { much: 1 }, ...more }, metadata)

for (const { name, given } of [
  { name: 'created', given: request(novel()) },
  { name: 'changed', given: request(novel({ prompt: 'another' }), { oldObject: novel() }) },
  { name: 'added', given: request(novel(), { oldObject: written({}) }) },
  {
    name: 'run again',
    given: request(novel({}, { annotations: { 'agentjob.io/rerun': 'now' } }), { oldObject: novel() }),
  },
])
  test(`a field of a later version is not run without: ${name}`, async () => {
    const { allowed, status } = await webhook(everything).admit(given)
    expect({ allowed, code: status?.code, message: status?.message }).toEqual({
      allowed: false,
      code: 422,
      message: LATER,
    })
  })

test('what a later version has made of a field of its own stays as it is', async () => {
  const { admit } = webhook(everything)
  const { object: known } = await admit(request(written({})))
  // the later version's, whose rules nobody knows here
  const expansion = await sign({ ...known.expansion!, renderer: 99, revision: 'later' }, IDENTITY, KEY)
  const stored = { ...novel(), expansion }
  const labelled = novel({}, { labels: { a: 'b' } })
  const { allowed, object } = await admit(request(labelled, { oldObject: stored }))
  expect([allowed, object.expansion]).toEqual([true, expansion])
})

test('a field of a later version that none has expanded starts nothing, and is told', async () => {
  const { allowed, object } = await webhook(everything).admit(
    request(novel({}, { labels: { a: 'b' } }), { oldObject: novel() }),
  )
  expect([allowed, object.expansion?.resources]).toEqual([true, []])
  expect(object.expansion?.problems).toEqual([
    { reason: 'Invalid', path: 'spec.novel', message: LATER.replace('spec.novel: ', '') },
  ])
})
