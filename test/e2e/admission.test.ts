import { expect, test } from 'bun:test'
import { AGENT_JOB } from '../../src/controller/types.ts'
import { ApiError } from '../../src/kube/errors.ts'
import type { KubeObject, ResourceType } from '../../src/kube/object.ts'
import {
  agentJob,
  apply,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  kubectl,
  newNamespace,
  refusal,
  theWorld,
  untilPhase,
} from './world.ts'

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

const server = (secret: object = { value: 'Bearer s3cret' }) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'McpServer',
  metadata: { name: 'mail' },
  spec: { url: 'https://mcp.example.com', headers: [{ name: 'Authorization', ...secret }] },
})

/** What somebody is told who has his object stored all the same. */
const WARNED: { name: string; given: object; want: string }[] = [
  {
    name: 'a schedule that never fires',
    given: agentJob('mine', { schedule: '0 0 31 2 *' }),
    want: 'Warning: spec.schedule: "0 0 31 2 *" never fires: there is no such date',
  },
  {
    name: 'a name near its limit',
    given: agentJob('n'.repeat(54)),
    want: 'Warning: metadata.name: 54 of at most 54 characters are taken',
  },
  {
    name: "a schedule's name near its limit",
    given: agentJob('n'.repeat(50), { schedule: '@daily' }),
    want: 'Warning: metadata.name: 50 of at most 52 characters are taken',
  },
  {
    name: 'a literal Authorization header',
    given: server(),
    want: 'Warning: spec.headers[0].value: stands in plain text',
  },
]

for (const { name, given, want } of WARNED)
  test.concurrent(`${name} is warned of, and fails where warnings are errors`, async () => {
    const namespace = await newNamespace()
    await apply(namespace, echoRuntime())
    const { stderr } = await apply(namespace, given, ['--dry-run=server'])
    expect(stderr).toContain(want)
    expect(await refusal(namespace, given, ['--dry-run=server', '--warnings-as-errors'])).toContain(
      '1 warning received',
    )
    expect((await apply(namespace, given)).stderr).toContain(want)
  })

test.concurrent('what there is no warning about is silent', async () => {
  const namespace = await newNamespace()
  const secret = { valueFrom: { secretKeyRef: { name: 'mail', key: 'token' } } }
  const objects = [echoRuntime(), server(secret), agentJob('mine', { schedule: '0 0 29 2 *', mcpServerRefs: ['mail'] })]
  for (const object of objects) expect((await apply(namespace, object, ['--warnings-as-errors'])).stderr).toBe('')
})

withPods('a change that ends a run is warned of, and only such a one', async () => {
  const namespace = await newNamespace()
  const sleeps = agentJob('mine', { prompt: 'echo: sleep 10m' })
  await apply(namespace, [echoRuntime(), sleeps])
  const { status } = await untilPhase(namespace, 'mine', 'Running')
  const same = { ...sleeps, spec: { ...sleeps.spec, ttlSecondsAfterFinished: 60 } }
  expect((await apply(namespace, same, ['--warnings-as-errors'])).stderr).toBe('')
  const { stderr } = await apply(namespace, agentJob('mine'))
  expect(stderr).toContain(`Warning: spec: this change ends the run of Job ${status?.jobName}; its log is kept`)
})

test.concurrent('everything that is wrong is told at once, each with its field', async () => {
  const namespace = await newNamespace()
  const spec = {
    schedule: '61 * * * *',
    timezone: 'Mars/Olympus',
    podTemplate: { spec: { hostNetwork: true } },
    env: [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ],
  }
  const said = await refusal(namespace, agentJob('n'.repeat(60), spec))
  for (const field of [
    'metadata.name',
    'spec.schedule',
    'spec.timezone',
    'spec.podTemplate.spec.hostNetwork',
    'spec.env[1]',
  ])
    expect(said).toContain(`* ${field}`)
  expect((await kubectl(['get', 'aj', '-n', namespace, '-o', 'name'])).stdout).toBe('')
})

/** What a user may send in the place of an AgentJob's spec. */
const ODD: Record<string, unknown>[] = [
  {},
  { spec: null },
  { spec: 'text' },
  { spec: [] },
  { spec: {} },
  { spec: { runtimeRef: 1, prompt: {}, env: { A: 'B' }, podTemplate: [] } },
  { spec: { runtimeRef: '', prompt: '' } },
  { spec: { runtimeRef: 'echo', prompt: 'x', podTemplate: { spec: { containers: [null] } } } },
  { spec: { runtimeRef: 'echo', prompt: 'x', podTemplate: { spec: { volumes: [{ name: 'a', secret: null }] } } } },
  { spec: { runtimeRef: 'echo', prompt: 'x', podTemplate: { metadata: { labels: null } } } },
  {
    spec: { runtimeRef: 'echo', prompt: 'x', podTemplate: JSON.parse('{"__proto__": {"spec": {}}, "constructor": 1}') },
  },
  { spec: { runtimeRef: 'echo', prompt: 'x', schedule: '' } },
  { spec: { runtimeRef: 'echo', prompt: 'x', schedule: '*/0 * * * *' } },
  { spec: { runtimeRef: 'echo', prompt: 'x', schedule: '\u0000\n\u2028' } },
  { spec: { runtimeRef: 'echo', prompt: 'x', schedule: '* '.repeat(100) } },
  { spec: { runtimeRef: 'echo', prompt: 'x', timezone: '../../etc/passwd' } },
  { spec: { runtimeRef: 'echo', prompt: 'x', timeoutSeconds: 1e300 } },
  { spec: { runtimeRef: 'echo', prompt: 'x', resources: { limits: { cpu: 'much' } } } },
  { spec: { runtimeRef: 'echo', prompt: 'x', skillRefs: ['a', 'a'] } },
  { spec: { runtimeRef: 'echo', prompt: 'x'.repeat(800_000) } },
  { spec: { runtimeRef: 'echo', prompt: '\u0001'.repeat(300_000), instructions: '\u0001'.repeat(100_000) } },
]

test.concurrent('whatever is sent in the place of an AgentJob is refused with a reason, never with an error of ours', async () => {
  const [namespace, { client }] = [await newNamespace(), await theWorld()]
  await apply(namespace, echoRuntime())
  for (const members of ODD) {
    const object = {
      apiVersion: 'agentjob.io/v1alpha1',
      kind: 'AgentJob',
      metadata: { name: 'odd', namespace },
      ...members,
    }
    const answer = await client.create<KubeObject>(AGENT_JOB, object).catch((error: unknown) => error)
    const what = JSON.stringify(members).slice(0, 200)
    expect([what, answer instanceof ApiError]).toEqual([what, true])
    const { status, message } = answer as ApiError
    expect([what, status >= 400 && status < 500, message]).toEqual([what, true, message])
    expect(message).not.toContain('its log says why')
  }
})

const OTHERS: [string, string, unknown][] = [
  ['AgentRuntime', 'agentruntimes', { image: '', env: [{ name: 'A' }, { name: 'A' }] }],
  ['AgentRuntime', 'agentruntimes', null],
  ['McpServer', 'mcpservers', { command: 'a', url: 'b' }],
  ['McpServer', 'mcpservers', { headers: [null] }],
  ['ClusterAccess', 'clusteraccesses', { rules: [] }],
  ['ClusterAccess', 'clusteraccesses', { rules: [null] }],
  [
    'ClusterAccess',
    'clusteraccesses',
    { rules: [{ verbs: ['get'], resources: ['/'], apiGroups: [''] }], scope: 'Galaxy' },
  ],
  ['Repository', 'repositories', 'text'],
]

test.concurrent('the other kinds are refused with a reason as well', async () => {
  const [namespace, { client }] = [await newNamespace(), await theWorld()]
  for (const [kind, plural, spec] of OTHERS) {
    const type: ResourceType = { ...AGENT_JOB, kind, plural }
    const object = { apiVersion: 'agentjob.io/v1alpha1', kind, metadata: { name: 'odd', namespace }, spec }
    const answer = await client.create<KubeObject>(type, object).catch((error: unknown) => error)
    expect([kind, spec, (answer as ApiError).status]).toEqual([kind, spec, 422])
  }
})

test.concurrent('more rights than can be checked are refused, and quickly', async () => {
  const namespace = await newNamespace()
  const many = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`)
  const rule = {
    apiGroups: many('g', 32),
    resources: many('r', 64),
    resourceNames: many('n', 64),
    verbs: many('v', 32),
  }
  const object = { ...server(), kind: 'ClusterAccess', spec: { rules: Array.from({ length: 64 }, () => rule) } }
  const started = performance.now()
  expect(await refusal(namespace, object)).toContain('use fewer or wider rules')
  expect(performance.now() - started).toBeLessThan(5000)
})

test.concurrent('a generated name is the same in the object, in its expansion and in its Job; a dry run stores none', async () => {
  const namespace = await newNamespace()
  await apply(namespace, echoRuntime())
  const { metadata: _, ...rest } = agentJob('')
  const object = JSON.stringify({ ...rest, metadata: { generateName: 'nightly-' } })
  const create = async (...args: string[]) =>
    JSON.parse((await kubectl(['create', '-n', namespace, '-f', '-', '-o', 'json', ...args], object)).stdout)
  const dry = await create('--dry-run=server')
  expect(dry.metadata.name).toMatch(/^nightly-[0-9a-f]{8}$/)
  expect(dry.expansion.resources[0].metadata.name).toBe(`${dry.metadata.name}-${dry.expansion.revision}`)
  expect((await kubectl(['get', 'aj', '-n', namespace, '-o', 'name'])).stdout).toBe('')
  const [one, other] = [await create(), await create()]
  const names = [one, other].map(({ metadata, expansion }) => `${metadata.name}-${expansion.revision}`).sort()
  await eventually(
    'both runs',
    () => jobNames(namespace),
    (found) => found.length === 2,
  )
  expect(await jobNames(namespace)).toEqual(names)
  expect((await getAgentJob(namespace, one.metadata.name)).expansion).toEqual(one.expansion)
})
