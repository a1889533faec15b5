import { expect, test } from 'bun:test'
import {
  type AgentJobObject,
  agentJob,
  apply,
  aWhile,
  clusterAccess,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  kubectl,
  list,
  namesOf,
  newNamespace,
  patch,
  theWorld,
  untilPhase,
} from './world.ts'

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

const SLEEPS = 'echo: sleep 10m'

const untilNoJob = (namespace: string) => eventually('no Job is left', () => jobNames(namespace), isEmpty)
const isEmpty = (names: string[]) => names.length === 0

/** Nothing has run since a status was read: the same run, and no Job. */
async function expectNoOtherRun(namespace: string, before: AgentJobObject): Promise<void> {
  await aWhile()
  expect(await jobNames(namespace)).toEqual([])
  const { status } = await getAgentJob(namespace, before.metadata.name as string)
  expect(status?.runs?.map(({ uid }) => uid)).toEqual([before.status?.runs?.[0]?.uid])
}

withPods('a Job that its TTL removes is not run again, and its result is kept', async () => {
  const namespace = await newNamespace()
  const spec = { prompt: 'echo: result kept', ttlSecondsAfterFinished: 1 }
  await apply(namespace, [echoRuntime(), agentJob('brief', spec)])
  const job = await untilPhase(namespace, 'brief', 'Succeeded')
  await untilNoJob(namespace)
  await apply(namespace, agentJob('brief', spec, { labels: { touched: 'yes' } }))
  await expectNoOtherRun(namespace, job)
  const { status } = await untilPhase(namespace, 'brief', 'Succeeded')
  expect(status).toMatchObject({ result: 'kept', exitCode: 0 })
  expect(status?.ownedResources).toBeUndefined()
})

withPods('a Job with a TTL of 0 is gone at once, and its outcome is known all the same', async () => {
  const namespace = await newNamespace()
  const brief = { ttlSecondsAfterFinished: 0 }
  await apply(namespace, [
    echoRuntime(),
    agentJob('good', { prompt: 'echo: result kept', ...brief }),
    agentJob('bad', { prompt: 'echo: exit 3', ...brief }),
  ])
  const good = await untilPhase(namespace, 'good', 'Succeeded')
  expect(good.status?.result).toBe('kept')
  const bad = await untilPhase(namespace, 'bad', 'Failed')
  expect(bad.status?.exitCode).toBe(3)
  await untilNoJob(namespace)
  await expectNoOtherRun(namespace, good)
  await expectNoOtherRun(namespace, bad)
})

withPods('a Job that is deleted by hand while it runs has failed, and is not run again', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('task', { prompt: SLEEPS })])
  await untilPhase(namespace, 'task', 'Running')
  await kubectl(['delete', 'jobs', '--all', '-n', namespace])
  const job = await untilPhase(namespace, 'task', 'Failed')
  expect(job.status?.reason).toBe('JobGone')
  await expectNoOtherRun(namespace, job)
})

withPods('a Job that is deleted by hand after it succeeded stays a success', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('task', { prompt: 'echo: result kept' })])
  const job = await untilPhase(namespace, 'task', 'Succeeded')
  await kubectl(['delete', 'jobs', '--all', '-n', namespace])
  await expectNoOtherRun(namespace, job)
  const { status } = await untilPhase(namespace, 'task', 'Succeeded')
  expect(status?.result).toBe('kept')
})

withPods('a pod that is deleted by hand fails its run, which is not tried again', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('task', { prompt: `echo: result half of it\n${SLEEPS}` })])
  await untilPhase(namespace, 'task', 'Running')
  await kubectl(['delete', 'pods', '--all', '-n', namespace])
  const { status } = await untilPhase(namespace, 'task', 'Failed')
  expect(status).toMatchObject({ reason: 'PodDeleted', attempts: 1, result: 'half of it\ninterrupted' })
  await aWhile()
  expect(await list(namespace, 'pods')).toEqual([])
  expect(await jobNames(namespace)).toHaveLength(1)
})

withPods('a run of a schedule that keeps no finished Jobs is remembered', async () => {
  const namespace = await newNamespace()
  const spec = { schedule: '30 2 * * *', prompt: 'echo: result kept', successfulRunsHistoryLimit: 0 }
  await apply(namespace, [echoRuntime(), agentJob('nightly', spec)])
  await untilPhase(namespace, 'nightly', 'Scheduled')
  // as the CronJob itself would start it
  await kubectl(['create', 'job', '-n', namespace, 'nightly-now', '--from=cronjob/nightly'])
  await eventually(
    'the run has come and gone',
    () => getAgentJob(namespace, 'nightly'),
    ({ status }) => status?.runs?.[0]?.phase === 'Succeeded',
  )
  await untilNoJob(namespace)
  await aWhile()
  const { status } = await untilPhase(namespace, 'nightly', 'Scheduled')
  expect(status?.runs).toHaveLength(1)
  expect(status?.runs?.[0]).toMatchObject({ jobName: 'nightly-now', phase: 'Succeeded', result: 'kept' })
})

withPods('an AgentJob that is deleted takes everything of its own along', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [
    echoRuntime(),
    clusterAccess('Namespace'),
    clusterAccess('Cluster'),
    agentJob('once', { prompt: `${SLEEPS}\n${'x'.repeat(40_000)}`, persist: true, clusterAccessRef: 'namespace' }),
    agentJob('nightly', { schedule: '30 2 * * *', clusterAccessRef: 'cluster' }),
  ])
  await untilPhase(namespace, 'once', 'Running')
  await untilPhase(namespace, 'nightly', 'Scheduled')
  const everything = () => ofNamespace(namespace)
  expect(await everything()).toEqual([
    expect.stringMatching(/^configmaps\/once-config-/),
    'cronjobs/nightly',
    expect.stringMatching(/^jobs\/once-/),
    'persistentvolumeclaims/once-data',
    expect.stringMatching(/^pods\/once-/),
    'rolebindings/once-runner',
    'roles/once-runner',
    'serviceaccounts/nightly-runner',
    'serviceaccounts/once-runner',
  ])
  expect(await clusterScoped(namespace)).toHaveLength(2)
  const { code } = await kubectl(['delete', 'aj', '--all', '-n', namespace, '--timeout=60s'])
  expect(code).toBe(0)
  expect(await clusterScoped(namespace)).toEqual([])
  await eventually('nothing is left', everything, isEmpty)
})

withPods('an AgentJob that is deleted and made again at once runs, once', async () => {
  const namespace = await newNamespace()
  const spec = { prompt: 'echo: sleep 1s\necho: result of the second', persist: true }
  await apply(namespace, [echoRuntime(), agentJob('task', spec)])
  const first = await untilPhase(namespace, 'task', 'Running')
  await kubectl(['delete', 'aj', 'task', '-n', namespace, '--wait=false'])
  await apply(namespace, agentJob('task', spec))
  const second = await untilPhase(namespace, 'task', 'Succeeded')
  expect(second.metadata.uid).not.toBe(first.metadata.uid as string)
  expect(second.status?.result).toBe('of the second')
  await aWhile()
  const { status } = await getAgentJob(namespace, 'task')
  expect(status?.runs).toHaveLength(1)
  expect(await jobNames(namespace)).toEqual([status?.jobName as string])
})

test.concurrent('a schedule that is deleted and made again at once is in place again', async () => {
  const namespace = await newNamespace()
  const nightly = agentJob('nightly', { schedule: '30 2 * * *', persist: true })
  await apply(namespace, [echoRuntime(), nightly])
  await untilPhase(namespace, 'nightly', 'Scheduled')
  await kubectl(['delete', 'aj', 'nightly', '-n', namespace, '--wait=false'])
  await apply(namespace, nightly)
  const { metadata } = await untilPhase(namespace, 'nightly', 'Scheduled')
  await aWhile()
  for (const plural of ['cronjobs', 'persistentvolumeclaims']) {
    const owners = (await list(namespace, plural)).map((object) => object.metadata.ownerReferences?.[0]?.uid)
    expect(owners).toEqual([metadata.uid])
  }
})

withPods('a finalizer of somebody else keeps an AgentJob from being deleted, and nothing runs meanwhile', async () => {
  const namespace = await newNamespace()
  const held = { finalizers: ['example.com/held'] }
  await apply(namespace, [echoRuntime(), agentJob('task', {}, held)])
  await untilPhase(namespace, 'task', 'Succeeded')
  await kubectl(['delete', 'aj', 'task', '-n', namespace, '--wait=false'])
  await patch(namespace, 'task', { spec: { prompt: 'echo: result too late' } })
  await aWhile()
  expect(await jobNames(namespace)).toHaveLength(1)
  await patch(namespace, 'task', { metadata: { finalizers: [] } })
  await untilNoJob(namespace)
})

async function ofNamespace(namespace: string): Promise<string[]> {
  const plurals = ['configmaps', 'cronjobs', 'jobs', 'persistentvolumeclaims', 'pods', 'rolebindings', 'roles']
  const names = await Promise.all(
    [...plurals, 'serviceaccounts'].map(async (plural) =>
      (await namesOf(namespace, plural)).map((name) => `${plural}/${name}`),
    ),
  )
  return names.flat()
}

async function clusterScoped(namespace: string): Promise<string[]> {
  const selector = `agentjob.io/namespace=${namespace}`
  const { stdout } = await kubectl(['get', 'clusterroles,clusterrolebindings', '-l', selector, '-o', 'name'])
  return stdout.split('\n').filter(Boolean)
}

withPods('a status that somebody takes away comes back, with the result', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('brief', { prompt: 'echo: result kept\necho: exit 3' })])
  await untilPhase(namespace, 'brief', 'Failed')
  // at rest by now, so that the operator holds no more than an outline of it
  await aWhile()
  const { status: before } = await getAgentJob(namespace, 'brief')
  const taken = JSON.stringify({ status: null })
  const { stderr, code } = await kubectl([
    'patch',
    'aj',
    'brief',
    ...['-n', namespace, '--subresource=status', '--type=merge', '-p', taken],
  ])
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  const { status } = await untilPhase(namespace, 'brief', 'Failed')
  expect(status).toMatchObject({ exitCode: 3, startTime: before?.startTime, completionTime: before?.completionTime })
  expect(status?.result).toBe(before?.result as string)
  expect(status?.runs).toEqual(before?.runs)
  expect(await jobNames(namespace)).toHaveLength(1)
})
