import { expect, test } from 'bun:test'
import { agentJob, apply, echoRuntime, eventually, getAgentJob, kubectl, list, newNamespace } from './world.ts'

// What the API server refuses to start, where there are few places for it.

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f']
const quota = (jobs: string) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'jobs' },
  spec: { hard: { 'count/jobs.batch': jobs } },
})

const allAre = (namespace: string, reason: string) =>
  eventually(
    `all are ${reason}`,
    () => Promise.all(NAMES.map((name) => getAgentJob(namespace, name))),
    (all) => all.every(({ status }) => status?.reason === reason),
  )

test('who is refused takes no turns with others at being told so, and starts when nothing is in the way any more', async () => {
  const namespace = await newNamespace()
  await apply(namespace, quota('0'))
  await eventually(
    'the quota counts',
    () => kubectl(['get', 'resourcequota', '-n', namespace, '-o', 'jsonpath={.items[*].status.hard}']),
    ({ stdout }) => stdout !== '',
  )
  await apply(namespace, [
    echoRuntime('echo', { maxConcurrentRuns: 2 }),
    ...NAMES.map((name) => agentJob(name, { prompt: 'echo: sleep 10m' })),
  ])
  const before = await allAre(namespace, 'QuotaExceeded')
  await Bun.sleep(10_000)
  const after = await allAre(namespace, 'QuotaExceeded')
  const versions = (all: typeof before) => all.map(({ metadata }) => metadata.resourceVersion)
  expect(versions(after)).toEqual(versions(before))
  const { stdout } = await kubectl(['get', 'events', '-n', namespace, '-o', 'json'])
  const warnings = (JSON.parse(stdout).items as { reason: string; count?: number; series?: { count: number } }[])
    .filter(({ reason }) => reason === 'QuotaExceeded')
    .map(({ count, series }) => series?.count ?? count ?? 1)
  expect(Math.max(...warnings)).toBeLessThan(4)
  await apply(namespace, quota('9'))
  await eventually(
    'two have started',
    () => list(namespace, 'jobs'),
    ({ length }) => length === 2,
    60_000,
  )
})
