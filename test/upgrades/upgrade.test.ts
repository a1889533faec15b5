import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { registered, startOperatorAgain, startReplica, stopOperator } from '../e2e/operators.ts'
import {
  type AgentJobObject,
  agentJob,
  agentjob,
  apply,
  aWhile,
  clusterAccess,
  echoRuntime,
  kubectl,
  patch,
  theWorld,
  untilPhase,
} from '../e2e/world.ts'
import { install, LIBRARY } from '../operator/install.ts'
import type { Operator } from '../operator/operator.ts'
import {
  agentJobsOf,
  childrenOf,
  NEVER,
  ownNamespace,
  removeNamespaces,
  runsOf,
  SLEEPS,
  untilReached,
} from './snapshot.ts'
import { previousVersion, type Version, whyNoPrevious } from './versions.ts'

// From the version before to this one and back, with everything under way that can be. One version takes over from the
// other as in a rolling upgrade: CRDs and rights first, then its replica beside the other one, which ends at last.

const { cluster } = await theWorld()
const missing = await whyNoPrevious()
const withPrevious = test.skipIf(!cluster.pods || missing !== undefined)
if (missing) console.error(`skipped: ${missing}`)

let version: Version
// images of an operator's own have a hash in the expansion, which that version did not write: one write for each
const settings = { libraryNamespace: LIBRARY }

beforeAll(async () => {
  if (!missing) version = await previousVersion()
})

afterAll(async () => {
  await version?.remove()
  const { client } = await theWorld()
  await install(client)
  await startOperatorAgain()
  await removeNamespaces()
})

/** One of everything, in the state in which an upgrade finds it. */
async function everything(namespace: string): Promise<void> {
  await apply(namespace, [
    echoRuntime(),
    echoRuntime('one', { maxConcurrentRuns: 1 }),
    clusterAccess('Cluster'),
    agentJob('first', { prompt: SLEEPS, runtimeRef: 'one' }),
    agentJob('ends-now', { prompt: 'echo: sleep 14s\necho: result at last' }),
    agentJob('running', { prompt: SLEEPS }),
    agentJob('with-rights', { prompt: SLEEPS, clusterAccessRef: 'cluster' }),
    agentJob('nightly', { prompt: SLEEPS, schedule: NEVER }),
    agentJob('done', { persist: true }),
    agentJob('on-change', { redeploy: 'OnChange' }),
    agentJob('failed', { prompt: 'echo: exit 3' }),
    agentJob('suspended', { suspend: true }),
    agentJob('lost', { runtimeRef: 'missing' }),
  ])
  await Promise.all(
    ['first', 'ends-now', 'running', 'with-rights'].map((name) => untilPhase(namespace, name, 'Running')),
  )
  await apply(namespace, agentJob('queued', { prompt: SLEEPS, runtimeRef: 'one' }))
  // one that was due, and one beside the schedule
  await kubectl(['create', 'job', 'nightly-1', '--from=cronjob/nightly', '-n', namespace])
  await agentjob(['rerun', 'nightly', '-n', namespace])
  await Promise.all([
    untilPhase(namespace, 'queued', 'Queued'),
    untilPhase(namespace, 'nightly', 'Running'),
    untilPhase(namespace, 'done', 'Succeeded'),
    untilPhase(namespace, 'on-change', 'Succeeded'),
    untilPhase(namespace, 'failed', 'Failed'),
  ])
}

/** Starts a version beside the one that runs, and ends that one. */
async function replace(old: Operator, next: { name: string; command?: string[] }): Promise<Operator> {
  const replica = await startReplica({ ...next, settings })
  await registered(replica)
  await old.stop()
  return replica
}

/** Has admission of whoever answers now expand every AgentJob, which changes nothing where both versions mean the same. */
async function touched(namespace: string, label: string): Promise<void> {
  const names = Object.keys(await agentJobsOf(namespace))
  await Promise.all(names.map((name) => patch(namespace, name, { metadata: { labels: { label } } })))
}

const told = (jobs: Record<string, AgentJobObject>) =>
  Object.fromEntries(
    Object.entries(jobs).map(([name, { metadata, expansion, status }]) => [
      name,
      { generation: metadata.generation, expansion, runs: status?.runs },
    ]),
  )

/** What a replica's log says of things that must not happen. */
const complaints = async ({ log }: Operator) =>
  (await readFile(log, 'utf8')).split('\n').filter((line) => /"level":(50|60)|Error:/.test(line))

withPrevious('an upgrade runs nothing again and ends nothing; nor does the way back', async () => {
  const { client } = await theWorld()
  const [namespace, other] = [await ownNamespace(), await ownNamespace()]
  await apply(other, echoRuntime())
  await stopOperator()
  await version.install(client)
  const old = await startReplica({ name: 'before', command: version.command, settings })
  await registered(old)
  await everything(namespace)
  const [children, jobs] = [await childrenOf(namespace), await agentJobsOf(namespace)]

  await install(client)
  const now = await replace(old, { name: 'now' })
  await untilReached(other, 'upgraded')
  await touched(namespace, 'upgraded')
  await aWhile()
  expect(await childrenOf(namespace)).toEqual(children)
  const upgraded = await agentJobsOf(namespace)
  expect(told(upgraded)).toEqual(told(jobs))
  expect(upgraded.queued?.status?.phase).toBe('Queued')

  // what goes on under the new version, on what the old one has stored
  const end = await untilPhase(namespace, 'ends-now', 'Succeeded')
  expect(end.status).toMatchObject({ result: 'at last', exitCode: 0, attempts: 1 })
  expect(end.status?.runs).toHaveLength(1)
  await agentjob(['stop', 'first', '-n', namespace])
  await untilPhase(namespace, 'first', 'Stopped')
  await untilPhase(namespace, 'queued', 'Running')
  await patch(namespace, 'suspended', { spec: { suspend: false } })
  await untilPhase(namespace, 'suspended', 'Succeeded')
  const [later, laterJobs] = [await childrenOf(namespace), await agentJobsOf(namespace)]

  // the rollback takes the CRDs back too, as that of a chart does
  await version.install(client)
  const back = await replace(now, { name: 'back', command: version.command })
  await untilReached(other, 'back')
  await touched(namespace, 'back')
  await aWhile()
  expect(await childrenOf(namespace)).toEqual(later)
  expect(told(await agentJobsOf(namespace))).toEqual(told(laterJobs))
  await agentjob(['stop', 'running', '-n', namespace])
  await untilPhase(namespace, 'running', 'Stopped')
  expect(await runsOf(namespace)).toMatchObject({ running: 1, queued: 1, done: 1, 'on-change': 1, failed: 1 })
  for (const replica of [old, now, back]) expect(await complaints(replica)).toEqual([])
  await back.stop()
})
