import { expect, test } from 'bun:test'
import {
  agentJob,
  apply,
  aWhile,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  kubectl,
  newNamespace,
  theWorld,
  untilPhase,
} from './world.ts'

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

withPods('a quota that forbids the Job shows, and the run starts when it is lifted', async () => {
  const namespace = await newNamespace()
  await quota(namespace, 'count/jobs.batch=0')
  await apply(namespace, [echoRuntime(), agentJob('task')])
  const { status } = await untilReason(namespace, 'task', 'QuotaExceeded')
  expect(status?.message).toContain('count/jobs.batch')
  await aWhile()
  expect(await jobNames(namespace)).toEqual([])
  await kubectl(['delete', 'quota', 'tight', '-n', namespace])
  await untilPhase(namespace, 'task', 'Succeeded')
  expect(await jobNames(namespace)).toHaveLength(1)
})

withPods('a quota that forbids the pod shows, and the run goes on when it is lifted', async () => {
  const namespace = await newNamespace()
  await quota(namespace, 'pods=0')
  await apply(namespace, [echoRuntime(), agentJob('task')])
  const { status } = await untilReason(namespace, 'task', 'QuotaExceeded')
  expect(status?.message).toStartWith('the pod is forbidden: exceeded quota: tight')
  await kubectl(['delete', 'quota', 'tight', '-n', namespace])
  const after = await untilPhase(namespace, 'task', 'Succeeded')
  expect(after.status?.message).toBeUndefined()
  expect(after.status?.attempts).toBe(1)
  expect(await jobNames(namespace)).toHaveLength(1)
})

withPods('a ServiceAccount that is not there shows, and the run goes on when it is', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime('echo', { serviceAccountName: 'robot' }), agentJob('task')])
  const { status } = await untilReason(namespace, 'task', 'FailedCreate')
  expect(status?.message).toContain('serviceaccount "robot" not found')
  await kubectl(['create', 'serviceaccount', 'robot', '-n', namespace])
  await untilPhase(namespace, 'task', 'Succeeded')
})

const quota = (namespace: string, hard: string) =>
  kubectl(['create', 'quota', 'tight', '-n', namespace, `--hard=${hard}`])

const untilReason = (namespace: string, name: string, reason: string) =>
  eventually(
    `AgentJob ${name} ${reason}`,
    () => getAgentJob(namespace, name),
    ({ status }) => status?.phase === 'Pending' && status.reason === reason,
    20_000,
  )
