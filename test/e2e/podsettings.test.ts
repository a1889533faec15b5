import { afterAll, beforeAll, expect, test } from 'bun:test'
import { issueCa, issueLeaf } from '../../certs/issue.ts'
import { loadImage } from '../cluster/cluster.ts'
import { SETTINGS } from '../operator/operator.ts'
import { fetchImage } from './fetching/image.ts'
import { startFetchServer } from './fetching/server.ts'
import { startOperatorAgain, stopOperator } from './operators.ts'
import {
  agentJob,
  apply,
  aWhile,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  list,
  newNamespace,
  theWorld,
  told,
  untilPhase,
} from './world.ts'

// What the settings give to every pod, seen by a real one: it trusts a server whose CA nobody else knows.

const { cluster } = await theWorld()
const image = cluster.pods ? await fetchImage() : undefined
if (image) await loadImage(cluster, image)

const DAY_MS = 86_400_000
const period = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + DAY_MS) }
const authority = await issueCa(period)
const certificate = await issueLeaf(authority, { dnsNames: [], ipAddresses: [cluster.hostAddress] }, period)
const FILE = '{"openapi": "3.1.0"}'
const server = image ? await startFetchServer(cluster.hostAddress, FILE, certificate) : undefined
afterAll(() => server?.stop())

const PODS = {
  resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
  caBundle: { configMap: 'corp-ca' },
  // nobody is there
  proxy: { https: 'http://127.0.0.1:9', noProxy: [cluster.hostAddress, '.svc'] },
}
const bundle = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'corp-ca' },
  data: { 'ca.crt': authority.cert },
}
const prompt = (lines: string[]) => lines.map((line) => `echo: ${line}`).join('\n')

let before = ''
beforeAll(async () => {
  before = await newNamespace()
  await apply(before, [
    echoRuntime(),
    agentJob('yearly', { schedule: '0 0 1 1 *' }),
    ...(cluster.pods ? [agentJob('done')] : []),
  ])
  await eventually(
    'the CronJob',
    () => list(before, 'cronjobs'),
    ({ length }) => length === 1,
  )
  if (cluster.pods) await untilPhase(before, 'done', 'Succeeded')
  await stopOperator()
  await startOperatorAgain({ settings: { ...SETTINGS, pods: PODS } })
}, 120_000)
afterAll(async () => {
  await stopOperator()
  await startOperatorAgain()
}, 60_000)

test('a schedule of before follows by itself, and nothing runs again', async () => {
  const [cronJob] = await eventually(
    'the template with the proxy',
    () => list(before, 'cronjobs'),
    ([one]) => JSON.stringify(one).includes('HTTPS_PROXY'),
  )
  expect(JSON.stringify(cronJob)).toContain('"limits":{"memory":"64Mi"}')
  if (!cluster.pods) return
  await eventually(
    'the expansion of one that has run',
    () => getAgentJob(before, 'done'),
    ({ expansion }) => JSON.stringify(expansion).includes('HTTPS_PROXY'),
  )
  await aWhile()
  const { status } = await getAgentJob(before, 'done')
  expect([status?.phase, await jobNames(before)]).toEqual(['Succeeded', [status?.jobName as string]])
}, 90_000)

test.skipIf(!server)(
  'a pod waits for its CA bundle, which its status says, and trusts whom that names',
  async () => {
    const namespace = await newNamespace()
    await apply(namespace, [
      echoRuntime(),
      agentJob('informed', {
        prompt: prompt([
          ...['env HTTPS_PROXY', 'env https_proxy', 'env NO_PROXY', 'env SSL_CERT_FILE'],
          ...['stat /opt/agentjob/ca/ca.crt', 'write /opt/agentjob/ca/new x'],
          ...['read /etc/openapi.json', 'read /docs/guides/a.md'],
          ...[`get ${server?.url}/file`, 'get https://models.example/'],
        ]),
        contexts: [
          { type: 'Url', url: { url: `${server?.url}/file` }, mountPath: '/etc/openapi.json' },
          { type: 'Git', git: { repository: `${server?.url}/docs.git` }, mountPath: '/docs' },
        ],
      }),
    ])
    const { status } = await eventually(
      'what it waits for',
      () => getAgentJob(namespace, 'informed'),
      ({ status }) => status?.reason === 'FailedMount',
    )
    expect(status?.message).toBe(
      `configmap "corp-ca" not found; have ConfigMap corp-ca put into namespace ${namespace}, with the CAs to trust under the key ca.crt, and the pod goes on by itself; pods.caBundle of the operator's settings has every pod mount it`,
    )
    await apply(namespace, bundle)
    await untilPhase(namespace, 'informed', 'Succeeded', 150_000)
    const log = await told(namespace, 'informed')
    for (const line of [
      'env HTTPS_PROXY=http://127.0.0.1:9\nenv https_proxy=http://127.0.0.1:9',
      `env NO_PROXY=${cluster.hostAddress},.svc`,
      'env SSL_CERT_FILE=/opt/agentjob/ca/ca.crt',
      'stat /opt/agentjob/ca/ca.crt: 0644',
      'write /opt/agentjob/ca/new: open /opt/agentjob/ca/new: read-only file system',
      `read /etc/openapi.json: ok\n${FILE}`,
      'read /docs/guides/a.md: ok\nChapter A',
      `200 OK\n${FILE}`,
      'proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused',
    ])
      expect(log).toContain(line)
    const [pod] = await list<{ spec: { containers: { resources: object }[] } } & Awaited<ReturnType<typeof list>>[0]>(
      namespace,
      'pods',
    )
    expect(pod?.spec.containers[0]?.resources).toEqual(PODS.resources)
  },
  240_000,
)

test.skipIf(!server)(
  'without a bundle that knows the CA nothing is fetched',
  async () => {
    const namespace = await newNamespace()
    const stranger = await issueCa(period)
    await apply(namespace, [
      { ...bundle, data: { 'ca.crt': stranger.cert } },
      echoRuntime(),
      agentJob('wary', {
        contexts: [{ type: 'Url', url: { url: `${server?.url}/file` }, mountPath: '/etc/openapi.json' }],
      }),
    ])
    const { status } = await untilPhase(namespace, 'wary', 'Failed')
    expect(status).toMatchObject({ reason: 'ContextFailed', message: expect.stringMatching(/SSL certificate/) })
  },
  120_000,
)

test('a schedule whose contexts are fetched by another image from now on follows, too', async () => {
  const namespace = await newNamespace()
  const contexts = [{ type: 'Url', url: { url: 'https://docs.example/a.md' }, mountPath: '/docs/a.md' }]
  await apply(namespace, [echoRuntime(), agentJob('informed', { schedule: '0 0 1 1 *', contexts })])
  const untilFetchedBy = (wanted: string) =>
    eventually(
      `the template with ${wanted}`,
      () => list(namespace, 'cronjobs'),
      ([one]) => JSON.stringify(one ?? '').includes(`"image":"${wanted}"`),
    )
  await untilFetchedBy(SETTINGS.images.url)
  const url = 'registry.example.com/curl:1'
  await stopOperator()
  await startOperatorAgain({ settings: { ...SETTINGS, images: { ...SETTINGS.images, url } } })
  await untilFetchedBy(url)
  const generation = async () => (await getAgentJob(namespace, 'informed')).metadata.generation
  const settled = await generation()
  await aWhile()
  expect(await generation()).toBe(settled)
}, 90_000)
