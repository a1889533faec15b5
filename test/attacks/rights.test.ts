import { expect, test } from 'bun:test'
import { AUTHOR, grant, may, newUser, type Rule } from '../e2e/users.ts'
import { agentJob, apply, eventually, getAgentJob, theWorld } from '../e2e/world.ts'
import { LIBRARY } from '../operator/install.ts'
import {
  asks,
  asksFor,
  denied,
  newTenant,
  ofKind,
  patches,
  podOf,
  served,
  type Tenant,
  theTenant,
  tries,
} from './tenant.ts'

/*
 * Wanted: rights at the Kubernetes API that one does not hold. More of this: test/e2e/access.test.ts.
 */

const NODES: Rule = { apiGroups: [''], resources: ['nodes'], verbs: ['get'] }
const PODS: Rule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] }
const USE: Rule = { apiGroups: ['agentjob.io'], resources: ['clusteraccesses'], verbs: ['use'] }
const access = (rules: object[], scope = 'Namespace', name = 'powers') =>
  ofKind('ClusterAccess', name, { scope, rules })

// A ClusterAccess of one's own

const NOT_HELD: { name: string; rule: object; scope?: string; lacks: (namespace: string) => string }[] = [
  { name: 'what nobody has in a namespace', rule: NODES, lacks: (at) => `get nodes in namespace ${at}` },
  { name: 'what he holds, but everywhere', rule: PODS, scope: 'Cluster', lacks: () => 'get pods in all namespaces' },
  {
    name: 'everything',
    rule: { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    lacks: (at) => `* *.* in namespace ${at}`,
  },
  {
    name: 'roles, to grant himself the rest',
    rule: { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['create', 'escalate'] },
    lacks: (at) =>
      ['create', 'escalate'].map((verb) => `${verb} roles.rbac.authorization.k8s.io in namespace ${at}`).join(', '),
  },
  {
    name: 'to be somebody else',
    rule: { apiGroups: [''], resources: ['users'], verbs: ['impersonate'], resourceNames: ['admin'] },
    scope: 'Cluster',
    lacks: () => 'impersonate users "admin" in all namespaces',
  },
  {
    name: 'the use of every ClusterAccess',
    rule: USE,
    lacks: (at) => `use clusteraccesses.agentjob.io in namespace ${at}`,
  },
  {
    name: 'to write what became of a run',
    rule: { apiGroups: ['agentjob.io'], resources: ['agentjobs/status'], verbs: ['patch'] },
    lacks: (at) => `patch agentjobs/status.agentjob.io in namespace ${at}`,
  },
  {
    name: 'every subresource of what he holds',
    rule: { apiGroups: [''], resources: ['*/status'], verbs: ['patch'] },
    lacks: (at) => `patch */status in namespace ${at}`,
  },
  {
    name: 'paths that are no resources',
    rule: { nonResourceURLs: ['/metrics'], verbs: ['get'] },
    scope: 'Cluster',
    lacks: () => 'get /metrics',
  },
]

for (const { name, rule, scope, lacks } of NOT_HELD)
  test.concurrent(`a ClusterAccess with ${name} is refused`, async () => {
    const mallory = await theTenant()
    const { refused } = await asks(mallory, access([rule], scope))
    expect(refused).toBe(
      denied(`spec.rules: ${mallory.name} cannot grant rights that are not held: ${lacks(mallory.namespace)}`),
    )
  })

test.concurrent('many rules at once are not too many to be looked at one by one: they are refused', async () => {
  const mallory = await theTenant()
  const rules = ['a', 'b', 'c', 'd', 'e'].map((group) => ({
    apiGroups: [group],
    resources: Array.from({ length: 16 }, (_, index) => `r${index}`),
    verbs: ['get'],
  }))
  expect((await asks(mallory, access([...rules, NODES]))).refused).toBe(
    denied('spec.rules: needs more than 64 access checks; use fewer or wider rules'),
  )
})

// Somebody else's

const mayNotUse = ({ name }: Tenant, what: string) =>
  denied(
    `spec.clusterAccessRef: ${name} may not use ClusterAccess "${what}": it takes the verb "use" on clusteraccesses.agentjob.io, or every right in it`,
  )

/** A tenant, and in his namespace an AgentJob `boss` of somebody who may use the ClusterAccess that it names. */
async function besideTheBoss() {
  const mallory = await newTenant()
  const { namespace } = mallory
  const boss = await newUser(namespace, AUTHOR, USE)
  await apply(namespace, access([NODES], 'Cluster'))
  await apply(namespace, agentJob('boss', { clusterAccessRef: 'powers', suspend: true }), ['--as', boss])
  const account = `system:serviceaccount:${namespace}:boss-runner`
  await untilMay(account, true)
  return { mallory, namespace, account }
}

const untilMay = (account: string, wanted: boolean) =>
  eventually(
    `${account} may read nodes: ${wanted}`,
    () => may(account, undefined, NODES),
    (has) => has === wanted,
  )

const outOfLibrary = async (name: string) =>
  (await theWorld()).client.delete(served('ClusterAccess'), { namespace: LIBRARY, name })

test.concurrent('naming a ClusterAccess without `use` is refused, here and in the library, there or not', async () => {
  const mallory = await newTenant()
  await apply(mallory.namespace, access([NODES], 'Cluster'))
  const shared = `powers-${Date.now().toString(36)}`
  await apply(LIBRARY, access([NODES], 'Cluster', shared))
  for (const name of ['powers', shared, 'missing'])
    expect((await asksFor(mallory, { clusterAccessRef: name })).refused).toBe(mayNotUse(mallory, name))
  await outOfLibrary(shared)
})

test.concurrent('a ClusterAccess of his own, put before one of the library that he may not use, opens nothing when it goes', async () => {
  const mallory = await newTenant()
  const { namespace } = mallory
  const shared = `powers-${Date.now().toString(36)}-shadowed`
  await apply(LIBRARY, access([NODES], 'Cluster', shared))
  expect((await tries(mallory, access([PODS], 'Namespace', shared))).refused).toBeUndefined()
  expect((await tries(mallory, agentJob('mine', { clusterAccessRef: shared, suspend: true }))).refused).toBeUndefined()
  const account = `system:serviceaccount:${namespace}:mine-runner`
  await eventually(
    'the rights of his own',
    () => may(account, namespace, PODS),
    (has) => has,
  )
  await mallory.client.delete(served('ClusterAccess'), { namespace, name: shared })
  const { status } = await eventually(
    'the refusal',
    () => getAgentJob(namespace, 'mine'),
    ({ status }) => status?.reason === 'Forbidden',
  )
  expect(status?.message).toContain(`was not entitled to ClusterAccess "${shared}" as it is now`)
  expect(await may(account, undefined, NODES)).toBe(false)
  await outOfLibrary(shared)
})

test.concurrent('an AgentJob with rights runs no words of somebody who may not use them', async () => {
  const { mallory } = await besideTheBoss()
  const changes = [
    { prompt: 'echo: api /api/v1/nodes' },
    { suspend: false },
    { notify: { url: 'https://hooks.example.com' } },
    { runtimeRef: 'mine' },
    { podTemplate: { spec: { containers: [{ name: 'mine', image: 'example.com/mine' }] } } },
  ]
  for (const spec of changes)
    expect((await patches(mallory, 'AgentJob', 'boss', { spec })).refused).toBe(mayNotUse(mallory, 'powers'))
})

test.concurrent('the account of such an AgentJob gives its token to no other one', async () => {
  const { mallory } = await besideTheBoss()
  // who writes AgentRuntimes chooses the account; a token is what he is after
  await tries(mallory, ofKind('AgentRuntime', 'mine', { image: 'example.com/mine', serviceAccountName: 'boss-runner' }))
  const { object } = await tries(mallory, agentJob('mine', { runtimeRef: 'mine', suspend: true }))
  const { spec } = podOf(object)
  expect([spec.serviceAccountName, spec.automountServiceAccountToken]).toEqual(['boss-runner', false])
  expect(JSON.stringify(spec)).not.toContain('serviceAccountToken')
})

const TO_AN_ACCOUNT: { name: string; spec: object; words: string }[] = [
  {
    name: 'serviceAccountName',
    spec: { serviceAccountName: 'boss-runner' },
    words: "serviceAccountName: is the AgentRuntime's serviceAccountName, or comes with spec.clusterAccessRef",
  },
  {
    name: 'automountServiceAccountToken',
    spec: { automountServiceAccountToken: true },
    words:
      'automountServiceAccountToken: is not for a podTemplate; spec.clusterAccessRef gives the pod rights and a token',
  },
  ...['serviceAccountToken', 'podCertificate'].map((source) => ({
    name: `a projected ${source}`,
    spec: { volumes: [{ name: 'token', projected: { sources: [{ [source]: { path: 'token' } }] } }] },
    words: `volumes[0].projected.sources[0].${source}: cannot be set; allowed here: clusterTrustBundle, configMap, downwardAPI, secret (spec.clusterAccessRef gives the pod an API token)`,
  })),
]

test.concurrent('a podTemplate leads to no account and no token', async () => {
  const mallory = await theTenant()
  for (const { spec, words } of TO_AN_ACCOUNT)
    expect((await asksFor(mallory, { podTemplate: { spec } })).refused).toBe(denied(`spec.podTemplate.spec.${words}`))
})

test.concurrent('the spec of an AgentJob has no field for an account', async () => {
  const mallory = await theTenant()
  const job = agentJob('mine', { serviceAccountName: 'boss-runner' })
  const strict = await tries(mallory, job, { dryRun: true, fieldValidation: 'Strict' })
  expect(strict.refused).toContain('strict decoding error: unknown field "spec.serviceAccountName"')
  const { object } = await tries(mallory, job, { dryRun: true, fieldValidation: 'Ignore' })
  expect([object?.spec?.serviceAccountName, podOf(object).spec.serviceAccountName]).toEqual([undefined, undefined])
})

test.concurrent('who deletes such an AgentJob and makes one of its name inherits nothing', async () => {
  const { mallory, namespace, account } = await besideTheBoss()
  await mallory.client.delete(served('AgentJob'), { namespace, name: 'boss' })
  await eventually(
    'the name is free',
    () => tries(mallory, agentJob('boss', { suspend: true })),
    ({ refused }) => refused === undefined,
  )
  await untilMay(account, false)
})

test.concurrent('rights that were taken back are not had again by what an AgentJob still has', async () => {
  const mallory = await newTenant()
  const { namespace } = mallory
  const revoke = await grant(mallory.name, namespace, USE)
  await apply(namespace, access([NODES], 'Cluster'))
  await tries(mallory, agentJob('mine', { clusterAccessRef: 'powers', suspend: true }))
  await revoke()
  expect((await patches(mallory, 'AgentJob', 'mine', { spec: { suspend: false } })).refused).toBe(
    mayNotUse(mallory, 'powers'),
  )
  expect((await asks(mallory, agentJob('other', { clusterAccessRef: 'powers' }))).refused).toBe(
    mayNotUse(mallory, 'powers'),
  )
})
