import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { AGENT_JOB, CRON_JOB, controllerOf, JOB, LEASE, POD } from '../../src/controller/types.ts'
import { HEALTH_PORT, nameOf, type Part } from '../../src/install/names.ts'
import { selectorOf } from '../../src/install/workloads.ts'
import { createClient } from '../../src/kube/client.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import { LEASES, type LeaseSpec } from '../../src/kube/leaserecord.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { type CertManager, startCertManager } from '../certmanager/certmanager.ts'
import { NAMESPACE } from '../chart/chart.ts'
import { type ReleaseCluster, releaseCluster } from '../chart/release.ts'
import { isRunning, processOf } from './containerprocess.ts'
import { type Posts, startPosts } from './posts.ts'

/*
 * Admission is asked about 50 AgentJobs each second, and meanwhile happens what happens to an operator: certificates
 * are renewed, its pods are replaced, it is upgraded, and processes of its are killed. What is stored is a schedule,
 * whose CronJob starts no pod, or runs once, in a pod that nobody schedules: no machine of a test has room for so many.
 */

/** 100 are more than two cores can always do while pods start: what is too late for the API server has failed. */
const PER_SECOND = Number(process.env.AGENTJOB_TEST_CREATES ?? 50)
/** One in so many is stored; a hundred Jobs a second are more than two cores can do beside the rest. */
const STORE_OF = Number(process.env.AGENTJOB_TEST_STORE_OF ?? 4)
/** One in so many of those that are stored runs once. */
const ONCE_OF = 4
const RENEWALS = Number(process.env.AGENTJOB_TEST_RENEWALS ?? 2)
/** The chart's are 15. */
const LEASE_SECONDS = Number(process.env.AGENTJOB_TEST_LEASE ?? 5)
/** Of each webhook's pod: with 1 it shows what a second one is for. */
const PROCESSES = Number(process.env.AGENTJOB_TEST_PROCESSES ?? 2)
const PROCESS_NAMES = ['webhook', 'webhook-2', 'webhook-3', 'webhook-4'].slice(0, PROCESSES)
/** Within which a certificate is renewed and read. */
const RENEWAL_MS = 90_000

const cluster = (await releaseCluster('test-load')) as ReleaseCluster
const client =
  cluster &&
  createClient(createTransport(loadConnection({ kubeconfig: cluster.handle.kubeconfig }), { maxSockets: 256 }))
let certManager: CertManager | undefined

const progress = (line: string) => console.error(`  ${line}`)
const system = (...args: string[]) => cluster.kubectl([...args, '-n', NAMESPACE])

/** The API server on the same machine leaves pods little CPU. */
const values = (certificates: object, webhook: object = {}) => ({
  certificates,
  webhook: { processes: PROCESSES, resources: { requests: { cpu: '150m' } }, ...webhook },
  controller: { resources: { requests: { cpu: '200m' } }, leaseDurationSeconds: LEASE_SECONDS },
})
/** Valid for as short as each mode allows. */
const OF_ITS_OWN = { mode: 'self-signed', selfSigned: { duration: '30s' } }
const CERT_MANAGER = { mode: 'cert-manager', certManager: { duration: '1h', renewBefore: '59m45s' } }

const RUNTIME = {
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentRuntime',
  metadata: { name: 'echo', namespace: 'agents' },
  spec: { image: 'ghcr.io/agentjob/echo:dev' },
}
const SCHEDULE = { schedule: '@yearly' }
const ONCE = { podTemplate: { spec: { schedulerName: 'nobody' } } }

let [posted, stored] = [0, 0]
function body(isStored: boolean): KubeObject {
  const what = isStored && stored++ % ONCE_OF === 0 ? ONCE : SCHEDULE
  return {
    apiVersion: 'agentjob.io/v1alpha1',
    kind: 'AgentJob',
    metadata: { name: `load-${posted++}`, namespace: 'agents' },
    spec: { runtimeRef: 'echo', prompt: 'echo: result done', ...what },
  }
}

beforeAll(async () => {
  if (!cluster) return
  certManager = await startCertManager(cluster.handle, progress)
  await cluster.install(values(OF_ITS_OWN))
  await cluster.apply(RUNTIME)
}, 600_000)
afterAll(async () => {
  client?.transport.close()
  await certManager?.stop()
  await cluster?.down()
}, 60_000)

const created: string[] = []

/** Does something while AgentJobs are created; gives why some of them were not, each reason as often as it was given. */
async function underLoad(work: (load: ReturnType<typeof startPosts>) => Promise<unknown>): Promise<string[]> {
  const load = startPosts(client, { perSecond: PER_SECOND, storeOf: STORE_OF, body })
  let posts: Posts
  try {
    await sleep(1000)
    await work(load)
    await sleep(1000)
  } finally {
    posts = await load.stop()
    created.push(...posts.created.map(({ metadata }) => metadata.name as string))
    const counts = `${posts.answered} answered, ${posts.created.length} of them stored, ${posts.failed.length} failed`
    progress(`${counts}, at most ${posts.most} at a time`)
  }
  return posts.failed.map(({ message }) => message).sort()
}

/** What stands there more than once, once, with how often. */
const counted = (texts: string[]) =>
  [...Map.groupBy(texts, (text) => text)].map(([text, { length }]) => `${length} × ${text}`)

async function podsOf(part: Part): Promise<Pod[]> {
  const labelSelector = Object.entries(selectorOf(part)).map((pair) => pair.join('='))
  const { items } = await client.list<Pod>(POD, { namespace: NAMESPACE, labelSelector: labelSelector.join(',') })
  return items.filter(({ metadata }) => !metadata.deletionTimestamp)
}
type Container = { name: string; containerID: string; restartCount: number; ready: boolean }
type Pod = KubeObject & { status: { podIP: string; containerStatuses: Container[] } }

const containerOf = ({ metadata, status }: Pod, name: string): Container => {
  const found = status.containerStatuses.find((container) => container.name === name)
  if (!found) throw new Error(`pod ${metadata.name} has no container ${name}`)
  return found
}

/** When the certificate ends that a process of a webhook serves, by its own word. */
async function expiryServedBy({ status }: Pod, process: number): Promise<number> {
  const metrics = await (await fetch(`http://${status.podIP}:${HEALTH_PORT + process}/metrics`)).text()
  return Number(/^agentjob_certificate_expiration_timestamp_seconds (\S+)/m.exec(metrics)?.[1])
}

/** Waits until every webhook has served so many certificates after its present one. */
async function renewed(times: number): Promise<void> {
  const pods = await podsOf('webhook')
  const processes = Array.from({ length: PROCESSES }, (_, process) => process)
  await Promise.all(pods.flatMap((pod) => processes.map((process) => renewedIn(pod, process, times))))
}

async function renewedIn(pod: Pod, process: number, times: number): Promise<void> {
  let last = await expiryServedBy(pod, process)
  for (let seen = 0; seen < times; seen++) {
    const deadline = Date.now() + RENEWAL_MS
    for (let looks = 1; ; looks++) {
      const now = await expiryServedBy(pod, process)
      if (now !== last) {
        last = now
        break
      }
      if (Date.now() > deadline)
        throw new Error(`${pod.metadata.name} has served the same certificate for ${RENEWAL_MS} ms`)
      // a kubelet looks at the Secrets of a pod when the pod changes; else once a minute
      if (looks % 10 === 0) await system('annotate', 'pod', pod.metadata.name as string, '--overwrite', `look=${looks}`)
      await sleep(500)
    }
  }
}

const rolledOut = (part: Part) => system('rollout', 'status', `deployment/${nameOf(part)}`, '--timeout=120s')

const LEASE_KEY = { namespace: NAMESPACE, name: LEASE }
const holder = async () =>
  (await client.get<KubeObject & { spec: LeaseSpec }>(LEASES, LEASE_KEY))?.spec.holderIdentity as string

/** Ends the process of a pod's container as a crash would: it gives nothing back, and says nothing to anybody. */
function kill(pod: Pod, container: string): number {
  const pid = processOf(containerOf(pod, container).containerID)
  if (pid === undefined) throw new Error(`no process of pod ${pod.metadata.name} is on this host`)
  process.kill(pid, 'SIGKILL')
  return pid
}

/** Waits until a container of a pod runs again and is ready. */
async function isUpAgain(before: Pod, container: string): Promise<void> {
  const { restartCount } = containerOf(before, container)
  for (;;) {
    const pod = (await podsOf('webhook')).find(({ metadata: { uid } }) => uid === before.metadata.uid)
    const now = pod && containerOf(pod, container)
    if (now?.ready && now.restartCount > restartCount) return
    await sleep(200)
  }
}

describe.skipIf(!cluster)(`under ${PER_SECOND} creates a second no request fails`, () => {
  // where this fails, the machine is too slow for the others to mean anything
  test('while nothing else happens', async () => {
    expect(counted(await underLoad(() => sleep(3000)))).toEqual([])
  }, 60_000)

  test(
    `while the webhook renews a certificate of its own ${RENEWALS} times`,
    async () => {
      expect(counted(await underLoad(() => renewed(RENEWALS)))).toEqual([])
    },
    RENEWALS * RENEWAL_MS + 60_000,
  )

  test('while all pods are replaced', async () => {
    const failed = await underLoad(async () => {
      await system('rollout', 'restart', 'deployment')
      await Promise.all((['webhook', 'controller'] as const).map(rolledOut))
    })
    expect(counted(failed)).toEqual([])
  }, 300_000)

  test('while the chart is upgraded', async () => {
    const failed = await underLoad(() =>
      cluster.install(values({ mode: 'self-signed' }, { podAnnotations: { version: '2' } })),
    )
    expect(counted(failed)).toEqual([])
  }, 400_000)

  test(
    `while cert-manager renews the certificate ${RENEWALS} times`,
    async () => {
      await cluster.install(values(CERT_MANAGER))
      expect(counted(await underLoad(() => renewed(RENEWALS)))).toEqual([])
    },
    RENEWALS * RENEWAL_MS + 400_000,
  )

  test('while the leader is killed, whose place is taken within the duration of its lease and two seconds', async () => {
    let tookMs = Number.NaN
    const failed = await underLoad(async () => {
      const before = await holder()
      const leads = (await podsOf('controller')).find(({ metadata }) => before.startsWith(`${metadata.name}_`))
      const killed = performance.now()
      kill(leads as Pod, 'controller')
      while ((await holder()) === before) await sleep(20)
      tookMs = performance.now() - killed
      progress(`taken over after ${Math.round(tookMs)} ms`)
    })
    expect(counted(failed)).toEqual([])
    expect(tookMs).toBeLessThan((LEASE_SECONDS + 2) * 1000)
  }, 120_000)
})

describe.skipIf(!cluster)('under load', () => {
  /**
   * What it costs that processes of one pod are killed at once, until they are up again, and how many requests were under
   * way until they had ended: their sockets are open until then, which takes a busy machine some time.
   */
  async function costOf(containersOf: (pod: Pod) => string[]) {
    let underWay = 0
    const failed = await underLoad(async (load) => {
      const [pod] = (await podsOf('webhook')) as [Pod]
      const containers = containersOf(pod)
      const before = load.underWay() - load.sent()
      const pids = containers.map((container) => kill(pod, container))
      const killed = performance.now()
      while (pids.some(isRunning)) await sleep(1)
      underWay = before + load.sent()
      progress(`${underWay} requests were under way until the end, ${Math.round(performance.now() - killed)} ms later`)
      await Promise.all(containers.map((container) => isUpAgain(pod, container)))
    })
    progress(counted(failed).join('; '))
    return { failed, underWay }
  }

  test.each(PROCESS_NAMES)(
    'the process of %s is killed: what it had in hand fails, and nothing that comes after',
    async (name) => {
      const { failed, underWay } = await costOf(() => [name])
      // what it had in hand ends with EOF or a reset
      expect(failed.filter((message) => /connection refused|no endpoints/.test(message))).toEqual([])
      expect(failed.length).toBeLessThanOrEqual(underWay)
    },
    180_000,
  )

  test('a pod of the webhook is deleted by force: nothing fails', async () => {
    const failed = await underLoad(async () => {
      const [pod] = (await podsOf('webhook')) as [Pod]
      await system('delete', 'pod', pod.metadata.name as string, '--force', '--grace-period=0')
      await rolledOut('webhook')
    })
    expect(counted(failed)).toEqual([])
  }, 180_000)

  // its address is asked until Kubernetes has noticed, a second later: what is new meanwhile may meet nobody
  test('all processes of a pod are killed at once: what was under way fails, and no more than those of a second', async () => {
    const { failed, underWay } = await costOf(({ status }) => status.containerStatuses.map(({ name }) => name))
    expect(failed.length).toBeLessThanOrEqual(underWay + PER_SECOND)
  }, 180_000)

  test('each AgentJob that was created is there, and has its Job or CronJob, once', async () => {
    type Stored = KubeObject & { spec: { schedule?: string } }
    const inAgents = { namespace: 'agents' }
    const agentJobs = (await client.list<Stored>(AGENT_JOB, inAgents)).items
    const names = agentJobs.map(({ metadata }) => metadata.name as string)
    expect(created.filter((name) => !names.includes(name))).toEqual([])
    expect(created.length).toBeGreaterThan((PER_SECOND / STORE_OF) * 10)
    for (const [type, isOfIt] of [
      [CRON_JOB, ({ spec }: Stored) => spec.schedule !== undefined],
      [JOB, ({ spec }: Stored) => spec.schedule === undefined],
    ] as const) {
      const wanted = agentJobs.filter(isOfIt).map(({ metadata }) => metadata.uid)
      let owners: (string | undefined)[] = []
      for (let tries = 0; tries < 60 && owners.length < wanted.length; tries++) {
        if (tries) await sleep(1000)
        owners = (await client.list<KubeObject>(type, inAgents)).items.map((child) => controllerOf(child)?.uid)
      }
      expect(owners.sort()).toEqual(wanted.sort())
    }
  }, 180_000)
})
