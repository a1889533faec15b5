import { afterAll, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../kube/object.ts'
import { run } from './testing/run.ts'

const folder = await mkdtemp(join(tmpdir(), 'agentjob-install-'))
afterAll(() => rm(folder, { recursive: true }))
const file = async (name: string, text: string) => {
  await writeFile(join(folder, name), text)
  return name
}
const objectsOf = (yaml: string) => parseAllDocuments(yaml).map((document) => document.toJS() as KubeObject)
const install = (...args: string[]) => run(['install', '--print', ...args], { cwd: folder })

test('--print says where it has guessed, beside the objects', async () => {
  const { stdout, stderr } = await install('--set', 'egress.enabled=true')
  expect(stderr).toBe(
    'egress.hosts is auto, and no cluster was asked: this is for Ports; with Cilium, say --set egress.hosts=Cilium\n',
  )
  expect(objectsOf(stdout).length).toBeGreaterThan(10)
})

test('what has no effect is warned of, beside the objects', async () => {
  const { stdout, stderr, exitCode } = await install('--set', 'egress.ceiling.enabled=true')
  const warning = 'warning: egress.ceiling has no effect while egress.enabled is not set\n'
  expect({ stderr, exitCode }).toEqual({ stderr: warning, exitCode: 0 })
  expect(objectsOf(stdout).length).toBeGreaterThan(10)
})

test('--print shows everything, what is needed first, and wants no cluster', async () => {
  const { stdout, stderr, exitCode } = await install()
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  const kinds = objectsOf(stdout).map(({ kind }) => kind)
  expect([...new Set(kinds)]).toEqual([
    'Namespace',
    'CustomResourceDefinition',
    'ServiceAccount',
    'ClusterRole',
    'ClusterRoleBinding',
    'Role',
    'RoleBinding',
    'ConfigMap',
    'Service',
    'Deployment',
    'PodDisruptionBudget',
    'NetworkPolicy',
    'MutatingWebhookConfiguration',
  ])
})

test('all of it lies in the namespace, or in none', async () => {
  const objects = objectsOf((await install('-n', 'ops')).stdout)
  expect([...new Set(objects.map(({ metadata }) => metadata.namespace))]).toEqual([undefined, 'ops'])
  expect(objects[0]).toMatchObject({ kind: 'Namespace', metadata: { name: 'ops' } })
})

test('values come from files, the last one counts most, and --set more than that', async () => {
  await file('a.yaml', 'image: {tag: a, pullPolicy: Never}\nwebhook: {replicas: 1}\n')
  await file('b.yaml', 'image: {tag: b}\nwebhook: {replicas: 5}\n')
  const { stdout } = await install(
    '-f',
    'a.yaml',
    '-f',
    'b.yaml',
    '--set',
    'webhook.replicas=3',
    '--set',
    'logLevel=debug',
  )
  const webhook = objectsOf(stdout).find(
    ({ kind, metadata }) => `${kind}/${metadata.name}` === 'Deployment/agentjob-webhook',
  )
  expect(webhook).toMatchObject({
    spec: {
      replicas: 3,
      template: {
        spec: {
          containers: Array(2).fill({ image: 'ghcr.io/agentjob/agentjob:b', imagePullPolicy: 'Never' }),
        },
      },
    },
  })
  const settings = objectsOf(stdout).find(({ metadata }) => metadata.name === 'agentjob-settings')
  expect(settings).toMatchObject({ data: { 'settings.json': expect.stringContaining('"logLevel": "debug"') } })
})

test('what is wrong with values is told all at once, with its place', async () => {
  await file('bad.yaml', 'webhook:\n  replica: 2\n  failurePolicy: fail\nimge: {}\n')
  const { stdout, stderr, exitCode } = await install('-f', 'bad.yaml', '--set', 'logLevel=loud')
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  const lines = stderr.split('\n')
  expect(lines.find((line) => line.includes('replica'))).toBe(
    'error: bad.yaml:2:3: webhook.replica: no such value; did you mean replicas?',
  )
  expect(lines.find((line) => line.includes('failurePolicy'))).toBe(
    'error: bad.yaml:3:3: webhook.failurePolicy: must be Fail or Ignore, not "fail"',
  )
  expect(lines.find((line) => line.includes('imge'))).toBe(
    'error: bad.yaml:4:1: imge: no such value; did you mean image?',
  )
  expect(lines.find((line) => line.includes('debug'))).toBe(
    'error: logLevel: must be debug, info, warn or error, not "loud"',
  )
})

const bad = [
  { args: ['--set', 'webhook'], want: 'PATH=VALUE is wanted, such as clusterAccess.enabled=true' },
  { args: ['--set', 'webhook.replicas={'], want: '--set webhook.replicas={: ' },
  { args: ['-f', 'nope.yaml'], want: 'nope.yaml' },
  {
    args: ['--set', 'certificates.mode=provided'],
    want: 'certificates.provided.secretName is needed where certificates.mode is provided',
  },
]
test.each(bad)('refused: $args', async ({ args, want }) => {
  const { stdout, stderr, exitCode } = await install(...args)
  expect(stderr).toContain(want)
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
})

const wrong = [
  { set: 'webhook.replicas=two', want: 'webhook.replicas: must be a whole number, not "two"' },
  { set: 'crds.keep="true"', want: 'crds.keep: must be true or false, not "true"; leave out the quotes' },
  { set: 'logLevel=loud', want: 'logLevel: must be debug, info, warn or error, not "loud"' },
  { set: 'webhook.env={a}', want: 'webhook.env[0]: must be a map, not "a"' },
  { set: 'webhook.tolerations=a', want: 'webhook.tolerations: must be a list of objects, not "a"; a list is written' },
  {
    set: 'networkPolicy.egress.apiServerPorts=443',
    want: 'networkPolicy.egress.apiServerPorts: must be a list of whole numbers, not 443',
  },
  {
    set: 'networkPolicy.apiServers={10.0.0.0/99}',
    want: 'networkPolicy.apiServers[0]: must be addresses in CIDR form',
  },
  {
    set: 'webhook.port=8080',
    want: 'webhook.port: must not be 8080 to 8083, where the pods answer probes and /metrics',
  },
  {
    set: 'certificates.selfSigned.duration=5s',
    want: 'certificates.selfSigned.duration: must be a duration such as 2160h, of 30s at least, not "5s"',
  },
  {
    set: 'settings.libraryNamespace=Foo_Bar',
    want: 'settings.libraryNamespace: must be the name of a namespace: lower case letters, digits and "-", not "Foo_Bar"',
  },
  {
    set: 'settings.pods.resources.requests.memory=2 GB',
    want: 'settings.pods.resources.requests.memory: must be a quantity such as 500m or 1Gi, not "2 GB"; did you mean 2Gi?',
  },
  {
    set: 'webhook.resources.requests.memmory=1Gi',
    want: 'webhook.resources.requests.memmory: is no valid key: it must be the name of a resource such as cpu or nvidia.com/gpu, not "memmory"; did you mean memory?',
  },
  {
    set: 'controller.resources.limits.memory=100Mi',
    want: 'controller.resources.requests.memory: is 192Mi, more than its limit of 100Mi',
  },
  {
    set: 'settings.pods.proxy.https=http://me:secret@proxy.example.com',
    want: 'settings.pods.proxy.https: must have no user and password in it, because everybody who may read a pod would read them;',
  },
  { set: 'settings.logLevel=debug', want: 'settings.logLevel: no such value; did you mean logLevel?' },
  {
    set: 'settings.clusterAccess=true',
    want: 'settings.clusterAccess: no such value; did you mean clusterAccess.enabled?',
  },
  { set: 'settings.egress=true', want: 'settings.egress: no such value; did you mean egress.enabled?' },
  {
    set: 'egress.private={10.0.0.1/8}',
    want: 'egress.private[0]: has bits behind its prefix; write 10.0.0.0/8',
  },
  {
    set: 'settings.quux=true',
    want: 'settings.quux: no such value; there are libraryNamespace, missingReferences, images, pods, notify',
  },
]
test('what is wrong is said with what would be right', async () => {
  const found = await Promise.all(wrong.map(async ({ set }) => (await install('--set', set)).stderr))
  expect(found).toEqual(wrong.map(({ want }) => expect.stringContaining(`error: ${want}`)))
}, 60_000)

test('--set takes text for text, and lists as helm has them', async () => {
  const { stdout, stderr } = await install(
    ...['image.tag=1.10', 'webhook.priorityClassName=123', 'webhook.nodeSelector.spot=true'].flatMap(set),
    ...['networkPolicy.apiServers={10.0.0.0/8,2001:db8::/64}', 'networkPolicy.egress.enabled=true'].flatMap(set),
    ...['networkPolicy.egress.apiServerPorts={6443}', 'webhook.resources.limits=null'].flatMap(set),
  )
  expect(stderr).toBe('')
  const objects = objectsOf(stdout)
  const find = (kind: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === 'agentjob-webhook')
  expect(find('Deployment')).toMatchObject({
    spec: {
      template: {
        spec: {
          priorityClassName: '123',
          nodeSelector: { spot: 'true' },
          containers: Array(2).fill({
            image: 'ghcr.io/agentjob/agentjob:1.10',
            resources: { requests: { cpu: '50m' } },
          }),
        },
      },
    },
  })
  const from = [{ ipBlock: { cidr: '10.0.0.0/8' } }, { ipBlock: { cidr: '2001:db8::/64' } }]
  expect(find('NetworkPolicy')?.spec).toMatchObject({
    ingress: [{ from }, {}],
    egress: [{}, { ports: [{ port: 6443 }] }],
  })
}, 60_000)
const set = (text: string) => ['--set', text]

test('a directory without values is told of, and no option that there is none of', async () => {
  await mkdir(join(folder, 'empty'))
  const { stderr, exitCode } = await install('-f', 'empty')
  expect({ stderr, exitCode }).toEqual({ stderr: 'error: empty: has no .yaml, .yml or .json file\n', exitCode: 2 })
})

test('the help has no defaults that say nothing', async () =>
  expect((await run(['install', '--help'])).stdout).not.toContain('default:'))

test('without a cluster it says so', async () => {
  expect(await run(['install'], { cwd: folder })).toMatchObject({ exitCode: 5 })
})
