import { expect, test } from 'bun:test'
import { FINALIZER } from '../../src/controller/finalizer.ts'
import { SIGNING_SECRET } from '../../src/signing/key.ts'
import { NAMESPACE } from '../operator/install.ts'
import { SETTINGS } from '../operator/operator.ts'
import { crash, registered, startOperatorAgain, startReplica, stopOperator } from './operators.ts'
import {
  agentJob,
  agentjob,
  apply,
  aWhile,
  clusterAccess,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  kubectl,
  list,
  newNamespace,
  patch,
  theWorld,
  untilPhase,
} from './world.ts'

// The operator and what it stands on, stopped and killed. One after the other; each restores the world.

const { cluster } = await theWorld()
const withPods = test.skipIf(!cluster.pods)
// nobody else's API server is killed
const onOurs = test.skipIf(process.env.AGENTJOB_TEST_KUBECONFIG !== undefined)
const SLEEPS = 'echo: sleep 10m'
const NAMES = Array.from({ length: 20 }, (_, index) => `job-${index}`)

/** For runs that need not get as far as a node. */
const NOWHERE = { podTemplate: { spec: { nodeSelector: { no: 'node' } } } }

/** Creates an AgentJob, again and again until the API server has taken it. */
const persistently = (namespace: string, name: string) =>
  eventually(
    `${name} is taken`,
    () => kubectl(['apply', '-n', namespace, '-f', '-'], JSON.stringify(agentJob(name, NOWHERE))),
    ({ code }) => code === 0,
  )

/** Each of these AgentJobs has one Job, and goes on having one. */
async function expectOneJobEach(namespace: string, names: string[]): Promise<void> {
  const owners = async () =>
    (await list(namespace, 'jobs')).map(({ metadata }) => metadata.ownerReferences?.[0]?.name as string).sort()
  await eventually('a Job for each', owners, (found) => found.length >= names.length)
  await aWhile()
  expect(await owners()).toEqual([...names].sort())
}

withPods('with a new signing key everything is expanded again and nothing runs again', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [
    echoRuntime(),
    clusterAccess(),
    agentJob('done'),
    agentJob('done-on-change', { redeploy: 'OnChange' }),
    agentJob('running', { prompt: SLEEPS }),
    agentJob('with-rights', { prompt: SLEEPS, clusterAccessRef: 'namespace' }),
    agentJob('waiting', { suspend: true }),
    agentJob('nightly', { schedule: '30 2 1 1 *' }),
    agentJob('rerun', { schedule: '30 2 1 1 *' }),
  ])
  for (const name of ['done', 'done-on-change']) await untilPhase(namespace, name, 'Succeeded')
  for (const name of ['running', 'with-rights']) await untilPhase(namespace, name, 'Running')
  await agentjob(['rerun', 'rerun', '-n', namespace])
  await eventually(
    'the rerun',
    () => jobNames(namespace),
    (names) => names.length === 5,
  )
  const [jobs, before] = [await jobNames(namespace), (await getAgentJob(namespace, 'done')).expansion]
  await stopOperator()
  await kubectl(['delete', 'secret', SIGNING_SECRET, '-n', NAMESPACE])
  await startOperatorAgain()
  const { expansion } = await eventually(
    'another signature',
    () => getAgentJob(namespace, 'done'),
    ({ expansion }) => expansion?.signature !== before?.signature,
  )
  expect(expansion?.revision).toBe(before?.revision as string)
  for (const name of ['done', 'done-on-change', 'running', 'waiting', 'nightly', 'rerun'])
    await eventually(
      `${name} is expanded`,
      () => getAgentJob(namespace, name),
      ({ status }) => status?.conditions?.some(({ type, status }) => type === 'Expanded' && status === 'True') ?? false,
    )
  await aWhile()
  expect(await jobNames(namespace)).toEqual(jobs)
  for (const name of ['running', 'with-rights'])
    expect((await getAgentJob(namespace, name)).status?.phase).toBe('Running')
  // nobody can say any more who asked for its rights
  await eventually(
    "its rights are nobody's",
    () => getAgentJob(namespace, 'with-rights'),
    ({ status }) =>
      status?.conditions?.some(({ type, reason }) => type === 'Expanded' && reason === 'Forbidden') ?? false,
  )
  await patch(namespace, 'waiting', { spec: { suspend: false } })
  await eventually(
    'the one that waited',
    () => jobNames(namespace),
    (names) => names.length === jobs.length + 1,
  )
})

test('another replica takes over from an operator that is killed; every AgentJob runs once', async () => {
  const namespace = await newNamespace()
  await apply(namespace, echoRuntime())
  const second = await startReplica({ name: 'second' })
  try {
    const created = NAMES.map((name) => persistently(namespace, name))
    await Promise.race(created)
    await stopOperator('SIGKILL')
    await registered(second)
    await Promise.all(created)
    await expectOneJobEach(namespace, NAMES)
  } finally {
    await startOperatorAgain()
    await second.stop()
  }
  await apply(namespace, agentJob('afterwards', NOWHERE))
  await expectOneJobEach(namespace, [...NAMES, 'afterwards'])
})

for (const component of ['kube-apiserver', 'etcd'] as const)
  onOurs(`a restart of ${component} in the middle of twenty creates: every AgentJob runs once`, async () => {
    const namespace = await newNamespace()
    await apply(namespace, echoRuntime())
    const created = NAMES.map((name) => persistently(namespace, name))
    await Promise.race(created)
    await crash(component)
    await Promise.all(created)
    await expectOneJobEach(namespace, NAMES)
  })

test('an operator that is frozen past its lease does not make a second Job when it wakes', async () => {
  const [namespace, { operator }] = [await newNamespace(), await theWorld()]
  await apply(namespace, echoRuntime())
  const second = await startReplica({ name: 'second' })
  try {
    operator.signal('SIGSTOP')
    await registered(second)
    await Promise.all(NAMES.map((name) => persistently(namespace, name)))
    await expectOneJobEach(namespace, NAMES)
    operator.signal('SIGCONT')
    await expectOneJobEach(namespace, NAMES)
  } finally {
    operator.signal('SIGCONT')
    await registered(operator)
    await second.stop()
  }
  await apply(namespace, agentJob('afterwards', NOWHERE))
  await expectOneJobEach(namespace, [...NAMES, 'afterwards'])
})

test('a rolling restart of the operator refuses no request', async () => {
  const namespace = await newNamespace()
  await apply(namespace, echoRuntime())
  const load = startLoad(namespace)
  const old = (await theWorld()).operator
  await startOperatorAgain()
  await old.stop()
  await aWhile()
  const { answered, errors } = await load.stop()
  expect(errors).toEqual([])
  expect(answered).toBeGreaterThan(50)
})

/** Eight clients that write all the time, each an AgentJob of its own; gives how many writes were answered, and what went wrong. */
function startLoad(namespace: string) {
  let going = true
  let answered = 0
  const errors: string[] = []
  const client = async (index: number) => {
    await apply(namespace, agentJob(`job-${index}`, { suspend: true }))
    while (going)
      await patch(namespace, `job-${index}`, { metadata: { labels: { count: `${answered++}` } } }).catch(
        (error: Error) => errors.push(error.message),
      )
  }
  const clients = Promise.all(Array.from({ length: 8 }, (_, index) => client(index)))
  return {
    async stop() {
      going = false
      await clients
      return { answered, errors }
    },
  }
}

/** What there is of ClusterRoles and their bindings that are named after AgentJobs of a namespace. */
const clusterRoles = async (namespace: string) =>
  (await kubectl(['get', 'clusterroles,clusterrolebindings', '-o', 'name'])).stdout
    .split('\n')
    .filter((line) => line.includes(`:${namespace}:`))
    .map((line) => line.split('/')[1])

test('cluster-scoped children of an AgentJob that went while the controller was down are swept when it is back', async () => {
  const namespace = await newNamespace()
  const ours = `agentjob:${namespace}:stays`
  const strangers = `agentjob:${namespace}:strangers`
  const spec = { clusterAccessRef: 'cluster', suspend: true }
  await apply(namespace, [echoRuntime(), clusterAccess('Cluster'), agentJob('mine', spec), agentJob('stays', spec)])
  await eventually(
    'the ClusterRoles',
    () => clusterRoles(namespace),
    (found) => found.length === 4,
  )
  await kubectl(['create', 'clusterrole', strangers, '--verb=get', '--resource=pods'])
  await stopOperator()
  await kubectl(['delete', 'aj', 'mine', '-n', namespace, '--wait=false'])
  await patch(namespace, 'mine', { metadata: { finalizers: null } })
  expect((await kubectl(['get', 'aj', 'mine', '-n', namespace])).stderr).toContain('NotFound')
  await startOperatorAgain()
  const left = await eventually(
    'the sweep',
    () => clusterRoles(namespace),
    (found) => found.length === 3,
  )
  expect(left).toEqual([ours, strangers, ours])
  await kubectl(['delete', 'clusterrole', strangers])
})

test('cluster-scoped children go with their AgentJob, also when somebody is faster than its finalizer', async () => {
  const [namespace, { operator }] = [await newNamespace(), await theWorld()]
  const mine = agentJob('mine', { clusterAccessRef: 'cluster', suspend: true })
  await apply(namespace, [echoRuntime(), clusterAccess('Cluster'), mine])
  await eventually(
    'the ClusterRole',
    () => clusterRoles(namespace),
    (found) => found.length === 2,
  )
  const webhook = await startReplica({ name: 'webhook', only: 'webhook' })
  try {
    await registered(webhook)
    operator.signal('SIGSTOP')
    await patch(namespace, 'mine', { metadata: { finalizers: null } })
    await kubectl(['delete', 'aj', 'mine', '-n', namespace])
    // one of the same name, whose account would inherit the rights
    await apply(namespace, agentJob('mine', { suspend: true }))
  } finally {
    operator.signal('SIGCONT')
    await registered(operator)
    await webhook.stop()
  }
  await eventually(
    'the end of the rights',
    () => clusterRoles(namespace),
    (found) => found.length === 0,
    20_000,
  )
})

test('with ClusterAccess switched off, an AgentJob with rights in the whole cluster stays until it is switched on', async () => {
  const namespace = await newNamespace()
  const mine = agentJob('mine', { clusterAccessRef: 'cluster', suspend: true })
  const found = (count: number) =>
    eventually(
      `${count} ClusterRoles and bindings`,
      () => clusterRoles(namespace),
      (names) => names.length === count,
    )
  await apply(namespace, [echoRuntime(), clusterAccess('Cluster'), mine])
  await found(2)
  await stopOperator()
  await startOperatorAgain({ settings: { ...SETTINGS, clusterAccess: false } })
  await kubectl(['delete', 'aj', 'mine', '-n', namespace, '--wait=false'])
  const told = ['get', 'events', '-n', namespace, '--field-selector', 'reason=RightsKept', '-o', 'name']
  await eventually(
    'the Event RightsKept',
    async () => (await kubectl(told)).stdout,
    (names) => names !== '',
  )
  expect((await getAgentJob(namespace, 'mine')).metadata).toMatchObject({
    deletionTimestamp: expect.any(String),
    finalizers: [FINALIZER],
  })
  await found(2)
  await stopOperator()
  await startOperatorAgain()
  await found(0)
  expect((await kubectl(['get', 'aj', 'mine', '-n', namespace])).stderr).toContain('NotFound')
})
