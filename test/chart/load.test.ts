import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '../../src/kube/client.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { type CertManager, startCertManager } from '../certmanager/certmanager.ts'
import { NAMESPACE } from './chart.ts'
import { type FailedPost, startPosts } from './posts.ts'
import { type ReleaseCluster, releaseCluster } from './release.ts'

/*
 * Admission is asked for 100 AgentJobs each second, and meanwhile happens what happens to an operator: certificates are renewed, its
 * pods are replaced, it is upgraded, and pods of its are killed. They are schedules, whose CronJobs start no pods:
 * no machine of a test has room for a hundred of those a second.
 */

const PER_SECOND = Number(process.env.AGENTJOB_TEST_CREATES ?? 100)
/** One in so many is stored and has a Job; a hundred of those a second are more than two cores can do. */
const STORE_OF = Number(process.env.AGENTJOB_TEST_STORE_OF ?? 4)
const RENEWALS = Number(process.env.AGENTJOB_TEST_RENEWALS ?? 2)
const LEASE_SECONDS = 15

const cluster = (await releaseCluster('test-load')) as ReleaseCluster
const client = cluster && createClient(createTransport(loadConnection({ kubeconfig: cluster.handle.kubeconfig })))
let certManager: CertManager | undefined

const body = (name: string): KubeObject => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentJob',
  metadata: { name, namespace: 'agents' },
  spec: { runtimeRef: 'echo', prompt: 'echo: result done', schedule: '@yearly' },
})

/** Certificates are valid for as short as each mode allows. The API server on the same machine leaves pods little CPU. */
const values = (certificates: object, more: object = {}) => ({
  certificates,
  webhook: { resources: { requests: { cpu: '300m' } }, ...more },
  controller: { resources: { requests: { cpu: '200m' } } },
})

const json = async (...args: string[]) => JSON.parse(await cluster.kubectl([...args, '-o', 'json']))
const progress = (line: string) => console.error(`  ${line}`)

beforeAll(async () => {
  if (!cluster) return
  certManager = await startCertManager(cluster.handle, progress)
  await cluster.install(values({ mode: 'self-signed', selfSigned: { duration: '30s' } }))
  await cluster.kubectl(['apply', '-n', 'agents', '-f', '-'], JSON.stringify(runtime))
}, 600_000)
afterAll(async () => {
  client?.transport.close()
  await certManager?.stop()
  await cluster?.down()
}, 60_000)

const runtime = {
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentRuntime',
  metadata: { name: 'echo' },
  spec: { image: 'ghcr.io/agentjob/echo:dev' },
}

/** Does something while AgentJobs are created; gives those that were not. */
async function underLoad(work: () => Promise<unknown>): Promise<{ failed: FailedPost[]; most: number }> {
  const load = startPosts(client, {
    perSecond: PER_SECOND,
    storeOf: STORE_OF,
    body: (name) => body(`${name}-${Date.now()}`),
  })
  try {
    await sleep(1000)
    await work()
    await sleep(1000)
  } finally {
    await load.stop()
  }
  const { created, answered, failed, most } = load.posts
  const words = [...new Set(failed.map(({ message }) => message))].join('; ')
  progress(
    `${answered} answered, ${created.length} of them stored, ${failed.length} failed, at most ${most} at a time ${words}`,
  )
  return { failed, most }
}

/** Waits until the certificate that is served has been renewed so often. */
async function renewed(secret: string, times: number): Promise<void> {
  const serial = async () => (await json('get', 'secret', secret, '-n', NAMESPACE)).data['tls.crt']
  let last = await serial()
  for (let seen = 0; seen < times; ) {
    await sleep(500)
    const now = await serial()
    if (now !== last) seen++
    last = now
  }
}

const rolledOut = (part: string) =>
  cluster.kubectl(['rollout', 'status', '-n', NAMESPACE, `deployment/agentjob-${part}`, '--timeout=120s'])
const podsOf = async (part: string): Promise<string[]> =>
  (await json('get', 'pods', '-n', NAMESPACE, '-l', `app.kubernetes.io/component=${part}`)).items.map(
    ({ metadata }: KubeObject) => metadata.name,
  )
const leader = async (): Promise<string> =>
  (await json('get', 'lease', 'agentjob-controller', '-n', NAMESPACE)).spec.holderIdentity.split('_')[0]
const kill = (pod: string) =>
  cluster.kubectl(['delete', 'pod', pod, '-n', NAMESPACE, '--grace-period=0', '--force', '--wait=false'])

describe.skipIf(!cluster)(`under ${PER_SECOND} creates a second no request fails`, () => {
  test(
    `while a certificate of the webhook's own is renewed ${RENEWALS} times`,
    async () => {
      const { failed } = await underLoad(() => renewed('agentjob-webhook-certificate', RENEWALS))
      expect(failed).toEqual([])
    },
    60_000 + RENEWALS * 60_000,
  )

  test('while all pods are replaced', async () => {
    const { failed } = await underLoad(async () => {
      await cluster.kubectl(['rollout', 'restart', 'deployment', '-n', NAMESPACE])
      await Promise.all(['webhook', 'controller'].map(rolledOut))
    })
    expect(failed).toEqual([])
  }, 300_000)

  test('while the chart is upgraded, and the certificate comes from elsewhere', async () => {
    const certManager = { duration: '1h', renewBefore: '59m45s' }
    const { failed } = await underLoad(() =>
      cluster.install(values({ mode: 'self-signed' }, { podAnnotations: { version: '2' } })),
    )
    expect(failed).toEqual([])
    await cluster.install(values({ mode: 'cert-manager', certManager }))
  }, 600_000)

  test(
    `while cert-manager renews its certificate ${RENEWALS} times`,
    async () => {
      const { failed } = await underLoad(() => renewed('agentjob-webhook-tls', RENEWALS))
      expect(failed).toEqual([])
    },
    60_000 + RENEWALS * 60_000,
  )

  test('while the leader is killed; another takes over', async () => {
    const { failed } = await underLoad(async () => {
      const before = await leader()
      const killed = Date.now()
      await kill(before)
      while ((await leader()) === before) await sleep(100)
      const seconds = (Date.now() - killed) / 1000
      progress(`another leads after ${seconds.toFixed(1)}s`)
      expect(seconds).toBeLessThan(LEASE_SECONDS + 2)
    })
    expect(failed).toEqual([])
  }, 120_000)
})

describe.skipIf(!cluster)('under load', () => {
  test('the kill of a webhook costs the requests at most that it had', async () => {
    let killed = 0
    const { failed } = await underLoad(async () => {
      killed = Date.now()
      await kill((await podsOf('webhook'))[0] as string)
      await rolledOut('webhook')
    })
    // a request that was sent after it was dead went to another
    expect(failed.filter(({ from }) => from > killed + 1000)).toEqual([])
  }, 120_000)

  test('each AgentJob that was created has its Job, once', async () => {
    const names = async (type: string) =>
      (await json('get', type, '-n', 'agents')).items.map(
        ({ metadata }: KubeObject) => metadata,
      ) as KubeObject['metadata'][]
    const agentJobs = await names('agentjobs')
    expect(agentJobs.length).toBeGreaterThan((PER_SECOND / STORE_OF) * 10)
    let jobs: KubeObject['metadata'][] = []
    for (let tries = 0; tries < 60 && jobs.length < agentJobs.length; tries++) {
      if (tries) await sleep(1000)
      jobs = await names('cronjobs')
    }
    const owners = jobs.map(({ ownerReferences }) => ownerReferences?.[0]?.uid).sort()
    expect(owners).toEqual(agentJobs.map(({ uid }) => uid).sort())
  }, 120_000)
})
