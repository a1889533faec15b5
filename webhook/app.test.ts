import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { KEY, NAMESPACE, RUNTIME, request, webhook, written } from './testdata/webhook.ts'

interface Review {
  apiVersion: string
  kind: string
  response: {
    uid: string
    allowed: boolean
    warnings?: string[]
    patch?: string
    status?: { code: number; message: string }
  }
}

/** What the API server makes of an answer: HTTP 200 and an AdmissionReview, or a webhook that failed. */
async function read(response: Response): Promise<Review['response']> {
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toStartWith('application/json')
  const review = (await response.json()) as Review
  expect({ apiVersion: review.apiVersion, kind: review.kind }).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
  })
  expect(typeof review.response.uid).toBe('string')
  expect(typeof review.response.allowed).toBe('boolean')
  if (!review.response.allowed) expect(review.response.status?.message).not.toBe('')
  for (const warning of review.response.warnings ?? []) expect(warning).not.toMatch(/\p{Cc}/u)
  return review.response
}

const review = (of: object) => ({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: of })
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const inPodTemplate = (json: string) =>
  JSON.stringify(review(request(written({ podTemplate: 'HERE' })))).replace('"HERE"', json)
const MiB = 1024 * 1024

const bodies: { name: string; given: string; want: { code: number; message?: string } }[] = [
  { name: 'nothing', given: '', want: { code: 400, message: 'the body must be an AdmissionReview' } },
  { name: 'no JSON', given: '{"apiVersion": ', want: { code: 400, message: 'the body must be an AdmissionReview' } },
  { name: 'null', given: 'null', want: { code: 400, message: 'the body must be an AdmissionReview' } },
  { name: 'a number', given: '42', want: { code: 400, message: 'the body must be an AdmissionReview' } },
  {
    name: 'a list',
    given: '[]',
    want: { code: 400, message: 'the body must be an AdmissionReview' },
  },
  {
    name: 'an object',
    given: '{}',
    want: { code: 400, message: 'the body must be an AdmissionReview of admission.k8s.io/v1' },
  },
  {
    name: 'a list for a request',
    given: JSON.stringify(review([])),
    want: { code: 400, message: 'request: is required' },
  },
  {
    name: 'an object that is null',
    given: JSON.stringify(review(request(written(), { object: null }))),
    want: { code: 400, message: 'request.object: must be an object with metadata' },
  },
  {
    name: 'an object that is a list',
    given: JSON.stringify(review(request(written(), { object: [] }))),
    want: { code: 400, message: 'request.object: must be an object with metadata' },
  },
  {
    name: 'an object without metadata and spec',
    given: JSON.stringify(
      review(request(written(), { object: { apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentJob' } })),
    ),
    want: { code: 400, message: 'request.object: must be an object with metadata' },
  },
  {
    name: 'nesting without end in the spec',
    given: inPodTemplate(nested(10_000)),
    want: { code: 422 },
  },
  { name: 'nesting beyond any stack', given: inPodTemplate(nested(500_000)), want: { code: 422 } },
  {
    name: 'members of a prototype in the spec',
    given: inPodTemplate('{"__proto__": {"spec": {}}, "constructor": {"prototype": {}}}'),
    want: { code: 422 },
  },
  {
    name: 'more than 8 MiB',
    given: JSON.stringify(review(request(written({ prompt: 'x'.repeat(9 * MiB) })))),
    want: { code: 413, message: `the request is larger than ${8 * MiB} bytes` },
  },
]

for (const { name, given, want } of bodies)
  test(`a body that is refused: ${name}`, async () => {
    const { post } = webhook({ there: [RUNTIME] })
    const { allowed, status } = await read(await post(given))
    expect({ allowed, code: status?.code }).toEqual({ allowed: false, code: want.code })
    if (want.message) expect(status?.message).toBe(want.message)
    expect(({} as { spec?: unknown }).spec).toBeUndefined()
  })

test('a body that says how long it is, and is too long, is not read', async () => {
  const { post } = webhook()
  const { status } = await read(await post('{}', { 'content-length': String(9 * MiB) }))
  expect(status?.code).toBe(413)
})

for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])
  test(`the content type does not matter: ${type || 'none'}`, async () => {
    const { post } = webhook({ there: [RUNTIME] })
    const body = new TextEncoder().encode(JSON.stringify(review(request(written()))))
    expect(await read(await post(body, type ? { 'content-type': type } : {}))).toMatchObject({ allowed: true })
  })

test('a body that breaks off is no bug of ours', async () => {
  const { app, seen } = webhook()
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) })
  const broken = { method: 'POST', body, duplex: 'half' as const }
  const answered = await read(await app.request('/mutate', broken))
  expect([answered.allowed, answered.status?.code, seen.logged]).toEqual([false, 400, []])
})

test('bytes that are no text are refused', async () => {
  const { post } = webhook()
  expect((await read(await post(new Uint8Array([0xff, 0xfe, 0x00])))).status?.code).toBe(400)
})

test('the uid of the request is in the answer, also where the request is no good', async () => {
  const { post } = webhook()
  const body = JSON.stringify(review({ uid: 'u-1', operation: 'CREATE' }))
  expect(await read(await post(body))).toMatchObject({ uid: 'u-1', allowed: false })
})

test('only POST /mutate is answered', async () => {
  const { app } = webhook()
  expect((await app.request('/mutate')).status).toBe(404)
  expect((await app.request('/validate', { method: 'POST', body: '{}' })).status).toBe(404)
})

test('an answer is counted by kind, operation and code; a kind of somebody else counts as other', async () => {
  const { admit, post, seen } = webhook({ there: [RUNTIME] })
  await admit(request(written()))
  await admit(request(written({ prompt: '' })))
  await admit(request({ ...written(), kind: 'Pod' }, { kind: { group: '', version: 'v1', kind: 'Pod' } }))
  await admit(request({ ...written(), kind: 'constructor' }))
  await post('{}')
  await post(' '.repeat(8 * MiB + 1))
  expect(seen.admitted).toEqual([
    ...['AgentJob CREATE 200', 'AgentJob CREATE 422', 'other CREATE 200', 'other CREATE 200'],
    ...['other other 400', 'other other 413'],
  ])
})

test('what is traced is the admission of an AgentJob whose run is to come, and no other', async () => {
  const { admit, seen } = webhook({ there: [RUNTIME] })
  await admit(request(written(), { dryRun: true }))
  await admit(request(written({ schedule: '0 0 * * *' })))
  await admit(request(written({ prompt: '' })))
  await admit(request(written({ runtimeRef: 'missing' })))
  expect(seen.traced).toEqual([])
  const { object } = await admit(request(written()))
  const job = object.expansion?.resources.find(({ kind }) => kind === 'Job')?.metadata
  expect(seen.traced).toEqual([`${job?.namespace}/${object.metadata.name} ${job?.name}`])
  // asked again, where nothing is new
  await admit(request(object, { operation: 'UPDATE', oldObject: object }))
  expect(seen.traced).toHaveLength(1)
  const { object: generated } = await admit(request(written({}, { name: undefined, generateName: 'hello-' })))
  expect(generated.metadata.name).toMatch(/^hello-./)
  expect(seen.traced[1]).toStartWith(`${NAMESPACE}/${generated.metadata.name} `)
})

test('an AgentJob whose reference comes later is traced then, and an expansion of any shape before is none', async () => {
  const { object } = await webhook().admit(request(written()))
  for (const expansion of [object.expansion, null, 7, { resources: 7 }, { resources: [null] }]) {
    const { admit, seen } = webhook({ there: [RUNTIME] })
    const { allowed } = await admit(request(object, { oldObject: { ...object, expansion } }))
    expect([allowed, seen.traced.length]).toEqual([true, 1])
  }
})

test('an AgentJob that is signed anew has no other admission to be traced', async () => {
  const { object } = await webhook({ there: [RUNTIME] }).admit(request(written()))
  const epochs = {
    keys: new Map([
      [1, KEY],
      [2, new Uint8Array(32).fill(2)],
    ]),
    signs: 2,
    oldest: 1,
  }
  const { admit, seen } = webhook({ there: [RUNTIME], epochs })
  const again = await admit(request(object, { oldObject: object }))
  expect(again.patch).toHaveLength(1)
  expect(seen.traced).toEqual([])
  const changed = { ...object, spec: { ...object.spec, prompt: 'Say more.' } }
  await admit(request(changed, { oldObject: object }))
  expect(seen.traced).toHaveLength(1)
})

test('a warning keeps no control character of what was written', async () => {
  const { admit } = webhook()
  const { warnings } = await admit(request(written({ schedule: '0 0 31 2 *\u0085' })))
  expect(warnings).toContain('spec.schedule: "0 0 31 2 * " never fires: there is no such date')
})

/** AdmissionReviews of any shape: sound ones, with one member or another replaced by what nobody expects. */
const odd = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  fc.constantFrom<unknown>(null, '', 0, -1, [], {}, true, 'x'.repeat(300), '\u0000\u0085', '__proto__', { name: {} }),
)
const PATHS = [
  ...['uid', 'kind', 'kind.group', 'kind.kind', 'operation', 'namespace', 'userInfo', 'userInfo.username', 'dryRun'],
  ...['object', 'oldObject'].flatMap((object) =>
    ['', '.apiVersion', '.metadata', '.metadata.name', '.metadata.generateName', '.metadata.annotations', '.status']
      .concat('.metadata.namespace', '.status.revision', '.expansion', '.expansion.signature')
      .concat('.expansion.resources', '.expansion.references', '.expansion.problems', '.spec', '.spec.prompt')
      .concat('.spec.runtimeRef', '.spec.schedule', '.spec.podTemplate', '.spec.podTemplate.spec', '.spec.env')
      .concat('.spec.mcpServerRefs', '.spec.clusterAccessRef', '.spec.persistence', '.spec.resources', '.spec.rules')
      .map((path) => object + path),
  ),
]
const changes = fc.array(fc.tuple(fc.constantFrom(...PATHS), odd), { maxLength: 4 })

function replaced(subject: unknown, path: string[], value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  const members = subject !== null && typeof subject === 'object' ? subject : {}
  const inner = (members as Record<string, unknown>)[key]
  return Object.fromEntries([...Object.entries(members), [key, replaced(inner, rest, value)]])
}

test('whatever comes in, an AdmissionReview goes out', async () => {
  const { post, admit, seen } = webhook({
    there: [RUNTIME],
    may: (right) => right.startsWith('use'),
    settings: { libraryNamespace: 'library' },
  })
  const { object: stored } = await admit(request(written({ clusterAccessRef: 'reader' })))
  const access = {
    ...written({ rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }),
    kind: 'ClusterAccess',
  }
  const sound = { create: request(written()), touch: request(stored, { oldObject: stored }), access: request(access) }
  const names = fc.constantFrom(...(Object.keys(sound) as (keyof typeof sound)[]))
  const property = fc.asyncProperty(names, changes, async (name, list) => {
    const given = list.reduce<unknown>(
      (subject, [path, value]) => replaced(subject, path.split('.'), value),
      sound[name],
    )
    const { uid, allowed, status } = await read(await post(JSON.stringify(review(given as object))))
    const sent = (given as { uid?: unknown }).uid
    if (typeof sent === 'string') expect(uid).toBe(sent)
    expect(seen.logged).toEqual([])
    if (!allowed) expect([400, 403, 422]).toContain(status?.code as number)
  })
  await fc.assert(property, { interruptAfterTimeLimit: 2000, numRuns: 100_000 })
}, 10_000)

test('whatever text comes in, an AdmissionReview goes out', async () => {
  const { post } = webhook()
  const text = fc.oneof(fc.json(), fc.string({ unit: 'binary' }))
  await fc.assert(
    fc.asyncProperty(text, async (body) => {
      expect((await read(await post(body))).allowed).toBe(false)
    }),
    { numRuns: 300 },
  )
})
