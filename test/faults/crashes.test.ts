import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { AGENT_JOB, JOB, LEASE } from '../../src/controller/types.ts'
import { isAlreadyExists, isInvalid } from '../../src/kube/errors.ts'
import { LEASES } from '../../src/kube/leaserecord.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { kill, up } from '../cluster/cluster.ts'
import { NAMESPACE } from '../operator/install.ts'
import { checkWhatRan } from './invariants/runs.ts'
import { atRest } from './rest.ts'
import { RUNTIME } from './schedule/lives.ts'
import { settle } from './tenant.ts'
import { createWorld, LEASE_SECONDS, type World } from './world.ts'

const CREATES = 500
const CLIENTS = 20
let world: World

const LEASE_KEY = { namespace: NAMESPACE, name: LEASE }

const leader = () => world.replicas.find((replica) => replica.operator()?.pid === world.leaderPid())!

const crashes: { what: string; happen: () => Promise<void> }[] = [
  { what: 'the leader is killed', happen: () => leader().suffer({ kind: 'kill' }) },
  { what: 'the leader is told to end', happen: () => leader().suffer({ kind: 'restart' }) },
  { what: 'the API server is killed', happen: () => crash('kube-apiserver') },
  { what: 'etcd is killed', happen: () => crash('etcd') },
]

async function crash(component: string): Promise<void> {
  await kill(world.cluster, component)
  await up({ name: world.cluster.name, pods: false, progress: () => {} })
}

// nobody else's API server is killed
describe.skipIf(process.env.AGENTJOB_TEST_KUBECONFIG !== undefined)('crashes', () => {
  beforeAll(async () => {
    world = await createWorld({ name: 'test-faults', progress: (line) => console.error(`  ${line}`) })
  }, 120_000)
  afterAll(() => world.close(), 60_000)

  test.each(crashes)(
    `$what in the middle of ${CREATES} creates: nothing is lost, nothing is there twice`,
    async ({ what, happen }) => {
      const namespace = what.toLowerCase().replaceAll(' ', '-')
      await settle(world.client, namespace)
      await createAll(namespace, happen)
      await expectOneJobEach(namespace)
    },
    180_000,
  )

  test('a leader that is killed is replaced within the duration of its lease and two seconds', async () => {
    const holder = async () =>
      (await world.client.get<KubeObject & { spec: { holderIdentity?: string } }>(LEASES, LEASE_KEY))?.spec
        .holderIdentity
    const before = await holder()
    const started = performance.now()
    const restarted = leader().suffer({ kind: 'kill' })
    while ((await holder()) === before) await Bun.sleep(20)
    const tookMs = performance.now() - started
    console.error(`  taken over after ${Math.round(tookMs)} ms`)
    expect(tookMs).toBeLessThan((LEASE_SECONDS + 2) * 1000)
    await restarted
  }, 60_000)
})

/** Creates AgentJobs from many clients, each until the API server has taken it; `half` is called when half of them are there. */
async function createAll(namespace: string, half: () => Promise<void>): Promise<void> {
  let created = 0
  let crash: Promise<void> | undefined
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let n = client; n < CREATES; n += CLIENTS) {
      await persistently(namespace, `job-${n}`)
      if (++created === CREATES / 2) crash = half()
    }
  })
  await Promise.all(clients)
  await crash
}

async function persistently(namespace: string, name: string): Promise<void> {
  // pods that no scheduler looks at: it is the Jobs that count here
  const podTemplate = { spec: { schedulerName: 'nobody' } }
  const spec = { runtimeRef: RUNTIME, prompt: 'none', podTemplate }
  const job = { apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentJob', metadata: { namespace, name }, spec }
  for (;;) {
    try {
      await world.client.create<KubeObject>(AGENT_JOB, job)
      return
    } catch (error) {
      if (isAlreadyExists(error)) return
      if (isInvalid(error)) throw error
      await Bun.sleep(50)
    }
  }
}

/** Waits for a Job of each; then nothing may be there twice, neither now nor at any time. */
async function expectOneJobEach(namespace: string): Promise<void> {
  const owners = async () =>
    (await world.client.list<KubeObject>(JOB, { namespace })).items.map(
      ({ metadata }) => metadata.ownerReferences?.[0]?.name as string,
    )
  const deadline = performance.now() + 60_000
  while (new Set(await owners()).size < CREATES && performance.now() < deadline) await Bun.sleep(100)
  expect(await atRest(world, 30_000)).toEqual([])
  expect((await owners()).sort()).toEqual(Array.from({ length: CREATES }, (_, n) => `job-${n}`).sort())
  const created = world.created.filter(({ metadata }) => metadata.namespace === namespace)
  expect(checkWhatRan({ history: world.mirror.history(namespace), created })).toEqual([])
}
