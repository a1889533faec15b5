import { expect, test } from 'bun:test'
import type { KubeObject } from '../../src/kube/object.ts'
import {
  type AgentJobObject,
  agentJob,
  agentjob,
  apply,
  aWhile,
  clusterAccess,
  ECHO,
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

/** The runtime, changed so that the run shows it. */
const changed = (value = '2') => echoRuntime('echo', { env: [{ name: 'VERSION', value }] })
const SLEEPS = 'echo: sleep 10m'

/** A namespace with a runtime and an AgentJob that has started. */
async function started(spec: object = {}): Promise<{ namespace: string; first: string }> {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('mine', spec)])
  return { namespace, first: await nthJob(namespace, 1) }
}

/** Waits until there are so many Jobs; gives the one that the expansion names. */
async function nthJob(namespace: string, count: number): Promise<string> {
  await eventually(
    `Job number ${count}`,
    () => jobNames(namespace),
    (names) => names.length === count,
  )
  const { expansion, metadata } = await getAgentJob(namespace, 'mine')
  return `${metadata.name}-${expansion?.revision}`
}

const condition = ({ status }: AgentJobObject, type: string) =>
  status?.conditions?.find((condition) => condition.type === type)

const untilCondition = (namespace: string, type: string, status: string, reason?: string) =>
  eventually(
    `${type} ${status} ${reason ?? ''}`,
    () => getAgentJob(namespace, 'mine'),
    (job) => condition(job, type)?.status === status && (!reason || condition(job, type)?.reason === reason),
  )

withPods('a changed runtime runs nothing again by itself; UpToDate says so, and a rerun takes it', async () => {
  const { namespace, first } = await started()
  await untilPhase(namespace, 'mine', 'Succeeded')
  await apply(namespace, changed())
  await untilCondition(namespace, 'UpToDate', 'False', 'ConfigurationChanged')
  await aWhile()
  expect(await jobNames(namespace)).toEqual([first])
  expect((await agentjob(['rerun', 'mine', '-n', namespace])).code).toBe(0)
  const second = await nthJob(namespace, 2)
  await untilCondition(namespace, 'UpToDate', 'True')
  expect(await environment(namespace, second)).toContainEqual({ name: 'VERSION', value: '2' })
})

test.concurrent('a changed runtime runs again what says redeploy: OnChange', async () => {
  const { namespace, first } = await started({ redeploy: 'OnChange' })
  await apply(namespace, changed())
  const second = await nthJob(namespace, 2)
  expect(second).not.toBe(first)
  expect(await environment(namespace, second)).toContainEqual({ name: 'VERSION', value: '2' })
  await untilCondition(namespace, 'UpToDate', 'True')
  // a write that changes nothing of its meaning
  await apply(namespace, { ...changed(), metadata: { name: 'echo', labels: { looked: 'at' } } })
  await aWhile()
  expect(await jobNames(namespace)).toHaveLength(2)
})

test.concurrent('neither a changed runtime nor a changed spec runs again what says redeploy: Never', async () => {
  const { namespace, first } = await started({ redeploy: 'Never' })
  await apply(namespace, changed())
  await untilCondition(namespace, 'UpToDate', 'False', 'ConfigurationChanged')
  await apply(namespace, agentJob('mine', { redeploy: 'Never', prompt: 'echo: result another' }))
  await eventually(
    'the change in the status',
    () => getAgentJob(namespace, 'mine'),
    ({ status, metadata }) => status?.observedGeneration === metadata.generation,
  )
  await aWhile()
  expect(await jobNames(namespace)).toEqual([first])
  expect((await agentjob(['rerun', 'mine', '-n', namespace])).code).toBe(0)
  expect(await nthJob(namespace, 2)).not.toBe(first)
})

test.concurrent('a schedule takes a changed runtime for its next run, and starts none', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('mine', { schedule: '30 2 1 1 *' })])
  await untilPhase(namespace, 'mine', 'Scheduled')
  await apply(namespace, changed())
  await eventually(
    'the new template',
    () => cronJob(namespace),
    ({ spec }) => JSON.stringify(spec).includes('"VERSION"'),
  )
  const { status } = await untilCondition(namespace, 'UpToDate', 'True')
  expect(status?.phase).toBe('Scheduled')
  await aWhile()
  expect(await jobNames(namespace)).toEqual([])
})

test.concurrent('a missing reference is warned of and waited for; the run starts when it appears', async () => {
  const namespace = await newNamespace()
  const { stderr } = await apply(namespace, agentJob('mine', { skillRefs: ['research'] }))
  expect(stderr).toContain(`Warning: spec.runtimeRef: there is no AgentRuntime "echo" in namespace ${namespace}`)
  expect(stderr).toContain('Warning: spec.skillRefs[0]: there is no AgentSkill "research"')
  const { status } = await untilCondition(namespace, 'Expanded', 'False', 'ReferenceNotFound')
  expect(status).toMatchObject({ phase: 'Pending', reason: 'ReferenceNotFound' })
  await apply(namespace, echoRuntime())
  await aWhile()
  expect(await jobNames(namespace)).toEqual([])
  await apply(namespace, skill())
  await nthJob(namespace, 1)
  await untilCondition(namespace, 'Expanded', 'True')
})

withPods(
  'a schedule pauses while its runtime is gone, with all that is there kept, and goes on afterwards',
  async () => {
    const namespace = await newNamespace()
    const spec = { schedule: '30 2 1 1 *', persist: true, prompt: SLEEPS }
    await apply(namespace, [echoRuntime(), agentJob('mine', spec)])
    await untilPhase(namespace, 'mine', 'Scheduled')
    expect((await agentjob(['rerun', 'mine', '-n', namespace])).code).toBe(0)
    await untilPhase(namespace, 'mine', 'Running')
    await remove(namespace, 'agentruntime', 'echo')
    await eventually(
      'the pause',
      () => cronJob(namespace),
      ({ spec }) => spec.suspend === true,
    )
    await untilCondition(namespace, 'Expanded', 'False', 'ReferenceNotFound')
    await aWhile()
    expect((await getAgentJob(namespace, 'mine')).status?.phase).toBe('Running')
    expect(await namesOf(namespace, 'persistentvolumeclaims')).toEqual(['mine-data'])
    await apply(namespace, echoRuntime())
    await eventually(
      'the end of the pause',
      () => cronJob(namespace),
      ({ spec }) => spec.suspend === false,
    )
    expect(await jobNames(namespace)).toHaveLength(1)
  },
)

withPods('a run goes on while its runtime is gone, and is not started again when it comes back', async () => {
  const { namespace, first } = await started({ prompt: SLEEPS })
  await untilPhase(namespace, 'mine', 'Running')
  await remove(namespace, 'agentruntime', 'echo')
  await untilCondition(namespace, 'Expanded', 'False', 'ReferenceNotFound')
  await apply(namespace, changed())
  await untilCondition(namespace, 'Expanded', 'True')
  await aWhile()
  expect(await jobNames(namespace)).toEqual([first])
  expect((await getAgentJob(namespace, 'mine')).status?.phase).toBe('Running')
})

test.concurrent('a waiting run that is resumed does not start while its runtime is gone', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('mine', { suspend: true })])
  await untilPhase(namespace, 'mine', 'Suspended')
  await remove(namespace, 'agentruntime', 'echo')
  await untilCondition(namespace, 'Expanded', 'False', 'ReferenceNotFound')
  await patch(namespace, 'mine', { spec: { suspend: false } })
  await aWhile()
  expect(await jobNames(namespace)).toEqual([])
  await apply(namespace, changed())
  expect(await environment(namespace, await nthJob(namespace, 1))).toContainEqual({ name: 'VERSION', value: '2' })
})

withPods('rights go from under a running agent with their ClusterAccess, and come back with it', async () => {
  const namespace = await newNamespace()
  const job = agentJob('mine', { clusterAccessRef: 'namespace', prompt: SLEEPS })
  await apply(namespace, [echoRuntime(), clusterAccess(), job])
  await untilPhase(namespace, 'mine', 'Running')
  expect(await mayGetConfigMaps(namespace)).toBe(true)
  await remove(namespace, 'clusteraccess', 'namespace')
  await eventually(
    'revocation',
    () => mayGetConfigMaps(namespace),
    (may) => !may,
  )
  await untilCondition(namespace, 'Expanded', 'False', 'ReferenceNotFound')
  expect((await getAgentJob(namespace, 'mine')).status?.phase).toBe('Running')
  await apply(namespace, clusterAccess())
  await eventually(
    'the rights again',
    () => mayGetConfigMaps(namespace),
    (may) => may,
  )
  expect(await jobNames(namespace)).toHaveLength(1)
})

const skill = () => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentSkill',
  metadata: { name: 'research' },
  spec: { repo: 'example/skills', name: 'research' },
})

const remove = (namespace: string, kind: string, name: string) => kubectl(['delete', kind, name, '-n', namespace])

const cronJob = async (namespace: string) =>
  (await list<KubeObject & { spec: { suspend?: boolean } }>(namespace, 'cronjobs'))[0] as {
    spec: { suspend?: boolean }
  }

interface Templated extends KubeObject {
  spec: { template: { spec: { containers: { env: object[]; image: string }[] } } }
}

async function environment(namespace: string, name: string): Promise<object[]> {
  const job = (await list<Templated>(namespace, 'jobs')).find(({ metadata }) => metadata.name === name)
  expect(job?.spec.template.spec.containers[0]?.image).toBe(ECHO)
  return job?.spec.template.spec.containers[0]?.env ?? []
}

async function mayGetConfigMaps(namespace: string): Promise<boolean> {
  const account = `system:serviceaccount:${namespace}:mine-runner`
  return (await kubectl(['auth', 'can-i', 'get', 'configmaps', '-n', namespace, '--as', account])).code === 0
}
