import { expect, test } from 'bun:test'
import type { CachedJob } from '../../src/controller/caches.ts'
import { isFinished } from '../../src/controller/outline.ts'
import { AGENT_JOB, JOB } from '../../src/controller/types.ts'
import { startOperatorAgain, stopOperator } from './operators.ts'
import {
  type AgentJobObject,
  agentJob,
  apply,
  echoRuntime,
  eventually,
  getAgentJob,
  kubectl,
  list,
  newNamespace,
  patch,
  refusal,
  theWorld,
  untilPhase,
} from './world.ts'

// AgentQuotas: what is checked at admission, and what is counted. One after the other: the last one stops the operator.

const withPods = test.skipIf(!(await theWorld()).cluster.pods)

const quota = (name: string, spec: object) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentQuota',
  metadata: { name },
  spec,
})

/** Puts objects into a namespace and waits until the webhook knows its AgentQuotas: a dry run is refused by them. */
async function withQuotas(namespace: string, objects: object[], refused: object): Promise<void> {
  await apply(namespace, objects)
  await eventually(
    'the AgentQuota is known',
    () => apply(namespace, refused, ['--dry-run=server']).then(String, (error: Error) => error.message),
    (said) => said.includes('AgentQuota'),
  )
}

async function phases(namespace: string): Promise<Record<string, number>> {
  const { client } = await theWorld()
  const { items } = await client.list<AgentJobObject>(AGENT_JOB, { namespace })
  const count: Record<string, number> = {}
  for (const { status } of items) count[status?.phase ?? ''] = (count[status?.phase ?? ''] ?? 0) + 1
  return count
}

/** The most Jobs that were under way at a time, until it is asked. */
async function watchJobs(namespace: string): Promise<() => Promise<number>> {
  const { client } = await theWorld()
  const stop = new AbortController()
  const running = new Set<string>()
  let most = 0
  const { resourceVersion } = await client.list<CachedJob>(JOB, { namespace })
  const watched = (async () => {
    for await (const event of client.watch<CachedJob>(JOB, { namespace, resourceVersion, signal: stop.signal })) {
      if (event.type === 'BOOKMARK') continue
      const run = event.object as CachedJob
      if (event.type === 'DELETED' || isFinished(run) || run.spec?.suspend) running.delete(run.metadata.name)
      else running.add(run.metadata.name)
      most = Math.max(most, running.size)
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error
  })
  return async () => {
    stop.abort()
    await watched
    return most
  }
}

test('what an AgentQuota does not allow is refused with the sentence; suspended it may stay', async () => {
  const namespace = await newNamespace()
  const dense = agentJob('dense', { schedule: '*/5 * * * *' })
  const objects = [echoRuntime(), quota('team', { minScheduleIntervalSeconds: 900, maxTimeoutSeconds: 1800 })]
  await withQuotas(namespace, objects, dense)
  const said = await refusal(namespace, dense)
  expect(said).toContain('spec.schedule: has runs 5m apart; AgentQuota "team" asks for at least 15m between any two')
  expect(said).toContain('spec.timeoutSeconds: is 3600; AgentQuota "team" allows at most 1800')
  await apply(namespace, agentJob('wide', { schedule: '*/15 * * * *', timeoutSeconds: 1800 }))
  const { stderr } = await apply(namespace, agentJob('dense', { schedule: '*/5 * * * *', suspend: true }))
  expect(stderr).toContain('suspended it is stored, and refused when it is to go on')
  await expect(patch(namespace, 'dense', { spec: { suspend: false } })).rejects.toThrow('at least 15m between any two')
})

test('another image of an AgentRuntime is kept out of a schedule, and comes when the AgentQuota allows it', async () => {
  const namespace = await newNamespace()
  const team = (allowedImages: string[]) => quota('team', { allowedImages })
  const other = echoRuntime('other', { image: 'ghcr.io/somebody/echo:1' })
  const echo = ['ghcr.io/agentjob/*']
  await withQuotas(namespace, [echoRuntime(), other, team(echo)], agentJob('a', { runtimeRef: 'other' }))
  await apply(namespace, agentJob('nightly', { schedule: '@daily' }))
  await untilPhase(namespace, 'nightly', 'Scheduled')
  await apply(namespace, echoRuntime('echo', { image: 'ghcr.io/somebody/echo:1' }))
  const kept = await eventually(
    'it is told',
    () => getAgentJob(namespace, 'nightly'),
    ({ status }) => status?.reason === 'ForbiddenByQuota',
  )
  expect(kept.status?.message).toContain('AgentQuota "team" allows ghcr.io/agentjob/*')
  expect(JSON.stringify(kept.expansion?.resources)).not.toContain('somebody')
  const [cronJob] = await list(namespace, 'cronjobs')
  expect(cronJob?.spec).toMatchObject({ suspend: true })
  await apply(namespace, team(['ghcr.io/**']))
  await untilPhase(namespace, 'nightly', 'Scheduled')
  expect(JSON.stringify((await getAgentJob(namespace, 'nightly')).expansion?.resources)).toContain('somebody')
})

withPods(
  'two AgentQuotas, five AgentJobs: two at a time, and all of them end',
  async () => {
    const namespace = await newNamespace()
    await apply(namespace, [
      ...[quota('wide', { maxRunningRuns: 4 }), quota('narrow', { maxRunningRuns: 2 })],
      ...[echoRuntime(), echoRuntime('another')],
    ])
    const most = await watchJobs(namespace)
    const names = ['a', 'b', 'c', 'd', 'e']
    await apply(
      namespace,
      names.map((name, index) =>
        agentJob(name, { prompt: 'echo: sleep 5s', runtimeRef: index % 2 ? 'another' : 'echo' }),
      ),
    )
    const queued = await eventually(
      'one waits',
      async () => (await Promise.all(names.map((name) => getAgentJob(namespace, name)))).map(({ status }) => status),
      (all) => all.some((status) => status?.phase === 'Queued'),
    )
    expect(queued.find((status) => status?.phase === 'Queued')).toMatchObject({
      reason: 'AgentQuotaReached',
      message: expect.stringContaining('AgentQuota "narrow" has as many runs'),
    })
    await eventually(
      'all of them are done',
      () => phases(namespace),
      ({ Succeeded }) => Succeeded === names.length,
      120_000,
    )
    expect(await most()).toBe(2)
  },
  180_000,
)

withPods(
  'a schedule that was there before has its Jobs made suspended, and let go when there is a place',
  async () => {
    const namespace = await newNamespace()
    await apply(namespace, [echoRuntime(), agentJob('often', { schedule: '* * * * *' })])
    await untilPhase(namespace, 'often', 'Scheduled')
    await apply(namespace, quota('none', { maxRunningRuns: 0 }))
    await eventually(
      'its Jobs are to wait',
      () => list(namespace, 'cronjobs'),
      ([cronJob]) => JSON.stringify(cronJob).includes('agentjob.io/held'),
    )
    const { status } = await untilPhase(namespace, 'often', 'Queued', 90_000)
    expect(status).toMatchObject({ reason: 'AgentQuotaReached', message: expect.stringContaining('"none"') })
    expect((await list<CachedJob>(namespace, 'jobs')).map(({ spec }) => spec?.suspend)).toEqual([true])
    await apply(namespace, quota('none', { maxRunningRuns: 1 }))
    await eventually(
      'it has run',
      () => getAgentJob(namespace, 'often'),
      ({ status }) => status?.runs?.some(({ phase }) => phase === 'Succeeded') ?? false,
    )
    await kubectl(['delete', 'aq', 'none', '-n', namespace])
    await eventually(
      'its Jobs wait no longer',
      () => list(namespace, 'cronjobs'),
      ([cronJob]) => !JSON.stringify(cronJob).includes('agentjob.io/held'),
    )
  },
  240_000,
)

withPods(
  'so many runs a day, whatever becomes of their AgentJobs, and through a restart of the operator',
  async () => {
    const namespace = await newNamespace()
    await apply(namespace, [echoRuntime(), quota('day', { maxRunsPerDay: 2 })])
    await apply(namespace, agentJob('first'))
    await untilPhase(namespace, 'first', 'Succeeded')
    await kubectl(['delete', 'aj', 'first', '-n', namespace])
    await stopOperator('SIGKILL')
    await startOperatorAgain()
    await apply(namespace, agentJob('second'))
    await untilPhase(namespace, 'second', 'Succeeded')
    await apply(namespace, agentJob('third'))
    const { status } = await untilPhase(namespace, 'third', 'Queued')
    expect(status).toMatchObject({
      reason: 'AgentQuotaReached',
      message: expect.stringContaining('AgentQuota "day" has had as many runs of this namespace start today'),
    })
    const used = await eventually(
      'nothing runs any more',
      () => kubectl(['get', 'aq', 'day', '-n', namespace, '-o', 'jsonpath={.status.used}']),
      ({ stdout }) => JSON.parse(stdout || '{}').runningRuns === 0,
    )
    expect(JSON.parse(used.stdout)).toEqual({ day: expect.any(String), runsToday: 2, runningRuns: 0 })
    await apply(namespace, quota('day', { maxRunsPerDay: 3 }))
    await untilPhase(namespace, 'third', 'Succeeded')
  },
  240_000,
)
