import { expect, test } from 'bun:test'
import type { Expansion } from '../../src/api/expansion.ts'
import { kinds } from '../../src/api/kinds.ts'
import { FINALIZER } from '../../src/controller/finalizer.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { MALFORMED } from '../e2e/loot.ts'
import { AUTHOR, may, newUser, type Rule } from '../e2e/users.ts'
import {
  type AgentJobObject,
  agentJob,
  apply,
  aWhile,
  eventually,
  getAgentJob,
  jobNames,
  kubectl,
  theWorld,
} from '../e2e/world.ts'
import { NAMESPACE, OPERATOR } from '../operator/install.ts'
import { newTenant, ofKind, patches, replaces, served, type Tenant, theTenant, tries } from './tenant.ts'

/*
 * Wanted: that something passes for what the operator has written. More of this: test/e2e/forgery.test.ts,
 * test/e2e/unadmitted.test.ts, test/e2e/tenants.test.ts and test/e2e/children.test.ts.
 */

const NODES: Rule = { apiGroups: [''], resources: ['nodes'], verbs: ['get'] }
const USE: Rule = { apiGroups: ['agentjob.io'], resources: ['clusteraccesses'], verbs: ['use'] }

const get = <T extends KubeObject>(namespace: string, kind: string, name: string) =>
  theWorld().then(({ client }) => client.get<T>(served(kind), { namespace, name }))

// Expansions

/** An AgentJob that is being deleted, and does not go: nobody asks admission about what is written into it. */
async function dying(mallory: Tenant, name: string): Promise<void> {
  await tries(mallory, agentJob(name, { suspend: true }, { finalizers: ['example.com/mine'] }))
  await mallory.client.delete(served('AgentJob'), { namespace: mallory.namespace, name })
}

// the API server takes more, in a time that grows with the square of it
const NESTED = JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`)
const SOUND = { references: [], problems: [], resources: [] }
const POISONS = [
  ...MALFORMED,
  { ...SOUND, references: [{ kind: NESTED, namespace: NESTED, name: NESTED, hash: NESTED }] },
  { ...SOUND, references: [{ kind: 'a', namespace: 'b', name: 'c', hash: 'd', more: NESTED }] },
  { ...SOUND, resources: [{ kind: 'Job', metadata: { name: 'a', annotations: { valueOf: 1, toString: 1 } } }] },
  { ...SOUND, signature: 'a.b.c', more: NESTED },
]

test.concurrent('whatever stands in the expansion of an object that is being deleted, and when it is gone, others go on', async () => {
  const [mallory, victim] = [await newTenant(), await newTenant()]
  const poisoned = POISONS.map(async (expansion, index) => {
    const name = `poison-${index}`
    await dying(mallory, name)
    expect((await patches(mallory, 'AgentJob', name, { expansion })).refused).toBeUndefined()
    // another version, and then the end: each takes out of an index what stands there
    await patches(mallory, 'AgentJob', name, { metadata: { labels: { looked: 'at' } } })
    await patches(mallory, 'AgentJob', name, { metadata: { finalizers: null } })
  })
  await Promise.all(poisoned)
  await tries(victim, agentJob('mine'))
  await eventually(
    'the run of the victim',
    () => jobNames(victim.namespace),
    (names) => names.length === 1,
    15_000,
  )
})

test.concurrent('a requester that somebody writes himself is overwritten', async () => {
  const mallory = await newTenant()
  const forged = { requester: 'system:admin', grants: [{ namespace: mallory.namespace, name: 'powers' }] }
  const made = await tries(mallory, { ...agentJob('mine', { suspend: true }), expansion: forged })
  expect(made.object?.expansion).toMatchObject({ requester: mallory.name })
  expect(made.object?.expansion?.grants).toBeUndefined()
  const { object } = await patches(mallory, 'AgentJob', 'mine', { expansion: forged })
  expect(object?.expansion).toEqual(made.object?.expansion as Expansion)
})

test.concurrent('who changes the spec is the requester, whoever was it before', async () => {
  const mallory = await newTenant()
  const { namespace } = mallory
  const boss = await newUser(namespace, AUTHOR, USE)
  await apply(namespace, agentJob('mine', { suspend: true }), ['--as', boss])
  const { object } = await patches(mallory, 'AgentJob', 'mine', { spec: { prompt: 'echo: result mine' } })
  expect(object?.expansion?.requester).toBe(mallory.name)
})

test.concurrent('nobody may write in the name of another one', async () => {
  const { kubeconfig, name, namespace } = await theTenant()
  const create = ['create', '--dry-run=server', '--validate=false', '--kubeconfig', kubeconfig, '-f', '-']
  const written = (as: string) => kubectl([...create, '--as', as], JSON.stringify(agentJob('mine')))
  for (const other of ['admin', `system:serviceaccount:${NAMESPACE}:${OPERATOR}`])
    expect((await written(other)).stderr).toMatch(
      new RegExp(`^Error from server \\(Forbidden\\): .*User "${name}" cannot impersonate`),
    )
  // `edit` lets him be any account of his own namespace
  const accounts = { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] }
  expect(await may(name, namespace, accounts)).toBe(true)
})

test.concurrent('an old pair of spec and expansion comes back as a new one: of who brings it, checked again', async () => {
  const mallory = await newTenant()
  const { namespace } = mallory
  const boss = await newUser(namespace, AUTHOR, USE)
  await apply(namespace, ofKind('ClusterAccess', 'powers', { scope: 'Cluster', rules: [NODES] }))
  await apply(namespace, agentJob('mine', { suspend: true, clusterAccessRef: 'powers' }), ['--as', boss])
  const old = await getAgentJob(namespace, 'mine')
  await apply(namespace, agentJob('mine', { suspend: true }), ['--as', boss])
  const now = await getAgentJob(namespace, 'mine')
  const replayed = { ...old, metadata: { ...old.metadata, resourceVersion: now.metadata.resourceVersion } }
  expect((await replaces(mallory, replayed)).refused).toContain('may not use ClusterAccess "powers"')
  // the expansion alone, without the spec that it was made from
  const { object } = await patches(mallory, 'AgentJob', 'mine', { expansion: old.expansion })
  expect(object?.expansion).toEqual(now.expansion as Expansion)
  // what is no secret of somebody else's may come back, and is another revision
  await patches(mallory, 'AgentJob', 'mine', { spec: { prompt: 'echo: result other' } })
  const back = await patches(mallory, 'AgentJob', 'mine', { spec: now.spec, expansion: now.expansion })
  expect(back.object?.expansion?.requester).toBe(mallory.name)
  expect(back.object?.expansion?.revision).not.toBe(now.expansion?.revision as string)
})

// Status

for (const { kind, plural } of kinds.filter(({ status }) => status))
  test.concurrent(`the status of an object of kind ${kind} is not for who may write the object`, async () => {
    const mallory = await newTenant()
    await tries(mallory, agentJob('mine', { suspend: true }))
    const { refused } = await patches(mallory, kind, 'mine', { status: { phase: 'Succeeded' } }, 'status')
    expect(refused).toBe(
      `${plural}.agentjob.io "mine" is forbidden: User "${mallory.name}" cannot patch resource "${plural}/status" in API group "agentjob.io" in the namespace "${mallory.namespace}"`,
    )
  })

test.concurrent('a status that comes with an AgentJob, or is written over its own, is left out', async () => {
  const mallory = await newTenant()
  const status = { phase: 'Succeeded', result: 'forged', revision: '00000000', inputHash: '0000000000000000' }
  const { object } = await tries(mallory, { ...agentJob('mine', { suspend: true }), status })
  // the default of who has not been looked at
  expect(object?.status).toEqual({ observedGeneration: -1 })
  await eventually(
    'its own',
    () => getAgentJob(mallory.namespace, 'mine'),
    (job) => job.status?.phase === 'Suspended',
  )
  await patches(mallory, 'AgentJob', 'mine', { status })
  const { status: kept } = await getAgentJob(mallory.namespace, 'mine')
  expect([kept?.phase, kept?.result]).toEqual(['Suspended', undefined])
})

// Owners and names

const suspended = (name: string, metadata: object) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, ...metadata },
  spec: {
    suspend: true,
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'agent', image: 'mine' }] } },
  },
})
const OUR_LABELS = { 'app.kubernetes.io/managed-by': 'agentjob', 'agentjob.io/agentjob': 'mine' }
const owner = ({ apiVersion, kind, metadata }: AgentJobObject) => [
  { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true },
]

/** A victim with an AgentJob `mine` that waits, and a tenant of another namespace. */
async function neighbours() {
  const [victim, mallory] = [await newTenant(), await newTenant()]
  await tries(victim, agentJob('mine', { suspend: true }))
  const job = await eventually(
    'a status',
    () => getAgentJob(victim.namespace, 'mine'),
    ({ status }) => status?.phase === 'Suspended',
  )
  return { victim, mallory, job }
}

test.concurrent('objects of another namespace that claim to be children are none, and are not pruned', async () => {
  const { victim, mallory, job } = await neighbours()
  // by an owner reference: test/e2e/tenants.test.ts; Kubernetes itself deletes what has one that leads nowhere
  const ofVictim = { 'agentjob.io/namespace': victim.namespace, 'agentjob.io/owner-uid': job.metadata.uid }
  const claim = { name: 'mine-runner', labels: { ...OUR_LABELS, ...ofVictim } }
  const kinds = ['ConfigMap', 'ServiceAccount'] as const
  const uids = () =>
    Promise.all(kinds.map(async (kind) => (await get(mallory.namespace, kind, claim.name))?.metadata.uid))
  for (const kind of kinds) await tries(mallory, { apiVersion: 'v1', kind, metadata: claim })
  const before = await uids()
  await patches(victim, 'AgentJob', 'mine', { metadata: { labels: { looked: 'at' } } })
  await aWhile()
  const { status } = await getAgentJob(victim.namespace, 'mine')
  expect([status?.phase, status?.runs, status?.ownedResources]).toEqual(['Suspended', undefined, undefined])
  expect(before).toEqual(kinds.map(() => expect.any(String)))
  expect(await uids()).toEqual(before)
})

test.concurrent('a Job that claims another owner stays the run that it is for nobody: no second one is made, and no status told', async () => {
  const mallory = await newTenant()
  const { namespace } = mallory
  const { victim, job: other } = await neighbours()
  await tries(mallory, agentJob('mine'))
  const [name] = await eventually(
    'the run',
    () => jobNames(namespace),
    (names) => names.length === 1,
  )
  await patches(mallory, 'Job', name as string, { metadata: { ownerReferences: owner(other) } })
  await aWhile()
  // the garbage collector takes it away at once: its owner is in no namespace where it could be
  const { status } = await getAgentJob(victim.namespace, 'mine')
  expect([status?.phase, status?.runs]).toEqual(['Suspended', undefined])
  expect((await jobNames(namespace)).filter((one) => one !== name)).toEqual([])
})

for (const [kind, object] of [
  ['Job', (revision: string) => suspended(`mine-${revision}`, {})],
  [
    'CronJob',
    () => ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'mine' },
      spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: suspended('', {}).spec } },
    }),
  ],
] as const)
  test.concurrent(`a ${kind} of somebody else's that has the name of a child is left alone, our labels or not`, async () => {
    const mallory = await newTenant()
    const { namespace } = mallory
    const spec = kind === 'Job' ? {} : { schedule: '0 3 1 1 *' }
    const { object: made } = await tries(mallory, agentJob('mine', { ...spec, suspend: true }), { dryRun: true })
    const stranger = object(made?.expansion?.revision ?? '')
    const labelled = { ...stranger, metadata: { ...stranger.metadata, labels: OUR_LABELS } }
    await tries(mallory, labelled)
    const before = await get(namespace, kind, stranger.metadata.name)
    await tries(mallory, agentJob('mine', spec))
    const { status } = await eventually(
      'the conflict',
      () => getAgentJob(namespace, 'mine'),
      ({ status }) => status?.reason === 'NameConflict',
    )
    expect(status?.message).toContain(`${kind} ${stranger.metadata.name} exists and does not belong to this AgentJob`)
    await mallory.client.delete(served('AgentJob'), { namespace, name: 'mine' })
    await aWhile()
    const after = await get(namespace, kind, stranger.metadata.name)
    expect([after?.metadata.uid, after?.spec]).toEqual([before?.metadata.uid, before?.spec] as never)
  })

test.concurrent("somebody else's objects with our labels are neither changed nor pruned", async () => {
  const mallory = await newTenant()
  const { namespace } = mallory
  const strangers = (['ConfigMap', 'ServiceAccount'] as const).map((kind) => ({
    apiVersion: 'v1',
    kind,
    metadata: { name: `mine-${kind.toLowerCase()}`, labels: OUR_LABELS },
  }))
  for (const stranger of strangers) await tries(mallory, stranger)
  const versions = async () =>
    Promise.all(
      strangers.map(
        async ({ kind, metadata }) => (await get(namespace, kind, metadata.name))?.metadata.resourceVersion,
      ),
    )
  const before = await versions()
  await tries(mallory, agentJob('mine', { suspend: true }))
  await patches(mallory, 'AgentJob', 'mine', { spec: { persist: true } })
  await patches(mallory, 'AgentJob', 'mine', { spec: { persist: false } })
  await aWhile()
  await mallory.client.delete(served('AgentJob'), { namespace, name: 'mine' })
  await aWhile()
  expect(await versions()).toEqual(before)
})

test.concurrent('an account of somebody else that has the name of a runner gets none of its rights', async () => {
  const mallory = await newTenant()
  const { namespace } = mallory
  const boss = await newUser(namespace, AUTHOR, USE)
  await apply(namespace, ofKind('ClusterAccess', 'powers', { scope: 'Cluster', rules: [NODES] }))
  await tries(mallory, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'mine-runner', labels: OUR_LABELS },
  })
  await apply(namespace, agentJob('mine', { clusterAccessRef: 'powers' }), ['--as', boss])
  await eventually(
    'the conflict',
    () => getAgentJob(namespace, 'mine'),
    ({ status }) => status?.reason === 'NameConflict',
  )
  expect(await may(`system:serviceaccount:${namespace}:mine-runner`, undefined, NODES)).toBe(false)
  expect(await jobNames(namespace)).toEqual([])
})

// Finalizers

/** An AgentJob with rights in the whole cluster, and its ClusterRole. */
async function withClusterRole() {
  const mallory = await newTenant()
  const { namespace } = mallory
  const boss = await newUser(namespace, AUTHOR, USE)
  await apply(namespace, ofKind('ClusterAccess', 'powers', { scope: 'Cluster', rules: [NODES] }))
  await apply(namespace, agentJob('mine', { clusterAccessRef: 'powers', suspend: true }), ['--as', boss])
  const account = `system:serviceaccount:${namespace}:mine-runner`
  await eventually(
    'the rights',
    () => may(account, undefined, NODES),
    (has) => has,
  )
  return { mallory, namespace, account }
}

const untilGone = async (namespace: string, account: string) => {
  const { client } = await theWorld()
  await eventually(
    'the end of the rights',
    () => may(account, undefined, NODES),
    (has) => !has,
    20_000,
  )
  for (const kind of ['ClusterRole', 'ClusterRoleBinding'])
    await eventually(
      `no ${kind}`,
      () => client.get(served(kind), { name: `agentjob:${namespace}:mine` }),
      (found) => found === undefined,
      20_000,
    )
}

test.concurrent('who takes our finalizer away and deletes the AgentJob leaves no rights behind', async () => {
  const { mallory, namespace, account } = await withClusterRole()
  for (let round = 0; round < 20; round++) {
    await patches(mallory, 'AgentJob', 'mine', { metadata: { finalizers: null } })
    await mallory.client.delete(served('AgentJob'), { namespace, name: 'mine' })
  }
  await untilGone(namespace, account)
})

test.concurrent('a finalizer of his own keeps the AgentJob, and not its rights', async () => {
  const { mallory, namespace, account } = await withClusterRole()
  await patches(mallory, 'AgentJob', 'mine', { metadata: { finalizers: [FINALIZER, 'example.com/mine'] } })
  await mallory.client.delete(served('AgentJob'), { namespace, name: 'mine' })
  await untilGone(namespace, account)
  expect((await getAgentJob(namespace, 'mine')).metadata.finalizers).toEqual(['example.com/mine'])
  await patches(mallory, 'AgentJob', 'mine', { metadata: { finalizers: null } })
})

test.concurrent('our finalizer on an AgentJob that needs none keeps it for a moment only', async () => {
  const mallory = await newTenant()
  await tries(mallory, agentJob('mine', { suspend: true }, { finalizers: [FINALIZER] }))
  await mallory.client.delete(served('AgentJob'), { namespace: mallory.namespace, name: 'mine' })
  await eventually(
    'its end',
    () => get(mallory.namespace, 'AgentJob', 'mine'),
    (found) => found === undefined,
    20_000,
  )
})

test.concurrent('generateName makes no name that is somebody else’s, and none that is too long', async () => {
  const mallory = await theTenant()
  const generated = (generateName: string) =>
    tries(mallory, agentJob('', { suspend: true }, { name: undefined, generateName }), { dryRun: true })
  const names = await Promise.all([generated('mine-'), generated('mine-')])
  expect(new Set(names.map(({ object }) => object?.metadata.name)).size).toBe(2)
  expect((await generated('a'.repeat(60))).refused).toContain('metadata.generateName: ')
  expect((await generated('../other/')).refused).toContain('metadata.generateName: ')
})
