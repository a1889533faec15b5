import { expect, test } from 'bun:test'
import {
  agentJob,
  agentjob,
  apply,
  aWhile,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  kubectl,
  list,
  logOf,
  newNamespace,
  theWorld,
  untilPhase,
} from './world.ts'

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

const SLEEPS = 'echo: result half of it\necho: sleep 10m'

async function stop(namespace: string, name: string): Promise<void> {
  const { code, stderr } = await agentjob(['stop', name, '-n', namespace])
  if (code !== 0) throw new Error(stderr)
}

/** Waits until the newest run's agent sleeps; gives the name of its Job. */
async function untilAsleep(namespace: string, name: string): Promise<string> {
  const { status } = await untilPhase(namespace, name, 'Running')
  const jobName = status?.runs?.[0]?.jobName ?? ''
  await eventually(
    'the agent sleeps',
    () => logOf(namespace, jobName),
    (log) => log.includes('sleeping'),
  )
  return jobName
}

withPods('a one-shot that is stopped keeps its log and its result, and is not tried again', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('long', { prompt: SLEEPS, backoffLimit: 3 })])
  const jobName = await untilAsleep(namespace, 'long')
  await stop(namespace, 'long')
  const { status } = await untilPhase(namespace, 'long', 'Stopped')
  expect(status).toMatchObject({ jobName, reason: 'Stopped', attempts: 1, result: 'half of it\ninterrupted' })
  await aWhile()
  expect(await jobNames(namespace)).toEqual([jobName])
  expect(await list(namespace, 'pods')).toHaveLength(1)
  expect(await logOf(namespace, jobName)).toContain('sleeping 10m')
})

withPods('a run that is stopped in its second attempt keeps the log of that attempt', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('long', { prompt: SLEEPS, backoffLimit: 3 })])
  const jobName = await untilAsleep(namespace, 'long')
  const [first] = await list(namespace, 'pods')
  await kubectl(['delete', 'pod', first?.metadata.name as string, '-n', namespace, '--wait'])
  await eventually(
    'the second attempt sleeps',
    () => logOf(namespace, jobName),
    (log) => log.includes('sleeping'),
  )
  await stop(namespace, 'long')
  const { status } = await untilPhase(namespace, 'long', 'Stopped')
  expect(status).toMatchObject({ attempts: 2, result: 'half of it\ninterrupted' })
  expect(await logOf(namespace, jobName)).toContain('sleeping 10m')
})

withPods('what was stopped can be run again', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('long', { prompt: SLEEPS })])
  const stopped = await untilAsleep(namespace, 'long')
  await stop(namespace, 'long')
  await untilPhase(namespace, 'long', 'Stopped')
  expect((await agentjob(['rerun', 'long', '-n', namespace])).code).toBe(0)
  const rerun = await untilAsleep(namespace, 'long')
  expect(rerun).not.toBe(stopped)
  await aWhile()
  const { status } = await getAgentJob(namespace, 'long')
  expect(status?.runs?.map(({ phase }) => phase)).toEqual(['Running', 'Stopped'])
})

withPods('a run of a schedule that is stopped keeps its log; the schedule goes on', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [
    echoRuntime(),
    agentJob('nightly', { prompt: SLEEPS, schedule: '30 2 * * *', backoffLimit: 3 }),
  ])
  await untilPhase(namespace, 'nightly', 'Scheduled')
  // as the CronJob itself would start it
  await kubectl(['create', 'job', '-n', namespace, 'nightly-now', '--from=cronjob/nightly'])
  expect(await untilAsleep(namespace, 'nightly')).toBe('nightly-now')
  await stop(namespace, 'nightly')
  const { status } = await untilPhase(namespace, 'nightly', 'Scheduled')
  expect(status?.runs?.[0]).toMatchObject({ phase: 'Stopped', attempts: 1, result: 'half of it\ninterrupted' })
  expect(status?.nextRunTime).toBeDefined()
  await aWhile()
  expect(await jobNames(namespace)).toEqual(['nightly-now'])
  expect(await list(namespace, 'pods')).toHaveLength(1)
  expect(await logOf(namespace, 'nightly-now')).toContain('sleeping 10m')
})

test.concurrent('a run that no node takes says so and can be stopped', async () => {
  const namespace = await newNamespace()
  const podTemplate = { spec: { nodeSelector: { 'example.com/no-such-node': 'true' } } }
  await apply(namespace, [echoRuntime(), agentJob('waits', { podTemplate, backoffLimit: 3 })])
  const { status } = await untilReason(namespace, 'waits', 'Unschedulable')
  expect(status?.message).toContain('node')
  await stop(namespace, 'waits')
  await untilPhase(namespace, 'waits', 'Stopped')
  await aWhile()
  expect((await list(namespace, 'pods')).filter(({ status }) => isLive(status))).toEqual([])
})

withPods('a run whose image cannot be pulled says so and can be stopped', async () => {
  const namespace = await newNamespace()
  const image = 'registry.invalid/no/such:image'
  await apply(namespace, [echoRuntime('echo', { image }), agentJob('waits', { backoffLimit: 3 })])
  const { status } = await untilReason(namespace, 'waits', 'ErrImagePull', 'ImagePullBackOff')
  expect(status?.message).toContain(image)
  await stop(namespace, 'waits')
  await untilPhase(namespace, 'waits', 'Stopped')
  await aWhile()
  expect((await list(namespace, 'pods')).filter(({ status }) => isLive(status))).toEqual([])
})

const isLive = (status: unknown) => !['Succeeded', 'Failed'].includes((status as { phase: string }).phase)

const untilReason = (namespace: string, name: string, ...reasons: string[]) =>
  eventually(
    `AgentJob ${name} ${reasons.join(' or ')}`,
    () => getAgentJob(namespace, name),
    ({ status }) => status?.phase === 'Pending' && reasons.includes(status.reason ?? ''),
  )
