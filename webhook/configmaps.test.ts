import { expect, test } from 'bun:test'
import { API_VERSION } from '../src/api/kind.ts'
import { type Given, RUNTIME, request, rights, type There, webhook, written } from './testdata/webhook.ts'

const object = (kind: string, spec: object, namespace = 'agents') => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name: 'one', namespace },
  spec,
})
const FROM_RULES = { type: 'ConfigMap', configMap: { name: 'rules' } }
const RULES: There = ['ConfigMap', 'rules', { data: { 'style.md': 'Write plainly.' } }]
const NAMED: There = ['Context', 'house', FROM_RULES]
const IN_LIBRARY: There = ['Context', 'house', FROM_RULES, 'library']
const LIBRARY_RULES: There = ['ConfigMap', 'rules', { data: { 'style.md': 'Write plainly.' } }, 'library']
const refusal = (path: string, name = 'rules') =>
  `${path}: alice may not read ConfigMap "${name}" in namespace agents, which the agent would be told: it takes the verb "get" on it`
const RIGHT = 'get configmaps "rules" in namespace agents'

const cases: { name: string; given: object; world?: Given; want: string | true; asked?: string[] }[] = [
  {
    name: 'a ConfigMap that stands in the AgentJob',
    given: written({ contexts: [FROM_RULES] }),
    want: refusal('spec.contexts[0].configMap.name'),
    asked: [RIGHT],
  },
  {
    name: 'one that is not there: the answer is the same',
    given: written({ contexts: [{ type: 'ConfigMap', configMap: { name: 'absent' } }] }),
    want: refusal('spec.contexts[0].configMap.name', 'absent'),
  },
  {
    name: 'with the right to read it',
    given: written({ contexts: [FROM_RULES] }),
    world: { may: rights(RIGHT), live: [RULES] },
    want: true,
  },
  {
    name: 'a Context of the namespace that names one',
    given: written({ contexts: [{ name: 'house' }] }),
    world: { there: [RUNTIME, NAMED], live: [RULES] },
    want: refusal('spec.contexts[0].name'),
  },
  {
    name: 'a Context of the library vouches for what it names there',
    given: written({ contexts: [{ name: 'house' }] }),
    world: { there: [RUNTIME, IN_LIBRARY], live: [LIBRARY_RULES], settings: { libraryNamespace: 'library' } },
    want: true,
    asked: [],
  },
  {
    name: 'texts and Secrets need no right: one is told as it stands, the other is not read',
    given: written({
      contexts: [
        { type: 'Inline', inline: { content: 'x' } },
        { type: 'Secret', secret: { name: 's' }, mountPath: '/etc/s' },
      ],
    }),
    want: true,
    asked: [],
  },
  { name: 'whoever writes a Context', given: object('Context', FROM_RULES), want: refusal('spec.configMap.name') },
  {
    name: 'whoever writes an AgentRuntime, each of them once',
    given: object('AgentRuntime', { image: 'a', contexts: [FROM_RULES, { ...FROM_RULES, mountPath: '/etc/rules' }] }),
    want: `${refusal('spec.contexts[0].configMap.name')}; ${refusal('spec.contexts[1].configMap.name')}`,
    asked: [RIGHT],
  },
  {
    name: 'whoever may read it writes a Context of it',
    given: object('Context', FROM_RULES),
    world: { may: rights(RIGHT) },
    want: true,
  },
]

for (const { name, given, world, want, asked } of cases)
  test(name, async () => {
    const admission = webhook({ there: [RUNTIME], live: [RULES], ...world })
    const { allowed, status } = await admission.admit(request(given as never))
    expect(allowed || status?.message).toBe(want)
    if (!allowed) expect(status?.code).toBe(403)
    if (asked) expect(admission.seen.asked).toEqual(asked.map((right) => `alice: ${right}`))
  })

test('a change of something else is not asked about again', async () => {
  const context = object('Context', FROM_RULES)
  const labelled = { ...context, metadata: { ...context.metadata, labels: { a: 'b' } } }
  const admission = webhook()
  expect(await admission.admit(request(labelled, { oldObject: context }))).toMatchObject({ allowed: true })
  expect(admission.seen.asked).toEqual([])
})

test('what may not be read is not read', async () => {
  const admission = webhook({ there: [RUNTIME], live: [RULES] })
  await admission.admit(request(written({ contexts: [FROM_RULES] })))
  expect(admission.seen.read).toEqual([])
})

test('somebody who suspends an AgentJob tells nothing new', async () => {
  const entitled = webhook({ there: [RUNTIME], live: [RULES], may: () => true })
  const { object: stored } = await entitled.admit(request(written({ contexts: [FROM_RULES] })))
  const suspended = { ...stored, spec: { ...stored.spec, suspend: true } }
  const admission = webhook({ there: [RUNTIME], live: [RULES] })
  const { allowed, object } = await admission.admit(request(suspended as never, { oldObject: stored }))
  expect([allowed, admission.seen.asked]).toEqual([true, []])
  expect(object.expansion?.problems).toEqual([])
})

test('another key of a ConfigMap that is told already takes the right to read it', async () => {
  const key = (name: string) => ({ ...FROM_RULES, configMap: { name: 'rules', key: name } })
  const entitled = webhook({ there: [RUNTIME], live: [RULES], may: () => true })
  const { object: stored } = await entitled.admit(request(written({ contexts: [key('style.md')] })))
  const changed = { ...stored, spec: { ...stored.spec, contexts: [key('secret.md')] } }
  const { status } = await webhook({ there: [RUNTIME], live: [RULES] }).admit(
    request(changed as never, { oldObject: stored }),
  )
  expect(status?.message).toBe(refusal('spec.contexts[0].configMap.name'))
  const context = (name: string) => object('Context', key(name))
  const { allowed } = await webhook().admit(request(context('secret.md'), { oldObject: context('style.md') }))
  expect(allowed).toBe(false)
})

test('what was stored without admission tells of no ConfigMap, however often it is touched', async () => {
  const stored = written({ contexts: [FROM_RULES] }, {})
  const admission = webhook({ there: [RUNTIME], live: [RULES], may: () => true })
  const once = await admission.admit(request(stored, { oldObject: stored }))
  const twice = await admission.admit(request(once.object, { oldObject: once.object }))
  for (const { object } of [once, twice]) {
    expect(object.expansion?.problems.map(({ reason, path }) => `${reason} ${path}`)).toEqual([
      'Forbidden spec.contexts[0]',
    ])
    expect(JSON.stringify(object)).not.toContain('Write plainly.')
  }
  expect(admission.seen.read).toEqual([])
})

test('an AgentRuntime whose image changes is not asked about its ConfigMaps again', async () => {
  const runtime = object('AgentRuntime', { image: 'a', contexts: [FROM_RULES] })
  const admission = webhook()
  const bumped = { ...runtime, spec: { ...runtime.spec, image: 'b' } }
  expect(await admission.admit(request(bumped, { oldObject: runtime }))).toMatchObject({ allowed: true })
  expect(admission.seen.asked).toEqual([])
})

test('a touch tells what the ConfigMap says by then, whoever touches', async () => {
  const entitled = webhook({ there: [RUNTIME], live: [RULES], may: () => true })
  const { object: stored } = await entitled.admit(request(written({ contexts: [FROM_RULES] })))
  const changed: There = ['ConfigMap', 'rules', { data: { 'style.md': 'Write briefly.' } }]
  const { allowed, object: touched } = await webhook({ there: [RUNTIME], live: [changed] }).admit(
    request(stored, { oldObject: stored }),
  )
  expect(allowed).toBe(true)
  expect(touched.expansion?.configHash).not.toBe(stored.expansion?.configHash as string)
})

test('what is looked up leads to what is looked up next, each once', async () => {
  const admission = webhook({ live: [RUNTIME, NAMED, RULES], may: () => true })
  const { object: stored } = await admission.admit(request(written({ contexts: [{ name: 'house' }] })))
  expect(stored.expansion?.problems).toEqual([])
  expect(admission.seen.read.sort()).toEqual([
    'AgentRuntime/agents/echo',
    'ConfigMap/agents/rules',
    'Context/agents/house',
  ])
})
