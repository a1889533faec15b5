import { expect, test } from 'bun:test'
import type { KubeObject } from '../../src/kube/object.ts'
import {
  agentJob,
  apply,
  aWhile,
  clusterAccess,
  echoRuntime,
  eventually,
  getAgentJob,
  goOn,
  jobNames,
  kubectl,
  list,
  namesOf,
  newNamespace,
  patch,
  theWorld,
  untilPhase,
  WAITS,
} from './world.ts'

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

const ACCESS = ['serviceaccounts', 'roles', 'rolebindings']
const NIGHTLY = { schedule: '30 2 * * *' }

/** An object as we made it, whoever else has written to it: without what the API server puts there. */
function substance({
  metadata,
  status: _,
  secrets: __,
  ...rest
}: KubeObject & { status?: unknown; secrets?: unknown }) {
  const { name, labels, annotations, ownerReferences } = metadata
  return { ...rest, name, labels, annotations, ownerReferences }
}

const ours = async (namespace: string, plural: string) =>
  (await list(namespace, plural)).filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/managed-by'])

const substances = async (namespace: string, plurals: string[]) =>
  (await Promise.all(plurals.map((plural) => ours(namespace, plural)))).flat().map(substance)

/** Without what comes when a claim is bound, which may be any time. */
const bound = (object: object) => JSON.parse(JSON.stringify(object).replace(/,"volumeName":"[^"]*"/, ''))

test.concurrent('children that somebody deletes come back as they were', async () => {
  const namespace = await newNamespace()
  const plurals = ['cronjobs', 'persistentvolumeclaims', 'configmaps', ...ACCESS]
  const spec = { ...NIGHTLY, prompt: 'x'.repeat(40_000), persist: true, clusterAccessRef: 'namespace' }
  await apply(namespace, [echoRuntime(), clusterAccess(), agentJob('nightly', spec)])
  await untilPhase(namespace, 'nightly', 'Scheduled')
  const before = await substances(namespace, plurals)
  expect(before.map(({ kind }) => kind)).toEqual([
    'CronJob',
    'PersistentVolumeClaim',
    'ConfigMap',
    'ServiceAccount',
    'Role',
    'RoleBinding',
  ])
  const uids = new Set((await Promise.all(plurals.map((plural) => ours(namespace, plural)))).flat().map(uidOf))
  for (const plural of plurals)
    await kubectl(['delete', plural, '-n', namespace, '-l', 'app.kubernetes.io/managed-by=agentjob'])
  await eventually(
    'all children are there again',
    async () => (await Promise.all(plurals.map((plural) => ours(namespace, plural)))).flat(),
    (children) => children.length === before.length && children.every((child) => !uids.has(uidOf(child))),
  )
  expect((await substances(namespace, plurals)).map(bound)).toEqual(before.map(bound))
  expect(await jobNames(namespace)).toEqual([])
  await untilPhase(namespace, 'nightly', 'Scheduled')
})

test.concurrent('children that somebody edits are put right, and what others add to them is left there', async () => {
  const namespace = await newNamespace()
  const plurals = ['cronjobs', 'persistentvolumeclaims', ...ACCESS]
  await apply(namespace, [
    echoRuntime(),
    clusterAccess(),
    agentJob('nightly', { ...NIGHTLY, persist: true, clusterAccessRef: 'namespace' }),
  ])
  await untilPhase(namespace, 'nightly', 'Scheduled')
  const before = await substances(namespace, plurals)
  const stripped = { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } }
  const edits = [
    ['persistentvolumeclaims/nightly-data', stripped],
    ['cronjobs/nightly', { metadata: { labels: { added: 'here' } }, spec: { schedule: '* * * * *', suspend: true } }],
    ['serviceaccounts/nightly-runner', { automountServiceAccountToken: true }],
    ['roles/nightly-runner', { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }],
    ['rolebindings/nightly-runner', { subjects: [] }],
  ] as const
  for (const [name, edit] of edits)
    expect((await kubectl(['patch', name, '-n', namespace, '--type=merge', '-p', JSON.stringify(edit)])).stderr).toBe(
      '',
    )
  const expected = before.map((child) =>
    child.kind === 'CronJob' ? { ...child, labels: { ...child.labels, added: 'here' } } : child,
  )
  await eventually(
    'all children are as they were',
    () => substances(namespace, plurals),
    (children) => Bun.deepEquals(children.map(bound), expected.map(bound)),
  )
})

withPods('a volume that is deleted while a run uses it comes back when the run has ended', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('keeps', { prompt: WAITS, persist: true })])
  await untilPhase(namespace, 'keeps', 'Running')
  const [before] = await list(namespace, 'persistentvolumeclaims')
  await kubectl(['delete', 'pvc', 'keeps-data', '-n', namespace, '--wait=false'])
  await goOn(namespace)
  const { status } = await untilPhase(namespace, 'keeps', 'Succeeded')
  expect(status?.attempts).toBe(1)
  await kubectl(['delete', 'pods', '--all', '-n', namespace])
  await eventually(
    'another claim',
    () => list(namespace, 'persistentvolumeclaims'),
    ([claim]) => claim !== undefined && uidOf(claim) !== uidOf(before),
  )
  expect(await jobNames(namespace)).toHaveLength(1)
})

withPods('a Job from which somebody takes our labels is followed all the same', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('task', { prompt: `${WAITS}\necho: result followed` })])
  const { status: before } = await untilPhase(namespace, 'task', 'Running')
  await kubectl(['label', 'jobs', '--all', '-n', namespace, 'app.kubernetes.io/managed-by-', 'agentjob.io/agentjob-'])
  await goOn(namespace)
  const { status } = await untilPhase(namespace, 'task', 'Succeeded')
  expect(status).toMatchObject({ jobName: before?.jobName as string, result: 'followed' })
  expect(await jobNames(namespace)).toHaveLength(1)
})

withPods('a volume grows with the spec and never shrinks', async () => {
  const namespace = await newNamespace()
  const sized = (size: string) => agentJob('keeps', { persist: true, persistence: { size } })
  const requested = async () => {
    const [claim] = await list(namespace, 'persistentvolumeclaims')
    return (claim?.spec as { resources: { requests: { storage: string } } } | undefined)?.resources.requests.storage
  }
  await apply(namespace, [echoRuntime(), sized('1Gi')])
  await untilPhase(namespace, 'keeps', 'Succeeded')
  await apply(namespace, sized('2Gi'))
  await untilPhase(namespace, 'keeps', 'Succeeded')
  await eventually('the claim has grown', requested, (size) => size === '2Gi')
  const { stderr } = await apply(namespace, sized('512Mi'))
  expect(stderr).toContain('a volume only grows')
  await untilPhase(namespace, 'keeps', 'Succeeded')
  await aWhile()
  expect(await requested()).toBe('2Gi')
})

withPods("a Job of the run's name that is somebody else's is left alone; the run starts when it has gone", async () => {
  const namespace = await newNamespace()
  await apply(namespace, echoRuntime())
  const jobName = await jobNameToBe(namespace, agentJob('task'))
  await kubectl(['create', 'job', jobName, '-n', namespace, '--image=registry.invalid/stranger'])
  const before = (await list(namespace, 'jobs')).map(identity)
  await apply(namespace, agentJob('task'))
  const { status } = await untilStalled(namespace, 'task')
  expect(status?.message).toContain(`Job ${jobName} exists and does not belong to this AgentJob`)
  await aWhile()
  expect((await list(namespace, 'jobs')).map(identity)).toEqual(before)
  await kubectl(['delete', 'job', jobName, '-n', namespace])
  const after = await untilPhase(namespace, 'task', 'Succeeded')
  expect(after.status?.jobName).toBe(jobName)
  expect(after.status?.conditions?.some(({ type }) => type === 'Stalled')).toBe(false)
})

const STRANGERS = [
  ['CronJob', 'cronjobs', ['cronjob', 'nightly', '--image=registry.invalid/stranger', '--schedule=0 0 1 1 *']],
  ['ServiceAccount', 'serviceaccounts', ['serviceaccount', 'nightly-runner']],
  ['RoleBinding', 'rolebindings', ['rolebinding', 'nightly-runner', '--clusterrole=view', '--user=stranger']],
] as const

for (const [kind, plural, create] of STRANGERS) {
  const name = create[1]
  test.concurrent(`a ${kind} of a child's name that is somebody else's is left alone, and in the way until it has gone`, async () => {
    const namespace = await newNamespace()
    const there = async () =>
      (await list(namespace, plural)).filter(({ metadata }) => metadata.name === name).map(identity)
    await kubectl(['create', ...create, '-n', namespace])
    const before = await there()
    const spec = { ...NIGHTLY, clusterAccessRef: 'namespace' }
    await apply(namespace, [echoRuntime(), clusterAccess(), agentJob('nightly', spec)])
    const { status } = await untilStalled(namespace, 'nightly')
    expect(status?.message).toContain(`${kind} ${name} exists and does not belong to this AgentJob`)
    await aWhile()
    expect(await there()).toEqual(before)
    // what comes after it in the expansion may build on it
    expect(await ours(namespace, 'cronjobs')).toEqual([])
    await kubectl(['delete', plural, name, '-n', namespace])
    await untilPhase(namespace, 'nightly', 'Scheduled')
    expect(await ours(namespace, plural)).toHaveLength(1)
  })
}

test.concurrent('what an AgentJob no longer asks for is pruned, but never its volume', async () => {
  const namespace = await newNamespace()
  const spec = { ...NIGHTLY, persist: true, clusterAccessRef: 'namespace' }
  await apply(namespace, [echoRuntime(), clusterAccess(), agentJob('nightly', spec)])
  await untilPhase(namespace, 'nightly', 'Scheduled')
  await patch(namespace, 'nightly', { spec: { persist: null, clusterAccessRef: null } })
  for (const plural of ACCESS)
    await eventually(
      `no ${plural}`,
      () => namesOf(namespace, plural),
      (names) => !names.length,
    )
  await aWhile()
  expect(await namesOf(namespace, 'persistentvolumeclaims')).toEqual(['nightly-data'])
  const { status } = await getAgentJob(namespace, 'nightly')
  expect(status?.ownedResources?.map(({ kind }) => kind)).toEqual(['CronJob', 'PersistentVolumeClaim'])
})

const uidOf = (object: KubeObject | undefined) => object?.metadata.uid
const identity = (object: KubeObject) => ({ uid: uidOf(object), ...substance(object) })

/** The name of the Job that an AgentJob would get: admission tells it without storing anything. */
async function jobNameToBe(namespace: string, job: object): Promise<string> {
  const { stdout } = await apply(namespace, job, ['--dry-run=server', '-o', 'json'])
  const { resources } = JSON.parse(stdout).expansion
  return resources.find(({ kind }: KubeObject) => kind === 'Job').metadata.name
}

const untilStalled = (namespace: string, name: string) =>
  eventually(
    `AgentJob ${name} stalled by a name conflict`,
    () => getAgentJob(namespace, name),
    ({ status }) =>
      status?.conditions?.some(
        ({ type, status, reason }) => type === 'Stalled' && status === 'True' && reason === 'NameConflict',
      ) ?? false,
  )
