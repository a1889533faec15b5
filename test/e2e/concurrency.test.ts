import { expect, test } from 'bun:test'
import { STOP_ANNOTATION } from '../../src/api/agentjob.ts'
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
  list,
  newNamespace,
  patch,
  theWorld,
  untilPhase,
} from './world.ts'

// maxConcurrentRuns of an AgentRuntime. One after the other: the first one stops the operator.

const withPods = test.skipIf(!(await theWorld()).cluster.pods)
/** 200 take more than three minutes. */
const RUNS = Number(process.env.AGENTJOB_TEST_RUNS ?? 60)
const SLEEPS = 'echo: sleep 10m'
const limited = (maxConcurrentRuns: number) => echoRuntime('echo', { maxConcurrentRuns })

/** What became of the Jobs of a namespace, event by event, until it is stopped. */
async function watchJobs(namespace: string) {
  const { client } = await theWorld()
  const stop = new AbortController()
  const running = new Set<string>()
  const seen = { most: 0, started: [] as string[] }
  const { resourceVersion } = await client.list<CachedJob>(JOB, { namespace })
  const watched = (async () => {
    const events = client.watch<CachedJob>(JOB, { namespace, resourceVersion, signal: stop.signal })
    for await (const { type, object } of events) {
      if (type === 'BOOKMARK') continue
      const run = object as CachedJob
      const { name } = run.metadata
      if (type === 'ADDED') seen.started.push(name.replace(/-[0-9a-f]{8}$/, ''))
      if (type === 'DELETED' || isFinished(run) || run.spec?.suspend) running.delete(name)
      else running.add(name)
      seen.most = Math.max(seen.most, running.size)
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error
  })
  return {
    seen,
    async stop() {
      stop.abort()
      await watched
    },
  }
}

async function endRunOf(namespace: string, name: string): Promise<void> {
  const { status } = await getAgentJob(namespace, name)
  await patch(namespace, name, { metadata: { annotations: { [STOP_ANNOTATION]: status?.jobName } } })
}

async function phases(namespace: string): Promise<Record<string, number>> {
  const { client } = await theWorld()
  const { items } = await client.list<AgentJobObject>(AGENT_JOB, { namespace })
  const count: Record<string, number> = {}
  for (const { status } of items) count[status?.phase ?? ''] = (count[status?.phase ?? ''] ?? 0) + 1
  return count
}

withPods(
  `${RUNS} AgentJobs, five at a time, first come first served, through a restart of the operator`,
  async () => {
    const namespace = await newNamespace()
    // their names are in another order than their creation
    const names = Array.from({ length: RUNS }, (_, index) => `job-${(index * 77) % RUNS}-${index}`)
    const first = ['a', 'b', 'c', 'd', 'e'].map((name) => `sleeper-${name}`)
    await apply(namespace, [limited(5), ...first.map((name) => agentJob(name, { prompt: SLEEPS }))])
    for (const name of first) await untilPhase(namespace, name, 'Running')
    const jobs = await watchJobs(namespace)
    // a second is as exactly as Kubernetes says when something was created
    for (let from = 0; from < RUNS; from += 20) {
      await apply(
        namespace,
        names.slice(from, from + 20).map((name) => agentJob(name)),
      )
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
    await eventually(
      'all of them wait',
      () => phases(namespace),
      ({ Queued }) => Queued === RUNS,
    )
    const { status } = await getAgentJob(namespace, names[0] as string)
    expect(status).toMatchObject({ reason: 'ConcurrencyLimit', message: expect.stringContaining('maxConcurrentRuns') })
    expect(jobs.seen.started).toEqual([])
    for (const name of first) await endRunOf(namespace, name)
    await eventually(
      'some are done',
      () => phases(namespace),
      ({ Succeeded = 0 }) => Succeeded >= RUNS / 3,
      120_000,
    )
    await stopOperator('SIGKILL')
    await startOperatorAgain()
    await eventually(
      'all of them are done',
      () => phases(namespace),
      ({ Succeeded }) => Succeeded === RUNS,
      300_000,
    )
    await jobs.stop()
    expect(jobs.seen.most).toBeLessThanOrEqual(5)
    expect(jobs.seen.started.length).toBe(RUNS)
    // a batch of 20 has a time of its own; five start together
    const batches = jobs.seen.started.map((name) => Math.floor(names.indexOf(name) / 20))
    const overtaken = batches.filter((batch, at) => batches.slice(at + 5).some((later) => later < batch))
    expect(overtaken).toEqual([])
  },
  600_000,
)

withPods(
  'the Jobs of schedules wait in the same line, suspended, and go on one by one',
  async () => {
    const namespace = await newNamespace()
    await apply(namespace, [limited(1), agentJob('first', { prompt: SLEEPS })])
    await untilPhase(namespace, 'first', 'Running')
    for (const name of ['one', 'two'])
      await apply(namespace, agentJob(name, { schedule: '* * * * *', concurrencyPolicy: 'Forbid' }))
    for (const name of ['one', 'two']) {
      const queued = await untilPhase(namespace, name, 'Queued', 90_000)
      expect(queued.status).toMatchObject({ reason: 'ConcurrencyLimit' })
    }
    const held = await list<CachedJob>(namespace, 'jobs')
    expect(held.filter(({ spec }) => spec?.suspend).length).toBe(2)
    const jobs = await watchJobs(namespace)
    await endRunOf(namespace, 'first')
    for (const name of ['one', 'two'])
      await eventually(
        `${name} has run`,
        () => getAgentJob(namespace, name),
        ({ status }) => status?.runs?.some(({ phase }) => phase === 'Succeeded') ?? false,
      )
    await jobs.stop()
    expect(jobs.seen.most).toBe(1)
  },
  240_000,
)

withPods('a higher limit lets more through, none at all everybody, and nothing that has run runs again', async () => {
  const namespace = await newNamespace()
  const names = ['a', 'b', 'c', 'd']
  await apply(namespace, [limited(1), ...names.map((name) => agentJob(name, { prompt: SLEEPS, redeploy: 'OnChange' }))])
  await eventually(
    'one runs',
    () => phases(namespace),
    ({ Running, Queued }) => Running === 1 && Queued === 3,
  )
  await apply(namespace, limited(2))
  await eventually(
    'two run',
    () => phases(namespace),
    ({ Running, Queued }) => Running === 2 && Queued === 2,
  )
  await apply(namespace, echoRuntime())
  await eventually(
    'all run',
    () => phases(namespace),
    ({ Running }) => Running === 4,
  )
  expect((await list(namespace, 'jobs')).length).toBe(4)
})

test('maxConcurrentRuns and queueName do not go together', async () => {
  const namespace = await newNamespace()
  await apply(namespace, limited(1))
  await expect(apply(namespace, agentJob('both', { queueName: 'agents' }))).rejects.toThrow(
    'spec.queueName: AgentRuntime "echo" has maxConcurrentRuns',
  )
})
