import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { INSTALLED_TYPES } from '../../src/install/types.ts'
import { SIGNING_SECRET } from '../../src/signing/key.ts'
import { type CertManager, startCertManager } from '../certmanager/certmanager.ts'
import { NAMESPACE, RELEASE } from './chart.ts'
import { type ReleaseCluster, releaseCluster } from './release.ts'

/*
 * The chart as people install it: by helm, with the operator's own image, in pods behind a Service, in namespaces that
 * enforce Pod Security "restricted"; with certificates of its own, and with a real cert-manager.
 */

const ROOT = join(import.meta.dirname, '..', '..')
const progress = (line: string) => console.error(`  ${line}`)
const cluster = (await releaseCluster('test-release')) as ReleaseCluster
let certManager: CertManager | undefined

beforeAll(async () => {
  if (cluster) certManager = await startCertManager(cluster.handle, progress)
}, 600_000)
afterAll(async () => {
  await certManager?.stop()
  await cluster?.down()
}, 60_000)

const json = async (...args: string[]) => JSON.parse(await cluster.kubectl([...args, '-o', 'json']))
interface PodStatus {
  containerStatuses: { ready: boolean; restartCount: number }[]
}

const podsOf = async (): Promise<{ metadata: { uid: string }; status: PodStatus }[]> =>
  (await json('get', 'pods', '-n', NAMESPACE, '-l', 'app.kubernetes.io/name=agentjob')).items
const succeeded = (name: string) =>
  cluster.kubectl(['wait', `aj/${name}`, '-n', 'agents', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s'])
const hello = async (name: string) =>
  cluster.kubectl(
    ['apply', '-n', 'agents', '-f', '-'],
    (await Bun.file(join(ROOT, 'examples', 'hello.yaml')).text()).replace('name: hello', `name: ${name}`),
  )

/** What is there of an installation, as `kind/name`. */
async function left(): Promise<string[]> {
  const served = (await cluster.kubectl(['api-resources', '--no-headers', '-o', 'name'])).split('\n')
  const types = INSTALLED_TYPES.map(({ plural, group }) => (group ? `${plural}.${group}` : plural))
  const asked = [...types.filter((type) => served.includes(type)), 'secrets', 'leases.coordination.k8s.io']
  const { items } = await json('get', asked.join(','), '-A', '-l', 'app.kubernetes.io/part-of=agentjob')
  return (items as { kind: string; metadata: { name: string } }[]).map(
    ({ kind, metadata }) => `${kind}/${metadata.name}`,
  )
}

describe.skipIf(!cluster).each(['self-signed', 'cert-manager'])('a release whose certificate is %s', (mode) => {
  const values = { certificates: { mode } }

  test('answers when helm says that it is installed', async () => {
    await cluster.install(values)
    const said = await cluster.kubectl(['apply', '--dry-run=server', '-f', join(ROOT, 'examples')])
    expect(said).toContain('agentjob.agentjob.io/hello created (server dry run)')
  }, 400_000)

  test('has four pods that are ready, and have never been started again', async () => {
    const pods = await podsOf()
    expect(pods).toHaveLength(4)
    const containers = pods.flatMap(
      ({ status }) => status.containerStatuses as { ready: boolean; restartCount: number }[],
    )
    expect(containers).toHaveLength(6)
    for (const container of containers) expect(container).toMatchObject({ ready: true, restartCount: 0 })
  })

  test('passes helm test', async () => {
    expect(await cluster.helm('test', RELEASE)).toMatch(/Phase: +Succeeded/)
  }, 120_000)

  test('runs an AgentJob', async () => {
    await hello(mode)
    await succeeded(mode)
    expect((await json('get', 'aj', mode, '-n', 'agents')).status.result).toBe('Hello from a pod of my own.')
  }, 90_000)

  test('has its CA where the API server looks for it', async () => {
    const { webhooks } = await json('get', 'mutatingwebhookconfiguration', 'agentjob')
    const secret = mode === 'self-signed' ? 'agentjob-webhook-certificate' : 'agentjob-webhook-tls'
    const { data } = await json('get', 'secret', secret, '-n', NAMESPACE)
    expect(webhooks[0].clientConfig.caBundle).toBe(data['ca.crt'] ?? data.ca)
  })

  test('is upgraded to the same without a change, and to another level of its log without a restart', async () => {
    const before = await podsOf()
    const generations = async () =>
      (
        await json(
          'get',
          'deployments,crds,mutatingwebhookconfigurations',
          '-A',
          '-l',
          'app.kubernetes.io/part-of=agentjob',
        )
      ).items.map(({ metadata }: { metadata: { name: string; generation: number } }) => [
        metadata.name,
        metadata.generation,
      ])
    const unchanged = await generations()
    await cluster.install(values)
    expect(await generations()).toEqual(unchanged)
    await cluster.install({ ...values, logLevel: 'debug' })
    expect((await podsOf()).map(({ metadata }) => metadata.uid).sort()).toEqual(
      before.map(({ metadata }) => metadata.uid).sort(),
    )
  }, 400_000)

  test('leaves its CRDs and its keys when it is uninstalled, and what AgentJobs own', async () => {
    await cluster.helm('uninstall', RELEASE, '--wait')
    const { items } = await json('get', 'crds', '-l', 'app.kubernetes.io/part-of=agentjob')
    expect(items.length).toBeGreaterThan(8)
    const others = (await left()).filter((name) => !name.startsWith('CustomResourceDefinition/'))
    expect(others.filter((name) => !name.startsWith('Secret/') && !name.startsWith('Lease/'))).toEqual([])
    expect(others).toContain(`Secret/${SIGNING_SECRET}`)
    expect((await json('get', 'jobs', '-n', 'agents', '-l', 'agentjob.io/agentjob')).items.length).toBeGreaterThan(0)
  }, 200_000)

  test('is installed a second time, and runs nothing again', async () => {
    const jobs = async () =>
      (await json('get', 'jobs', '-n', 'agents')).items.map(
        ({ metadata }: { metadata: { uid: string } }) => metadata.uid,
      )
    const before = await jobs()
    await cluster.install(values)
    await hello(`${mode}-again`)
    await succeeded(`${mode}-again`)
    await cluster.kubectl(['delete', 'aj', `${mode}-again`, '-n', 'agents', '--cascade=foreground'])
    expect((await jobs()).sort()).toEqual(before.sort())
    await cluster.helm('uninstall', RELEASE, '--wait')
  }, 600_000)
})
