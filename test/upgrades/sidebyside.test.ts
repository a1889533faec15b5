import { afterAll, beforeAll, expect, test } from 'bun:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { AGENT_JOB, CRON_JOB } from '../../src/controller/types.ts'
import { RENDERER } from '../../src/expand/expand.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { admissions, startOperatorAgain, startReplica, stopOperator } from '../e2e/operators.ts'
import {
  type AgentJobObject,
  agentJob,
  apply,
  aWhile,
  clusterAccess,
  echoRuntime,
  eventually,
  getAgentJob,
  list,
  patch,
  refusal,
  theWorld,
} from '../e2e/world.ts'
import { type Balancer, startBalancer } from '../faults/balancer.ts'
import { install, register } from '../operator/install.ts'
import type { Operator } from '../operator/operator.ts'
import { NEVER, NOWHERE, ownNamespace, removeNamespaces, runsOf, untilReached } from './snapshot.ts'
import { nextVersion, type Version } from './versions.ts'

/*
 * Webhooks of this version and of a next one behind one registration, while a controller of this one leads, then of the
 * next one, then of this one again. The next one is this one with another RENDERER, something that it renders otherwise,
 * and a field more.
 */

const NEXT = [
  { file: 'src/expand/expand.ts', from: `RENDERER = ${RENDERER}`, to: `RENDERER = ${RENDERER + 1}` },
  { file: 'src/expand/jobs.ts', from: "ReplacementPolicy: 'Failed'", to: "ReplacementPolicy: 'TerminatingOrFailed'" },
  {
    file: 'src/api/agentjob.ts',
    from: '  notify: Notify',
    to: '  novel: z.string().max(64).optional(),\n  notify: Notify',
  },
]
const UNCHANGED = ['once', 'on-change', 'nightly', 'with-rights', 'novel']

let next: Version
let balancer: Balancer
const replicas: Operator[] = []

beforeAll(async () => {
  next = await nextVersion(NEXT)
  balancer = await startBalancer((await theWorld()).cluster.hostAddress)
})

afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()))
  await next.remove()
  const { client } = await theWorld()
  await install(client)
  await startOperatorAgain()
  balancer.close()
  await removeNamespaces()
})

async function start(name: string, only: 'webhook' | 'controller', version?: Version): Promise<Operator> {
  const replica = await startReplica({ name, only, command: version?.command })
  replicas.push(replica)
  return replica
}

interface CronJobObject extends AgentJobObject {
  spec: { jobTemplate: { spec: { podReplacementPolicy: string } } }
}

/** Every version of the objects of a type that is stored in a namespace from now on. */
async function record<T extends AgentJobObject>(namespace: string, type: typeof AGENT_JOB, signal: AbortSignal) {
  const { client } = await theWorld()
  const versions: T[] = []
  const { resourceVersion } = await client.list(type, { namespace })
  async function follow() {
    for await (const { type: what, object } of client.watch<T>(type, { namespace, resourceVersion, signal }))
      if (what === 'ADDED' || what === 'MODIFIED') versions.push(object as T)
  }
  follow().catch(() => {})
  return versions
}

/** Writes labels all the time, and now and then to a field of `edited` that runs nothing; what was refused, by name. */
function startWriters(namespace: string) {
  let going = true
  let writes = 0
  const refused: string[] = []
  const writers = [...UNCHANGED, 'edited'].map(async (name) => {
    for (; going; writes++) {
      const more = name === 'edited' ? { spec: { ttlSecondsAfterFinished: 1000 + writes } } : {}
      const body = { metadata: { labels: { count: `${writes}` } }, ...more }
      await patch(namespace, name, body).catch((error: Error) => {
        // it comes later
        if (!error.message.includes('not found')) refused.push(`${name}: ${error.message}`)
      })
      await sleep(100)
    }
  })
  return {
    async stop() {
      going = false
      await Promise.all(writers)
      return { writes, refused }
    },
  }
}

const isSorted = (numbers: number[]) => numbers.every((number, at) => at === 0 || number >= (numbers[at - 1] as number))

test('replicas of two versions do not undo the work of each other, whichever controller leads', async () => {
  const { client } = await theWorld()
  const namespace = await ownNamespace()
  await stopOperator()
  // who comes first leads
  const leads = await start('leads', 'controller')
  const [answers, nextAnswers, nextLeads] = (await Promise.all([
    start('answers', 'webhook'),
    start('next-answers', 'webhook', next),
    start('next-leads', 'controller', next),
  ])) as [Operator, Operator, Operator]
  balancer.set('answers', answers.url)
  await register(client, balancer.url)
  const runtime = () => apply(namespace, echoRuntime()).catch((error: Error) => error.message)
  await eventually('admission asks it', runtime, (answer) => typeof answer !== 'string')
  await apply(namespace, [
    clusterAccess(),
    agentJob('once', NOWHERE),
    agentJob('on-change', { ...NOWHERE, redeploy: 'OnChange' }),
    agentJob('nightly', { ...NOWHERE, schedule: NEVER }),
    agentJob('with-rights', { ...NOWHERE, clusterAccessRef: 'namespace' }),
    agentJob('edited', NOWHERE),
  ])
  await untilReached(namespace, 'reached')

  // the CRDs come first, and meet webhooks that do not know all of their fields
  await next.install(client)
  const novel = agentJob('novel', { ...NOWHERE, novel: 'field' })
  const served = () => apply(namespace, novel, ['--dry-run=server', '--validate=strict']).catch((error: Error) => error)
  await eventually('the field is served', served, (answer) => !String(answer).includes('strict decoding error'))
  expect(await refusal(namespace, novel)).toContain('spec.novel: is a field of a later version of agentjob')
  const ends = new AbortController()
  const agentJobs = await record(namespace, AGENT_JOB, ends.signal)
  const cronJobs = await record<CronJobObject>(namespace, CRON_JOB, ends.signal)
  balancer.set('next-answers', nextAnswers.url)
  const asked = await Promise.all([answers, nextAnswers].map(admissions))
  const writers = startWriters(namespace)
  const taken = () => apply(namespace, novel).catch((error: Error) => error.message)
  await eventually('the next version takes it', taken, (answer) => typeof answer !== 'string')
  await sleep(1000)
  await leads.stop()
  const again = start('leads-again', 'controller')
  const renderers = () =>
    Promise.all(UNCHANGED.map(async (name) => (await getAgentJob(namespace, name)).expansion?.renderer))
  await eventually('all are of the next version', renderers, (found) => found.every((one) => one === RENDERER + 1))
  await Promise.all([again, sleep(1000)])
  await nextLeads.stop()
  await untilReached(namespace, 'reached-again')
  await sleep(1000)
  const { writes, refused } = await writers.stop()
  await aWhile()
  ends.abort()

  expect(refused).toEqual([])
  expect(writes).toBeGreaterThan(100)
  const answered = await Promise.all([answers, nextAnswers].map(admissions))
  for (const at of [0, 1]) expect((answered[at] as number) - (asked[at] as number)).toBeGreaterThan(20)
  for (const name of UNCHANGED) {
    const versions = agentJobs.filter(({ metadata }) => metadata.name === name)
    const stored = versions.map(({ expansion, metadata }) => ({
      renderer: expansion?.renderer ?? 0,
      generation: metadata.generation as number,
      label: metadata.labels?.count,
    }))
    const found = { name, isSorted: isSorted(stored.map(({ renderer }) => renderer)), last: stored.at(-1)?.renderer }
    expect(found).toEqual({ name, isSorted: true, last: RENDERER + 1 })
    // made anew once; and what was written beside the labels is that, and what the status tells of it
    expect((stored.at(-1)?.generation as number) - (stored[0]?.generation as number)).toBeLessThanOrEqual(1)
    expect(stored.filter(({ label }, at) => label === stored[at - 1]?.label).length).toBeLessThanOrEqual(6)
  }
  expect(cronJobs.map(({ spec }) => spec.jobTemplate.spec.podReplacementPolicy)).toEqual(['TerminatingOrFailed'])
  expect(await runsOf(namespace)).toEqual({
    ...{ once: 1, 'on-change': 1, 'with-rights': 1, edited: 1, novel: 1 },
    ...{ reached: 1, 'reached-again': 1 },
  })
  const run = (await list(namespace, 'jobs')).filter(({ metadata }) =>
    metadata.name?.startsWith('novel-'),
  )[0] as KubeObject
  expect((run.spec as { podReplacementPolicy: string }).podReplacementPolicy).toBe('TerminatingOrFailed')

  // a change of what they refer to is one, whichever version hears of it first
  await apply(namespace, echoRuntime('echo', { env: [{ name: 'MORE', value: 'yes' }] }))
  await eventually(
    'the run of the change',
    () => runsOf(namespace),
    (runs) => runs['on-change'] === 2,
  )
  await aWhile()
  expect(await runsOf(namespace)).toMatchObject({ once: 1, 'on-change': 2, 'with-rights': 1, edited: 1, novel: 1 })

  // taken back for good, at first without the CRDs
  balancer.set('next-answers', undefined)
  await nextAnswers.stop()
  await eventually(
    'it can be labelled',
    () => patch(namespace, 'novel', { metadata: { labels: { last: 'word' } } }).catch((error: Error) => error.message),
    (answer) => typeof answer !== 'string',
  )
  const change = patch(namespace, 'novel', { spec: { prompt: 'echo: result other' } })
  expect(await change.catch((error: Error) => error.message)).toContain('spec.novel: is a field of a later version')
  // without its field it is another spec, for whoever looks at it next
  await install(client)
  await eventually(
    'the run without the field',
    async () => {
      await patch(namespace, 'novel', { metadata: { labels: { pruned: `${Date.now()}` } } })
      return runsOf(namespace)
    },
    ({ novel }) => novel === 2,
  )
})
