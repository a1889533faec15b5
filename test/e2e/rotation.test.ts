import { afterAll, beforeAll, expect, test } from 'bun:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { AGENT_JOB } from '../../src/controller/types.ts'
import { SIGNING_EPOCHS, SIGNING_SECRET } from '../../src/signing/key.ts'
import { epochOf } from '../../src/signing/signature.ts'
import { type Balancer, startBalancer } from '../faults/balancer.ts'
import { NAMESPACE, register } from '../operator/install.ts'
import type { Operator } from '../operator/operator.ts'
import { admissions, startOperatorAgain, startReplica, stopOperator, withoutAdmission } from './operators.ts'
import {
  type AgentJobObject,
  agentJob,
  agentjob,
  apply,
  aWhile,
  clusterAccess,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  kubectl,
  list,
  newNamespace,
  patch,
  theWorld,
  untilPhase,
} from './world.ts'

// The signing key, rotated under a controller and two webhooks that answer in turn and learn of it at different moments.

const { cluster } = await theWorld()
const withPods = test.skipIf(!cluster.pods)
const NOWHERE = { podTemplate: { spec: { nodeSelector: { no: 'node' } } } }
const SLEEPS = 'echo: sleep 10m'
/** A rotation waits, and then for every AgentJob that there is. */
const TIMEOUT = 300_000

const namespaces: string[] = []
let balancer: Balancer
let webhooks: Operator[]

beforeAll(async () => {
  const { client } = await theWorld()
  await restored()
  balancer = await startBalancer(cluster.hostAddress)
  webhooks = await Promise.all(['one', 'other'].map((name) => startReplica({ name, only: 'webhook' })))
  for (const webhook of webhooks) balancer.set(webhook.url as string, webhook.url)
  await register(client, balancer.url)
})

afterAll(async () => {
  // every AgentJob that is left is touched by each further rotation
  if (namespaces.length) await kubectl(['delete', 'namespace', ...namespaces, '--wait=false'])
  await restored()
  await Promise.all(webhooks.map((webhook) => webhook.stop()))
  balancer.close()
})

/** As after an installation: with the first key, and no other. */
async function restored() {
  await stopOperator()
  await kubectl(['delete', 'secret', SIGNING_SECRET, SIGNING_EPOCHS, '-n', NAMESPACE, '--ignore-not-found'])
  await startOperatorAgain()
}

/** One whose rights are lost for good by whoever does not believe what another replica has signed. */
const held = (number: number) => `held-${number}`
const RIGHTS = { suspend: true, clusterAccessRef: 'namespace' }
const UPDATERS = [1, 2, 3, 4]

/** Clients that write all the time: each object of theirs, and what went wrong. */
function startStream(namespace: string) {
  const [created, errors]: [string[], string[]] = [[], []]
  let going = true
  let writes = 0
  const failed = (error: Error) => void errors.push(error.message)
  async function creates(number: number) {
    const { client } = await theWorld()
    for (let n = 0; going; n++) {
      const name = `made-${number}-${n}`
      await client.create(AGENT_JOB, agentJob(name, NOWHERE, { namespace })).then(() => created.push(name), failed)
      await sleep(800)
    }
  }
  async function updates(number: number) {
    const name = `written-${number}`
    await apply(namespace, [agentJob(name, { suspend: true }), agentJob(held(number), RIGHTS)])
    // labels, and now and then the spec of one of the two
    for (; going; writes += 2) {
      const [metadata, spec] = [{ labels: { count: `${writes}` } }, { prompt: `echo: result ${writes}` }]
      await patch(namespace, name, writes % 10 ? { metadata } : { metadata, spec }).catch(failed)
      await patch(namespace, held(number), { metadata }).catch(failed)
      await sleep(20)
    }
  }
  const clients = Promise.all([1, 2].map(creates).concat(UPDATERS.map(updates)))
  return {
    async stop() {
      going = false
      await clients
      return { created, errors, writes }
    },
  }
}

const allOf = async (namespace: string) => {
  const { client } = await theWorld()
  return (await client.list<AgentJobObject>(AGENT_JOB, { namespace })).items
}

/** Of each AgentJob in a namespace. */
const epochsOf = async (namespace: string) => (await allOf(namespace)).map(({ expansion }) => epochOf(expansion))

const unsigned = (job: AgentJobObject | undefined) => ({ ...job?.expansion, signature: undefined })

const isExpanded = ({ status, metadata }: AgentJobObject) =>
  status?.observedGeneration === metadata.generation &&
  status?.conditions?.some(({ type, status }) => type === 'Expanded' && status === 'True')

const untilExpanded = (namespace: string, name: string) =>
  eventually(
    `${name} is expanded`,
    () => getAgentJob(namespace, name),
    (job) => isExpanded(job) ?? false,
  )

const epochMetric = async ({ health }: Operator) =>
  Number(/^agentjob_signing_epoch (\d+)/m.exec(await (await fetch(`${health}/metrics`)).text())?.[1])

/** A namespace with some of each kind, in their states. */
async function someOfEach(): Promise<string> {
  const namespace = await newNamespace()
  namespaces.push(namespace)
  await apply(namespace, [
    echoRuntime(),
    clusterAccess(),
    agentJob('done'),
    agentJob('done-on-change', { redeploy: 'OnChange' }),
    agentJob('running', { prompt: SLEEPS }),
    agentJob('with-rights', { prompt: SLEEPS, clusterAccessRef: 'namespace' }),
    agentJob('nightly', { schedule: '30 2 1 1 *' }),
    agentJob('lost', { runtimeRef: 'missing' }),
    agentJob('replayed', NOWHERE),
  ])
  for (const name of ['done', 'done-on-change']) await untilPhase(namespace, name, 'Succeeded')
  for (const name of ['running', 'with-rights']) await untilPhase(namespace, name, 'Running')
  return namespace
}

/** The Jobs of each AgentJob, by its name. */
async function jobsByOwner(namespace: string): Promise<Record<string, string[]>> {
  const owners: Record<string, string[]> = {}
  for (const { metadata } of await list(namespace, 'jobs')) {
    const owner = metadata.ownerReferences?.[0]?.name ?? ''
    owners[owner] = [...(owners[owner] ?? []), metadata.name as string].sort()
  }
  return owners
}

/** The epoch that signs, as it is stored. */
async function signs(): Promise<number> {
  const args = ['get', 'secret', SIGNING_EPOCHS, '-n', NAMESPACE, '-o', 'jsonpath={.data.signs}', '--ignore-not-found']
  return Number(Buffer.from((await kubectl(args)).stdout, 'base64').toString()) || 1
}

/** Rotates under a stream of writes: none of them fails, nothing is lost, and nothing runs twice. */
async function rotateUnderStream(namespace: string, seconds: number) {
  const before = Object.fromEntries((await allOf(namespace)).map((job) => [job.metadata.name, job]))
  const [jobs, epoch] = [await jobsByOwner(namespace), (await signs()) + 1]
  const asked = await Promise.all(webhooks.map(admissions))
  const stream = startStream(namespace)
  await sleep(3000)
  const rotated = await agentjob(['rotate-key', '--pause', String(seconds), '--timeout', '70s'])
  await sleep(3000)
  const { created, errors, writes } = await stream.stop()
  expect([rotated.code, rotated.stderr]).toEqual([0, ''])
  expect(errors).toEqual([])
  expect(created.length).toBeGreaterThan(10)
  expect(writes).toBeGreaterThan(100)
  for (const [index, webhook] of webhooks.entries())
    expect((await admissions(webhook)) - (asked[index] as number)).toBeGreaterThan(20)
  await eventually(
    'all are of the new epoch',
    () => epochsOf(namespace),
    (epochs) => epochs.every((one) => one === epoch),
  )
  for (const name of ['done', 'done-on-change', 'running', 'with-rights', 'nightly']) {
    const now = await untilExpanded(namespace, name)
    expect(unsigned(now)).toEqual(unsigned(before[name]))
  }
  for (const number of UPDATERS) {
    const { expansion } = await getAgentJob(namespace, held(number))
    expect(expansion).toMatchObject({ requester: before['with-rights']?.expansion?.requester, problems: [] })
  }
  await eventually(
    'a Job for each',
    () => jobsByOwner(namespace),
    (found) => created.every((name) => found[name]),
  )
  await aWhile()
  const found = await jobsByOwner(namespace)
  for (const name of created) expect([name, found[name]?.length]).toEqual([name, 1])
  for (const name of ['done', 'done-on-change', 'running', 'with-rights'])
    expect(found[name]).toEqual(jobs[name] as string[])
  return epoch
}

withPods(
  'a rotation refuses no write, loses nothing and runs nothing twice; what older keys signed is worth nothing',
  async () => {
    const namespace = await someOfEach()
    // what would run again if somebody could have it believed: its Job is gone, and another revision has followed
    const { spec, expansion } = await getAgentJob(namespace, 'replayed')
    const run = `replayed-${expansion?.revision}`
    await patch(namespace, 'replayed', { spec: { prompt: 'echo: result other' } })
    await eventually(
      'the next revision',
      () => jobsByOwner(namespace),
      ({ replayed = [] }) => replayed.length === 2,
    )
    expect((await kubectl(['delete', 'job', run, '-n', namespace])).code).toBe(0)
    const replay = () => patch(namespace, 'replayed', { spec, expansion })

    const epoch = await rotateUnderStream(namespace, 12)
    for (const replica of [...webhooks, (await theWorld()).operator]) expect(await epochMetric(replica)).toBe(epoch)
    expect((await kubectl(['get', 'secret', SIGNING_SECRET, '-n', NAMESPACE])).stderr).toContain('NotFound')
    await withoutAdmission(async () => {
      await replay()
      await eventually(
        'it is not believed',
        () => getAgentJob(namespace, 'replayed'),
        ({ status }) => status?.reason === 'ExpansionInvalid',
      )
      await aWhile()
      expect(await jobNames(namespace)).not.toContain(run)
    })
    await register((await theWorld()).client, balancer.url)
  },
  TIMEOUT,
)

withPods(
  'where nobody waits for replicas to learn of it, nothing is lost and nothing runs twice either',
  async () => {
    const namespace = await someOfEach()
    await rotateUnderStream(namespace, 0)
  },
  TIMEOUT,
)

withPods(
  'keys that have leaked are retired at once: nothing runs again, and rights wait for somebody entitled',
  async () => {
    const namespace = await someOfEach()
    const jobs = await jobsByOwner(namespace)
    const rotated = await agentjob(['rotate-key', '--leaked', '--pause', '12', '--timeout', '70s'])
    expect([rotated.code, rotated.stderr]).toEqual([0, ''])
    expect(rotated.stdout).toContain(`  ${namespace}/with-rights\n`)
    expect(new Set(await epochsOf(namespace)).size).toBe(1)
    for (const name of ['done', 'done-on-change', 'running', 'nightly'])
      await eventually(
        `${name} is expanded`,
        () => getAgentJob(namespace, name),
        (job) => isExpanded(job) ?? false,
      )
    const isForbidden = ({ status }: AgentJobObject) =>
      status?.conditions?.some(({ type, reason }) => type === 'Expanded' && reason === 'Forbidden') ?? false
    await eventually('nobody has asked for it', () => getAgentJob(namespace, 'with-rights'), isForbidden)
    for (const name of ['running', 'with-rights'])
      expect((await getAgentJob(namespace, name)).status?.phase).toBe('Running')
    for (const suspend of [true, false]) await patch(namespace, 'with-rights', { spec: { suspend } })
    await eventually(
      'somebody has',
      () => getAgentJob(namespace, 'with-rights'),
      (job) => isExpanded(job) ?? false,
    )
    await aWhile()
    expect(await jobsByOwner(namespace)).toEqual(jobs)
  },
  TIMEOUT,
)
