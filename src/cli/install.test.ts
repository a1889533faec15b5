import { expect, test } from 'bun:test'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../kube/object.ts'
import { run } from './testing/run.ts'

const folder = await mkdtemp(join(tmpdir(), 'agentjob-install-'))
const file = async (name: string, text: string) => {
  await writeFile(join(folder, name), text)
  return name
}
const objectsOf = (yaml: string) => parseAllDocuments(yaml).map((document) => document.toJS() as KubeObject)
const install = (...args: string[]) => run(['install', '--print', ...args], { cwd: folder })

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
          containers: [{ image: 'ghcr.io/agentjob/agentjob:b', imagePullPolicy: 'Never' }],
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
  expect(lines.find((line) => line.includes('failurePolicy'))).toStartWith(
    'error: bad.yaml:3:3: webhook.failurePolicy: Invalid option',
  )
  expect(lines.find((line) => line.includes('imge'))).toBe(
    'error: bad.yaml:4:1: imge: no such value; did you mean image?',
  )
  expect(lines.find((line) => line.includes('debug'))).toStartWith('error: logLevel: Invalid option')
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

test('without a cluster it says so', async () => {
  expect(await run(['install'], { cwd: folder })).toMatchObject({ exitCode: 5 })
})
