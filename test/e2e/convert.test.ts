import { afterAll, describe, expect, test } from 'bun:test'
import { type Fields, isFields } from '../../src/api/isfields.ts'
import { kinds } from '../../src/api/kinds.ts'
import { cases, converted, GENERATIONS } from '../convert/fixtures.ts'
import { agentjob, apply, ECHO, kubectl, newNamespace, theWorld, untilPhase } from './world.ts'

/*
 * What comes out of `agentjob convert` runs: the manifests of every generation, on the echo agent instead of their images,
 * with stand-ins for what they refer to and do not bring along.
 */

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)
const TIME = 300_000

interface Manifest extends Fields {
  kind: string
  metadata: Fields & { name: string }
  spec: Fields
}

const ofKind = (objects: Manifest[], kind: string) => objects.filter((object) => object.kind === kind)

/** An object as it can run here: in the namespace of the test, on the echo agent, wherever there is a node, and at once. */
function runnable(object: Manifest): Manifest {
  const { namespace: _, generateName, ...metadata } = object.metadata
  const name = metadata.name ?? `${generateName}1`
  const spec = { ...object.spec }
  if (object.kind === 'AgentRuntime') {
    Object.assign(spec, { image: ECHO, imagePullPolicy: 'IfNotPresent' })
    // the echo agent reads agent.json, and is its image's entrypoint
    for (const field of ['dialect', 'command', 'scheduling', 'runtimeClassName']) delete spec[field]
  }
  // the echo agent has no shell to stay in
  if (object.kind === 'AgentJob') for (const field of ['suspend', 'humanInTheLoop']) delete spec[field]
  if (Array.isArray(spec.contexts)) spec.contexts = spec.contexts.map(unfetched)
  return { ...object, metadata: { ...metadata, name }, spec: object.kind === 'Context' ? unfetched(spec) : spec }
}

/** What is fetched has tests of its own; here it is a text. */
function unfetched(context: Fields): Fields {
  const { git, url, ...rest } = context
  return git || url ? { ...rest, type: 'Inline', inline: { content: 'fetched' } } : context
}

/** Every object below a value, with the name of the member that it is. */
function* membersOf(value: unknown, key = ''): Generator<[string, Fields]> {
  if (Array.isArray(value)) for (const item of value) yield* membersOf(item, key)
  if (!isFields(value)) return
  yield [key, value]
  for (const [name, member] of Object.entries(value)) yield* membersOf(member, name)
}

/** Secrets and ConfigMaps that are referred to, with the keys that are. */
function sources(objects: Manifest[], kind: 'Secret' | 'ConfigMap', keys: string[]): object[] {
  const wanted = new Map<string, Set<string>>()
  for (const [key, { name, key: of }] of objects.flatMap((object) => [...membersOf(object.spec)]))
    if (keys.includes(key) && typeof name === 'string')
      wanted.set(name, (wanted.get(name) ?? new Set(['STANDS_IN'])).add(typeof of === 'string' ? of : 'STANDS_IN'))
  return [...wanted].map(([name, found]) => ({
    apiVersion: 'v1',
    kind,
    metadata: { name },
    [kind === 'Secret' ? 'stringData' : 'data']: Object.fromEntries([...found].map((key) => [key, 'x'])),
  }))
}

const ours = (kind: string, name: string, spec: object) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind,
  metadata: { name },
  spec,
})

/** What the objects refer to and do not bring along. */
function standIns(objects: Manifest[]): object[] {
  const missing = (kind: string, names: unknown[]) => {
    const there = ofKind(objects, kind).map(({ metadata }) => metadata.name)
    return [...new Set(names)].filter((name): name is string => typeof name === 'string' && !there.includes(name))
  }
  const contexts = objects.flatMap(({ spec }) => (Array.isArray(spec.contexts) ? spec.contexts : []))
  const runtimes = ofKind(objects, 'AgentRuntime')
  return [
    ...sources(objects, 'Secret', ['secretRef', 'secretKeyRef', 'tokenSecretRef']),
    ...sources(objects, 'ConfigMap', ['configMap', 'configMapRef', 'configMapKeyRef']),
    ...missing(
      'ServiceAccount',
      runtimes.map(({ spec }) => spec.serviceAccountName),
    )
      .filter((name) => name !== 'default')
      .map((name) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } })),
    ...missing(
      'AgentRuntime',
      ofKind(objects, 'AgentJob').map(({ spec }) => spec.runtimeRef),
    ).map((name) => ours('AgentRuntime', name, { image: ECHO, imagePullPolicy: 'IfNotPresent' })),
    ...missing(
      'Context',
      contexts.map(({ name }) => name),
    ).map((name) => ours('Context', name, { type: 'Inline', inline: { content: 'x' } })),
  ]
}

const KINDS = kinds.filter(({ expands }) => !expands).map(({ kind }) => kind)

for (const generation of GENERATIONS)
  describe(generation, () => {
    for (const name of cases(generation))
      withPods(
        `${name} runs`,
        async () => {
          const namespace = await newNamespace()
          const objects = ((await converted(name)).objects as Manifest[])
            .filter(({ apiVersion }) => apiVersion === 'agentjob.io/v1alpha1')
            .map(runnable)
          const library = objects.filter(({ kind }) => KINDS.includes(kind))
          const jobs = ofKind(objects, 'AgentJob')
          for (const some of [standIns(objects), library, jobs]) if (some.length) await apply(namespace, some)
          await Promise.all(jobs.map((job) => ends(namespace, job)))
        },
        TIME,
      )
  })

/** Waits for the end of what runs once; runs a schedule once. */
async function ends(namespace: string, { metadata: { name }, spec }: Manifest): Promise<void> {
  if (spec.schedule === undefined) {
    await untilPhase(namespace, name, 'Succeeded', TIME)
    return
  }
  await untilPhase(namespace, name, 'Scheduled', TIME)
  const { code, stderr } = await agentjob(['rerun', name, '-n', namespace, '--wait', '--timeout=240s'])
  expect({ name, code, stderr }).toMatchObject({ name, code: 0 })
}

const PLURALS = { Task: 'tasks', Agent: 'agents' }
const crdOf = ([kind, plural]: [string, string]) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.kubetask.io` },
  spec: {
    group: 'kubetask.io',
    scope: 'Namespaced',
    names: { kind, plural, singular: kind.toLowerCase() },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
})
const foreign = (kind: string, name: string, spec: object, more: object = {}) => ({
  apiVersion: 'kubetask.io/v1alpha1',
  kind,
  metadata: { name },
  spec,
  ...more,
})

describe('convert --from-cluster', () => {
  afterAll(async () => {
    await kubectl([
      'delete',
      'crd',
      ...Object.values(PLURALS).map((plural) => `${plural}.kubetask.io`),
      '--ignore-not-found',
    ])
  })

  test('reads the kinds that are served, and what has run does not run again', async () => {
    const namespace = await newNamespace()
    await apply(namespace, Object.entries(PLURALS).map(crdOf))
    await kubectl(['wait', 'crd/tasks.kubetask.io', 'crd/agents.kubetask.io', '--for=condition=Established'])
    await apply(namespace, [
      foreign('Agent', 'default', { agentImage: ECHO, serviceAccountName: 'default', workspaceDir: '/workspace' }),
      foreign('Task', 'done', { description: 'Go.' }, { status: { phase: 'Completed' } }),
      foreign('Task', 'new', { description: 'Go.' }),
    ])
    const { code, stdout, stderr } = await agentjob(['convert', '--from-cluster', '-n', namespace, '-o', 'json'])
    expect(`${code} ${stderr}`).toStartWith('0 ')
    expect(stderr).toContain(`${namespace}/task.kubetask.io/done: note: has ended already (Completed)`)
    const come = (JSON.parse(stdout).items as Manifest[]).map(({ kind, metadata, spec }) => [
      kind,
      metadata.name,
      spec.suspend,
    ])
    expect(come).toEqual([
      ['AgentRuntime', 'default', undefined],
      ['AgentJob', 'done', true],
      ['AgentJob', 'new', undefined],
    ])
  })
})
