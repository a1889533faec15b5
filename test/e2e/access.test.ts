import { expect, test } from 'bun:test'
import type { KubeObject } from '../../src/kube/object.ts'
import { AUTHOR, grant, may, newUser, type Rule } from './users.ts'
import {
  agentJob,
  apply,
  aWhile,
  clusterAccess,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  kubectl,
  logOf,
  namesOf,
  newNamespace,
  refusal,
  theWorld,
  untilPhase,
} from './world.ts'

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

const KEEPER: Rule = { ...AUTHOR, resources: ['clusteraccesses'] }
const USE: Rule = { apiGroups: ['agentjob.io'], resources: ['clusteraccesses'], verbs: ['use'] }
const READ: Rule = { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }
const DELETE: Rule = { apiGroups: [''], resources: ['secrets'], verbs: ['delete'] }

/** A ClusterAccess named `namespace` with these rules. */
const access = (...rules: Rule[]) => ({ ...clusterAccess(), spec: { scope: 'Namespace', rules } })
const withAccess = (spec: object = {}) => agentJob('mine', { clusterAccessRef: 'namespace', suspend: true, ...spec })

/** What kubectl says to a user who is refused. */
const refused = (namespace: string, user: string, object: object, ...args: string[]) =>
  refusal(namespace, object, ['--as', user, ...args])

// Writing one

test.concurrent('nobody writes a ClusterAccess with rights that he does not hold; the refusal names each of them', async () => {
  const namespace = await newNamespace()
  const user = await newUser(namespace, KEEPER, READ)
  const wide: Rule = { apiGroups: ['apps', ''], resources: ['pods/log'], verbs: ['get', 'watch'], resourceNames: ['a'] }
  const said = await refused(namespace, user, access(READ, DELETE, wide))
  expect(said).toContain('Forbidden')
  expect(said).toContain(`spec.rules: ${user} cannot grant rights that are not held: `)
  for (const right of [
    'delete secrets',
    'get pods/log.apps "a"',
    'watch pods/log.apps "a"',
    'get pods/log "a"',
    'watch pods/log "a"',
  ])
    expect(said).toContain(`${right} in namespace ${namespace}`)
  expect(said).not.toContain('configmaps')
  await apply(namespace, access(READ), ['--as', user])
})

test.concurrent('a ClusterAccess that one may not write may be labelled, but neither widened nor changed in scope', async () => {
  const namespace = await newNamespace()
  const user = await newUser(namespace, KEEPER, READ)
  await apply(namespace, access(READ, DELETE))
  await apply(namespace, { ...access(READ, DELETE), metadata: { name: 'namespace', labels: { looked: 'at' } } }, [
    '--as',
    user,
  ])
  expect(await refused(namespace, user, access(READ, DELETE, { ...READ, verbs: ['list'] }))).toContain(
    'list configmaps',
  )
  await apply(namespace, access(READ), ['--as', user])
  const cluster = { ...access(READ), spec: { scope: 'Cluster', rules: [READ] } }
  expect(await refused(namespace, user, cluster)).toContain('get configmaps in all namespaces')
})

test.concurrent('a ClusterAccess cannot be widened while it is being deleted', async () => {
  const namespace = await newNamespace()
  const user = await newUser(namespace, KEEPER, READ)
  const held = { ...access(READ), metadata: { name: 'namespace', finalizers: ['example.com/mine'] } }
  await apply(namespace, held, ['--as', user])
  await kubectl(['delete', 'ca', 'namespace', '-n', namespace, '--as', user, '--wait=false'])
  const everything: Rule = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] }
  const wider = JSON.stringify({ spec: { scope: 'Cluster', rules: [everything] } })
  const patch = ['patch', 'ca', 'namespace', '-n', namespace, '--as', user, '--type=merge', '-p']
  expect((await kubectl([...patch, wider])).stderr).toContain('cannot grant rights')
  // and is let go all the same
  expect(await kubectl([...patch, '{"metadata":{"finalizers":null}}'])).toMatchObject({ code: 0 })
})

test.concurrent('a ClusterAccess that claims to be deleted is checked all the same', async () => {
  const namespace = await newNamespace()
  const user = await newUser(namespace, KEEPER, READ)
  const late = { ...access(DELETE), metadata: { name: 'namespace', deletionTimestamp: '2020-01-01T00:00:00Z' } }
  expect(await refused(namespace, user, late, '--server-side')).toContain('delete secrets')
})

// Naming one

test.concurrent('naming a ClusterAccess without a right to it is refused in the same words whether there is one or not', async () => {
  const namespace = await newNamespace()
  const user = await newUser(namespace, AUTHOR)
  await apply(namespace, echoRuntime())
  const without = await refused(namespace, user, withAccess())
  expect(without).toContain(`spec.clusterAccessRef: ${user} may not use ClusterAccess "namespace"`)
  await apply(namespace, access(READ))
  expect(await refused(namespace, user, withAccess())).toBe(without)
  expect(await namesOf(namespace, 'roles').then((names) => names.filter((name) => name.endsWith('-runner')))).toEqual(
    [],
  )
})

test.concurrent('the verb use is enough to name a ClusterAccess, also before there is one', async () => {
  const namespace = await newNamespace()
  const user = await newUser(namespace, AUTHOR, { ...USE, resourceNames: ['namespace'] })
  await apply(namespace, echoRuntime())
  const { stderr } = await apply(namespace, withAccess(), ['--as', user])
  expect(stderr).toContain('there is no ClusterAccess "namespace"')
  await apply(namespace, access(READ, DELETE))
  await untilRights(namespace, DELETE, true)
  expect(await refused(namespace, user, agentJob('other', { clusterAccessRef: 'another' }))).toContain('may not use')
})

test.concurrent('who holds every right of a ClusterAccess may name it, and loses it when it is widened', async () => {
  const namespace = await newNamespace()
  const [user, keeper] = [await newUser(namespace, AUTHOR, READ), await newUser(namespace, AUTHOR, USE)]
  await apply(namespace, [echoRuntime(), access(READ)])
  await apply(namespace, withAccess(), ['--as', user])
  await apply(namespace, { ...withAccess(), metadata: { name: 'kept' } }, ['--as', keeper])
  await untilRights(namespace, READ, true)
  await apply(namespace, access(READ, DELETE))
  await untilRights(namespace, DELETE, true, 'kept')
  await untilRights(namespace, READ, false)
  const { status } = await untilExpanded(namespace, 'Forbidden')
  expect(status?.conditions).toContainEqual(
    expect.objectContaining({ type: 'Stalled', status: 'True', reason: 'Forbidden' }),
  )
  expect(await rights(namespace, DELETE)).toBe(false)
  // as it was when he was let in
  await apply(namespace, access(READ))
  await untilRights(namespace, READ, true)
})

test.concurrent('who has no right to its ClusterAccess may label an AgentJob, but not change what it does', async () => {
  const namespace = await newNamespace()
  const [owner, user] = [await newUser(namespace, AUTHOR, USE), await newUser(namespace, AUTHOR)]
  await apply(namespace, [echoRuntime(), access(READ)])
  await apply(namespace, withAccess(), ['--as', owner])
  const patch = ['patch', 'aj', 'mine', '-n', namespace, '--as', user, '--type=merge', '-p']
  expect(await kubectl([...patch, '{"metadata":{"labels":{"looked":"at"}}}'])).toMatchObject({ code: 0 })
  for (const spec of [{ prompt: 'echo: result mine' }, { env: [{ name: 'A', value: 'B' }] }, { suspend: false }])
    expect((await kubectl([...patch, JSON.stringify({ spec })])).stderr).toContain('may not use ClusterAccess')
  expect((await getAgentJob(namespace, 'mine')).expansion?.requester).toBe(owner)
  expect(await kubectl([...patch, '{"spec":{"clusterAccessRef":null}}'])).toMatchObject({ code: 0 })
})

// Having one

withPods("an agent's pod has its rights and no others; without a ClusterAccess it has no token", async () => {
  const namespace = await newNamespace()
  const path = (resource: string) => `/api/v1/namespaces/${namespace}/${resource}/x`
  const prompt = `echo: api ${path('configmaps')}\necho: api ${path('secrets')}`
  const job = agentJob('with', { clusterAccessRef: 'namespace', prompt })
  await apply(namespace, [echoRuntime(), access(READ), job, agentJob('without', { prompt })])
  const [{ status }, other] = [
    await untilPhase(namespace, 'with', 'Succeeded'),
    await untilPhase(namespace, 'without', 'Succeeded'),
  ]
  const log = await logOf(namespace, status?.jobName ?? '')
  expect(log).toContain(`GET ${path('configmaps')}: 404`)
  expect(log).toContain(`GET ${path('secrets')}: 403`)
  expect(await logOf(namespace, other.status?.jobName ?? '')).toContain('no token mounted')
})

test.concurrent('a ClusterAccess to the whole cluster brings a ClusterRole, which goes with the AgentJob', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), clusterAccess('Cluster'), agentJob('mine', { clusterAccessRef: 'cluster' })])
  await eventually(
    'the run',
    () => jobNames(namespace),
    (names) => names.length === 1,
  )
  expect(await may(account(namespace), undefined, READ)).toBe(true)
  expect((await getAgentJob(namespace, 'mine')).metadata.finalizers).toEqual(['agentjob.io/cluster-scoped-children'])
  await kubectl(['delete', 'aj', 'mine', '-n', namespace])
  expect(await clusterRoles(namespace)).toEqual([])
  expect(await may(account(namespace), undefined, READ)).toBe(false)
})

test.concurrent('a namespace that is deleted takes the ClusterRoles of its AgentJobs along', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [
    echoRuntime(),
    clusterAccess('Cluster'),
    agentJob('mine', { clusterAccessRef: 'cluster', suspend: true }),
  ])
  await eventually(
    'the ClusterRole',
    () => clusterRoles(namespace),
    (names) => names.length === 2,
  )
  await kubectl(['delete', 'namespace', namespace])
  expect(await clusterRoles(namespace)).toEqual([])
})

test.concurrent("somebody's ClusterRole of our name is neither taken over nor deleted", async () => {
  const namespace = await newNamespace()
  const name = `agentjob:${namespace}:mine`
  await kubectl(['create', 'clusterrole', name, '--verb=list', '--resource=pods'])
  await apply(namespace, [echoRuntime(), clusterAccess('Cluster'), agentJob('mine', { clusterAccessRef: 'cluster' })])
  const { status } = await eventually(
    'the conflict',
    () => getAgentJob(namespace, 'mine'),
    ({ status }) => status?.reason === 'NameConflict',
  )
  expect(status?.message).toContain(name)
  await aWhile()
  // no rights, so no binding and no run either
  expect(await clusterRoles(namespace)).toEqual([`clusterrole/${name}`])
  expect(await jobNames(namespace)).toEqual([])
  await kubectl(['delete', 'aj', 'mine', '-n', namespace])
  const { stdout } = await kubectl(['get', 'clusterrole', name, '-o', 'json'])
  expect((JSON.parse(stdout) as KubeObject & { rules: Rule[] }).rules[0]?.verbs).toEqual(['list'])
  await kubectl(['delete', 'clusterrole', name])
})

test.concurrent('who may no longer use a ClusterAccess cannot change its AgentJob any more; what he once asked for stays', async () => {
  const namespace = await newNamespace()
  const user = await newUser(namespace, AUTHOR)
  const revoke = await grant(user, namespace, USE)
  await apply(namespace, [echoRuntime(), access(READ)])
  await apply(namespace, withAccess(), ['--as', user])
  await untilRights(namespace, READ, true)
  await revoke()
  // what he was entitled to when he asked stays; asking again is another matter
  expect(await refused(namespace, user, withAccess({ prompt: 'echo: result other' }))).toContain('may not use')
  await aWhile()
  expect(await rights(namespace, READ)).toBe(true)
})

const account = (namespace: string, job = 'mine') => `system:serviceaccount:${namespace}:${job}-runner`

const rights = (namespace: string, rule: Rule, job?: string) => may(account(namespace, job), namespace, rule)

const untilRights = (namespace: string, rule: Rule, wanted: boolean, job?: string) =>
  eventually(
    `the right to ${rule.verbs[0]} ${rule.resources[0]}: ${wanted}`,
    () => rights(namespace, rule, job),
    (has) => has === wanted,
  )

const untilExpanded = (namespace: string, reason: string) =>
  eventually(
    `Expanded: ${reason}`,
    () => getAgentJob(namespace, 'mine'),
    ({ status }) => status?.conditions?.some((one) => one.type === 'Expanded' && one.reason === reason) ?? false,
  )

/** ClusterRoles and their bindings that are named after AgentJobs of a namespace. */
async function clusterRoles(namespace: string): Promise<string[]> {
  const { stdout } = await kubectl(['get', 'clusterroles,clusterrolebindings', '-o', 'name'])
  return stdout
    .split('\n')
    .filter((line) => line.includes(`agentjob:${namespace}:`))
    .map((line) => line.replace('.rbac.authorization.k8s.io', ''))
    .sort()
}
