import { expect, test } from 'bun:test'
import {
  agentJob,
  apply,
  aWhile,
  echoRuntime,
  eventually,
  getAgentJob,
  goOn,
  jobNames,
  list,
  newNamespace,
  patch,
  theWorld,
  untilPhase,
  WAITS,
} from './world.ts'

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

withPods('a suspended one-shot waits without a Job, and runs once it is resumed', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('waits', { suspend: true })])
  await untilPhase(namespace, 'waits', 'Suspended')
  await patch(namespace, 'waits', { spec: { prompt: 'echo: result changed while it waited' } })
  await untilPhase(namespace, 'waits', 'Suspended')
  await aWhile()
  expect(await jobNames(namespace)).toEqual([])
  await patch(namespace, 'waits', { spec: { suspend: false } })
  const { status } = await untilPhase(namespace, 'waits', 'Succeeded')
  expect(status?.result).toBe('changed while it waited')
  expect(await jobNames(namespace)).toHaveLength(1)
})

withPods('suspending a one-shot leaves its running pod alone, and resuming it does not run it again', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('runs', { prompt: `${WAITS}\necho: result not disturbed` })])
  await untilPhase(namespace, 'runs', 'Running')
  await patch(namespace, 'runs', { spec: { suspend: true } })
  await untilPhase(namespace, 'runs', 'Running')
  await goOn(namespace)
  const { status } = await untilPhase(namespace, 'runs', 'Succeeded')
  expect(status).toMatchObject({ result: 'not disturbed', attempts: 1 })
  await patch(namespace, 'runs', { spec: { suspend: false } })
  await aWhile()
  expect(await jobNames(namespace)).toHaveLength(1)
})

withPods('a suspended schedule pauses and goes on when it is resumed; what is running is left alone', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('nightly', { prompt: WAITS, schedule: '30 2 * * *' })])
  await untilPhase(namespace, 'nightly', 'Scheduled')
  await patch(namespace, 'nightly', { metadata: { annotations: { 'agentjob.io/rerun': 'now' } } })
  await untilPhase(namespace, 'nightly', 'Running')
  await patch(namespace, 'nightly', { spec: { suspend: true } })
  await untilPhase(namespace, 'nightly', 'Running')
  await goOn(namespace)
  const paused = await untilPhase(namespace, 'nightly', 'Suspended')
  expect(paused.status?.runs?.map(({ phase }) => phase)).toEqual(['Succeeded'])
  expect(paused.status?.nextRunTime).toBeUndefined()
  expect(await isPaused(namespace)).toBe(true)
  await patch(namespace, 'nightly', { spec: { suspend: false } })
  await eventually(
    'the next run is known again',
    () => getAgentJob(namespace, 'nightly'),
    ({ status }) => status?.phase === 'Scheduled' && status.nextRunTime !== undefined,
  )
  expect(await isPaused(namespace)).toBe(false)
  expect(await jobNames(namespace)).toHaveLength(1)
})

const isPaused = async (namespace: string) => {
  const [cronJob] = await list(namespace, 'cronjobs')
  return (cronJob?.spec as { suspend: boolean } | undefined)?.suspend
}
