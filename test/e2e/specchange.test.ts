import { expect, test } from 'bun:test'
import {
  agentJob,
  apply,
  aWhile,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  list,
  logOf,
  newNamespace,
  patch,
  theWorld,
  untilPhase,
} from './world.ts'

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

withPods('a change of the spec ends the run and starts a new one: with a warning, and the old log kept', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('task', { prompt: 'echo: sleep 10m', backoffLimit: 3 })])
  const { status: before } = await untilPhase(namespace, 'task', 'Running')
  const old = before?.jobName ?? ''
  const { stderr } = await apply(namespace, agentJob('task', { prompt: 'echo: result the new one', backoffLimit: 3 }))
  expect(stderr).toContain(`Warning: spec: this change ends the run of Job ${old}; its log is kept`)
  const { status } = await eventually(
    'the new run has succeeded and the old one has ended',
    () => getAgentJob(namespace, 'task'),
    ({ status }) => status?.phase === 'Succeeded' && status.runs?.[1]?.phase === 'Stopped',
  )
  expect(status?.result).toBe('the new one')
  expect(status?.runs?.[1]).toMatchObject({ jobName: old, reason: 'Superseded', attempts: 1 })
  expect(await logOf(namespace, old)).toContain('sleeping 10m')
  expect(await jobNames(namespace)).toHaveLength(2)
})

withPods('A, then B, then A again runs three times', async () => {
  const namespace = await newNamespace()
  await apply(namespace, echoRuntime())
  for (const result of ['A', 'B', 'A']) {
    await apply(namespace, agentJob('task', { prompt: `echo: result ${result}` }))
    await untilPhase(namespace, 'task', 'Succeeded')
  }
  const { status } = await getAgentJob(namespace, 'task')
  expect(status?.runs?.map(({ result }) => result)).toEqual(['A', 'B', 'A'])
  expect(await jobNames(namespace)).toHaveLength(3)
})

withPods('of changes in quick succession the last one runs, and nothing else is left running', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('task', { prompt: 'echo: sleep 10m' })])
  for (const seconds of [601, 602, 603]) {
    await patch(namespace, 'task', { spec: { prompt: `echo: sleep ${seconds}s` } })
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  await patch(namespace, 'task', { spec: { prompt: 'echo: result the last' } })
  const { status } = await eventually(
    'the last has succeeded and all others have ended',
    () => getAgentJob(namespace, 'task'),
    ({ status }) =>
      status?.phase === 'Succeeded' && status.runs?.slice(1).every(({ phase }) => phase === 'Stopped') === true,
  )
  expect(status?.result).toBe('the last')
  await aWhile()
  expect((await list(namespace, 'jobs')).filter(({ status }) => (status as { active?: number }).active)).toEqual([])
})

withPods('a rerun while it runs ends that run and starts another', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('task', { prompt: 'echo: sleep 10m' })])
  const { status: before } = await untilPhase(namespace, 'task', 'Running')
  await patch(namespace, 'task', { metadata: { annotations: { 'agentjob.io/rerun': 'now' } } })
  const { status } = await eventually(
    'the new run runs and the old one has ended',
    () => getAgentJob(namespace, 'task'),
    ({ status }) => status?.phase === 'Running' && status.runs?.[1]?.phase === 'Stopped',
  )
  expect(status?.runs?.[1]).toMatchObject({ jobName: before?.jobName as string, reason: 'Superseded' })
})

withPods('applying the same again and changing a label run nothing and leave the expansion as it is', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('task')])
  const { expansion } = await untilPhase(namespace, 'task', 'Succeeded')
  const { stdout } = await apply(namespace, agentJob('task'))
  expect(stdout).toContain('agentjob.agentjob.io/task unchanged')
  await apply(namespace, agentJob('task', {}, { labels: { team: 'blue' } }))
  await aWhile()
  const after = await untilPhase(namespace, 'task', 'Succeeded')
  expect(after.metadata.labels).toEqual({ team: 'blue' })
  expect(after.expansion).toEqual(expansion)
  expect(await jobNames(namespace)).toHaveLength(1)
})

withPods('fields that only say when, where or for how long run nothing', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('task')])
  const { status } = await untilPhase(namespace, 'task', 'Succeeded')
  await patch(namespace, 'task', { spec: { ttlSecondsAfterFinished: 600, redeploy: 'OnChange', queueName: 'agents' } })
  await aWhile()
  const after = await untilPhase(namespace, 'task', 'Succeeded')
  expect(after.status?.revision).toBe(status?.revision as string)
  expect(await jobNames(namespace)).toHaveLength(1)
})

withPods('a schedule becomes a one-shot, which runs now, and a schedule again', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('task', { schedule: '30 2 * * *' })])
  const scheduled = await untilPhase(namespace, 'task', 'Scheduled')
  expect(scheduled.status?.ownedResources).toEqual([{ kind: 'CronJob', name: 'task' }])
  await apply(namespace, agentJob('task'))
  const { status } = await untilPhase(namespace, 'task', 'Succeeded')
  expect(status?.cronJobName).toBeUndefined()
  expect(status?.nextRunTime).toBeUndefined()
  expect(status?.ownedResources).toEqual([{ kind: 'Job', name: status?.jobName as string }])
  await apply(namespace, agentJob('task', { schedule: '0 4 * * *' }))
  const again = await untilPhase(namespace, 'task', 'Scheduled')
  expect(again.status?.nextRunTime).toEndWith('T04:00:00Z')
  expect(again.status?.runs?.map(({ phase }) => phase)).toEqual(['Succeeded'])
  await aWhile()
  expect(await jobNames(namespace)).toHaveLength(1)
})
