import { expect, test } from 'bun:test'
import {
  agentJob,
  agentjob,
  apply,
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

withPods('a one-shot succeeds, and its status tells what there is to know', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('hello', { prompt: 'echo: result well done' })])
  const { status, expansion } = await untilPhase(namespace, 'hello', 'Succeeded')
  const [jobName] = await jobNames(namespace)
  expect(status).toMatchObject({
    jobName: jobName as string,
    result: 'well done',
    exitCode: 0,
    attempts: 1,
    configHash: expansion?.configHash as string,
    revision: expansion?.revision as string,
    ownedResources: [{ kind: 'Job', name: jobName as string }],
  })
  expect(Date.parse(status?.completionTime ?? '')).toBeGreaterThanOrEqual(Date.parse(status?.startTime ?? ''))
  expect(status?.lastRunTime).toBe(status?.startTime as string)
  expect(status?.runs).toHaveLength(1)
  expect(status?.runs?.[0]).toMatchObject({
    jobName: jobName as string,
    phase: 'Succeeded',
    result: 'well done',
    exitCode: 0,
    attempts: 1,
    revision: expansion?.revision as string,
    configHash: expansion?.configHash as string,
  })
  expect(await logOf(namespace, jobName as string)).toContain('well done')
})

withPods('a run that fails tells its exit code and is not tried again', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('fails', { prompt: 'echo: result half of it\necho: exit 7' })])
  const { status } = await untilPhase(namespace, 'fails', 'Failed')
  const message = 'the agent exited with code 7; "agentjob logs fails" shows why'
  expect(status).toMatchObject({ exitCode: 7, attempts: 1, message })
  expect(status?.result).toStartWith('half of it')
  expect(status?.runs).toHaveLength(1)
})

withPods('a run that fails is tried again as often as backoffLimit says', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('fails', { prompt: 'echo: fail', backoffLimit: 1 })])
  const { status } = await untilPhase(namespace, 'fails', 'Failed')
  expect(status).toMatchObject({ exitCode: 1, attempts: 2 })
  expect(await list(namespace, 'pods')).toHaveLength(2)
})

withPods('a run past its timeout is ended, its log and its result kept', async () => {
  const namespace = await newNamespace()
  const prompt = 'echo: result half of it\necho: sleep 10m'
  await apply(namespace, [echoRuntime(), agentJob('slow', { prompt, timeoutSeconds: 2 })])
  const { status } = await untilPhase(namespace, 'slow', 'TimedOut')
  expect(status).toMatchObject({ reason: 'DeadlineExceeded', attempts: 1, exitCode: 143 })
  expect(status?.result).toBe('half of it\ninterrupted')
  expect(await logOf(namespace, status?.jobName ?? '')).toContain('sleeping 10m')
})

withPods('kubectl wait knows when a run is complete, has failed, and when a schedule is ready', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [
    echoRuntime(),
    agentJob('good'),
    agentJob('bad', { prompt: 'echo: fail' }),
    agentJob('nightly', { schedule: '30 2 * * *' }),
  ])
  const waits = [
    ['aj/good', 'Complete'],
    ['aj/good', 'Ready'],
    ['aj/bad', 'Failed'],
    ['aj/nightly', 'Ready'],
  ] as const
  for (const [name, condition] of waits) {
    const { code } = await kubectl(['wait', '-n', namespace, name, `--for=condition=${condition}`, '--timeout=60s'])
    expect(`${name} ${condition} ${code}`).toBe(`${name} ${condition} 0`)
  }
  const { status } = await getAgentJob(namespace, 'bad')
  expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False' }))
})

withPods('a schedule runs when it is due', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('often', { schedule: '* * * * *' })])
  const before = await untilPhase(namespace, 'often', 'Scheduled')
  expect(before.status?.cronJobName).toBe('often')
  const due = before.status?.nextRunTime as string
  expect(Date.parse(due)).toBeGreaterThan(Date.now() - 1000)
  const { status } = await eventually(
    'the schedule has run',
    () => getAgentJob(namespace, 'often'),
    ({ status }) => status?.runs?.[0]?.phase === 'Succeeded' && status.phase === 'Scheduled',
    100_000,
  )
  expect(status?.runs?.[0]).toMatchObject({ result: 'done', configHash: before.expansion?.configHash as string })
  expect(Date.parse(status?.runs?.[0]?.scheduledAt ?? '')).toBe(Date.parse(due))
  expect(status?.nextRunTime).not.toBe(due)
})

withPods('a one-shot that is rerun runs once more, with its spec as it is', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('again')])
  const first = await untilPhase(namespace, 'again', 'Succeeded')
  expect((await agentjob(['rerun', 'again', '-n', namespace, '--wait', '--timeout=60s'])).code).toBe(0)
  const { status } = await getAgentJob(namespace, 'again')
  expect(status?.runs?.map(({ phase }) => phase)).toEqual(['Succeeded', 'Succeeded'])
  expect(status?.runs?.[1]?.jobName).toBe(first.status?.jobName as string)
  expect(status?.runs?.[0]?.configHash).toBe(first.status?.configHash as string)
  expect(await jobNames(namespace)).toHaveLength(2)
})

withPods('a schedule that is rerun runs once beside its schedule', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('nightly', { schedule: '30 2 * * *' })])
  await untilPhase(namespace, 'nightly', 'Scheduled')
  expect(await jobNames(namespace)).toEqual([])
  expect((await agentjob(['rerun', 'nightly', '-n', namespace, '--wait', '--timeout=60s'])).code).toBe(0)
  const { status } = await untilPhase(namespace, 'nightly', 'Scheduled')
  expect(status?.runs).toHaveLength(1)
  expect(status?.runs?.[0]).toMatchObject({ phase: 'Succeeded', result: 'done' })
  expect(await jobNames(namespace)).toEqual([status?.runs?.[0]?.jobName as string])
})

withPods('what a run has left on its volume is there in the next', async () => {
  const namespace = await newNamespace()
  const prompt = 'echo: write /var/lib/agentjob/notes remembered\necho: read /var/lib/agentjob/notes'
  await apply(namespace, [echoRuntime(), agentJob('keeps', { prompt, persist: true })])
  await untilPhase(namespace, 'keeps', 'Succeeded')
  expect((await agentjob(['rerun', 'keeps', '-n', namespace, '--wait', '--timeout=60s'])).code).toBe(0)
  const { status } = await getAgentJob(namespace, 'keeps')
  const [rerun, first] = status?.runs ?? []
  expect(await logOf(namespace, first?.jobName ?? '')).not.toContain('remembered\nremembered')
  expect(await logOf(namespace, rerun?.jobName ?? '')).toContain('remembered\nremembered')
})
