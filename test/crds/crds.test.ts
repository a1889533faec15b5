import { afterAll, beforeAll, expect, test } from 'bun:test'
import { setTimeout } from 'node:timers/promises'
import { crd } from '../../src/api/crd.ts'
import { GROUP, VERSION } from '../../src/api/kind.ts'
import { kindOf, kinds } from '../../src/api/kinds.ts'
import type { Client } from '../../src/kube/client.ts'
import type { ApiError } from '../../src/kube/errors.ts'
import type { KubeObject, ResourceType } from '../../src/kube/object.ts'
import { connectClient, freshNamespace, withApiServer } from '../kube/apiserver.ts'

/** The CRDs under another group: no webhook is called for it, and nobody else's objects are touched. */
const TEST_GROUP = 'crds.test'
const typeOf = (kind: string): ResourceType => ({
  group: TEST_GROUP,
  version: VERSION,
  kind,
  plural: kindOf(kind)?.plural ?? '',
  namespaced: true,
})
const DEFINITIONS: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

interface Definition extends KubeObject {
  status: { conditions: { type: string; status: string; message: string }[] }
}

withApiServer('the CRDs on a real API server', () => {
  let client: Client
  let namespace: Awaited<ReturnType<typeof freshNamespace>>
  const definitions = kinds.map(
    (kind) => JSON.parse(JSON.stringify(crd(kind)).replaceAll(GROUP, TEST_GROUP)) as Definition,
  )
  const stored = ({ metadata }: Definition) => client.get<Definition>(DEFINITIONS, { name: metadata.name as string })
  const holds = (definition: Definition | undefined, type: string) =>
    definition?.status.conditions?.some((condition) => condition.type === type && condition.status === 'True')

  beforeAll(async () => {
    client = connectClient()
    namespace = await freshNamespace(client)
    for (const one of definitions) await client.apply(DEFINITIONS, one, { fieldManager: 'test', force: true })
    for (const one of definitions) while (!holds(await stored(one), 'Established')) await setTimeout(50)
    // Served a little after it is established.
    for (const { kind } of kinds) while (await failure(client.list(typeOf(kind)))) await setTimeout(50)
  }, 30_000)
  afterAll(async () => {
    for (const { metadata } of definitions) await client.delete(DEFINITIONS, { name: metadata.name as string })
    await namespace.delete()
    client.transport.close()
  })

  const failure = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: ApiError) => error)
  let count = 0
  const create = (kind: string, fields: object) =>
    client.create<KubeObject>(
      typeOf(kind),
      {
        apiVersion: `${TEST_GROUP}/${VERSION}`,
        kind,
        metadata: { namespace: namespace.name, name: `case-${count++}` },
        ...fields,
      },
      { fieldValidation: 'Strict' },
    )

  test('are structural, and their rules cheap enough', async () => {
    for (const definition of definitions) {
      const found = await stored(definition)
      expect([found?.metadata.name, holds(found, 'Established')]).toEqual([definition.metadata.name, true])
      expect(holds(found, 'NonStructuralSchema')).toBeFalsy()
    }
  })

  for (const { kind, spec, example } of kinds)
    test(`${kind}: the API server fills in the defaults that zod does`, async () => {
      const given = kind === 'AgentJob' ? { ...example, persistence: {} } : example
      expect((await create(kind, { spec: given })).spec).toEqual(spec.parse(given))
    })

  const run = { runtimeRef: 'echo', prompt: 'Say hello.' }

  test('an AgentJob that no controller has looked at is behind its generation', async () => {
    const made = await create('AgentJob', { spec: run })
    const unseen = { metadata: { generation: 1 }, status: { observedGeneration: -1 } }
    expect(made).toMatchObject(unseen)
    const { name, namespace } = made.metadata as { name: string; namespace: string }
    expect(await client.get<KubeObject>(typeOf('AgentJob'), { name, namespace })).toMatchObject(unseen)
  })

  const refused: { name: string; kind: string; spec: unknown; want: string }[] = [
    { name: 'no spec', kind: 'AgentJob', spec: undefined, want: 'spec: Required value' },
    { name: 'no prompt', kind: 'AgentJob', spec: { runtimeRef: 'echo' }, want: 'spec.prompt: Required value' },
    { name: 'a bad name', kind: 'AgentJob', spec: { ...run, authRef: 'A_b' }, want: 'spec.authRef' },
    { name: 'a bad value', kind: 'AgentJob', spec: { ...run, redeploy: 'Always' }, want: 'spec.redeploy' },
    { name: 'no timeout', kind: 'AgentJob', spec: { ...run, timeoutSeconds: 0 }, want: 'spec.timeoutSeconds' },
    {
      name: 'a bad quantity',
      kind: 'AgentJob',
      spec: { ...run, resources: { limits: { cpu: 'many' } } },
      want: 'spec.resources.limits.cpu',
    },
    { name: 'a name twice', kind: 'AgentJob', spec: { ...run, skillRefs: ['a', 'a'] }, want: 'Duplicate value: "a"' },
    { name: 'neither command nor url', kind: 'McpServer', spec: {}, want: 'exactly one of command and url' },
    {
      name: 'both command and url',
      kind: 'McpServer',
      spec: { command: 'npx', url: 'https://example.com/mcp' },
      want: 'exactly one of command and url',
    },
    {
      name: 'args for a url',
      kind: 'McpServer',
      spec: { url: 'https://example.com/mcp', args: ['-y'] },
      want: 'args and env go with command',
    },
    {
      name: 'headers for a command',
      kind: 'McpServer',
      spec: { command: 'npx', headers: [{ name: 'X-A', value: 'b' }] },
      want: 'headers go with url',
    },
    {
      name: 'a header without a value',
      kind: 'McpServer',
      spec: { url: 'https://example.com/mcp', headers: [{ name: 'X-A' }] },
      want: 'exactly one of value and valueFrom',
    },
    {
      name: 'a rule for nothing',
      kind: 'ClusterAccess',
      spec: { rules: [{ verbs: ['get'] }] },
      want: 'needs apiGroups and resources',
    },
    {
      name: 'paths in a namespace',
      kind: 'ClusterAccess',
      spec: { rules: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }] },
      want: 'needs scope: Cluster',
    },
    {
      name: 'paths beside resources',
      kind: 'ClusterAccess',
      spec: {
        scope: 'Cluster',
        rules: [{ verbs: ['get'], nonResourceURLs: ['/metrics'], apiGroups: [''], resources: ['pods'] }],
      },
      want: 'stand in a rule of their own',
    },
  ]
  for (const { name, kind, spec, want } of refused)
    test(`${kind}: ${name} is refused`, async () => {
      const error = await failure(create(kind, { spec }))
      expect([error?.status, error?.message]).toEqual([422, expect.stringContaining(want)])
      // zod says the same; only a list of type set is the API server's own to check.
      if (name !== 'a name twice') expect(kindOf(kind)?.spec.safeParse(spec).success).toBe(false)
    })

  test('AgentJob: status is a subresource, and what is written there leaves spec and expansion alone', async () => {
    const expansion = { configHash: 'abc', resources: [{ kind: 'Job', any: { depth: [1] } }] }
    const created = await create('AgentJob', { spec: run, expansion, status: { phase: 'Running' } })
    expect(created.status).toEqual({ observedGeneration: -1 })
    expect(created.expansion).toEqual(expansion)
    const changed = { ...created, spec: {}, expansion: {}, status: { phase: 'Running' } }
    const updated = await client.update<KubeObject>(typeOf('AgentJob'), changed, { subresource: 'status' })
    expect(updated).toMatchObject({ spec: created.spec as object, expansion, status: { phase: 'Running' } })
  })

  test('AgentJob: podTemplate keeps what no schema knows', async () => {
    const podTemplate = { metadata: { labels: { a: 'b' } }, spec: { nodeSelector: { disk: 'ssd' } } }
    const { spec } = await create('AgentJob', { spec: { ...run, podTemplate } })
    expect(spec).toMatchObject({ podTemplate })
  })
})
