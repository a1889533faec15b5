import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConnection } from './connection.ts'
import { type KubeConfigOptions, loadKubeConfig } from './kubeconfig.ts'
import type { PodOptions } from './serviceaccount.ts'

const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(file: string, content: object | string): string {
  const path = join(folder, file)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

/** A kubeconfig of one cluster, user and context of this name. */
const one = (name: string, more: { user?: object; current?: string; server?: string } = {}) => ({
  clusters: [{ name, cluster: { server: more.server ?? `https://${name}:6443`, 'certificate-authority': 'ca.crt' } }],
  users: [{ name, user: more.user ?? { token: name } }],
  contexts: [{ name, context: { cluster: name, user: name, namespace: `ns-${name}` } }],
  'current-context': more.current,
})

const a = write('a/config', one('a', { current: 'a' }))
const b = write('b/config', { ...one('b'), clusters: [...one('b').clusters, ...one('a', { server: 'x' }).clusters] })
const home = write('home/.kube/config', one('home', { current: 'home' })).replace('/.kube/config', '')
write('pod/token', 'secret\n')
write('pod/ca.crt', 'ca')
write('pod/namespace', 'agents\n')
const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' }
const serviceAccountDirectory = join(folder, 'pod')
const nowhere = join(folder, 'nowhere')

const found = (o: KubeConfigOptions & PodOptions) => loadConnection({ serviceAccountDirectory: nowhere, ...o }).server

describe('looks where kubectl looks', () => {
  const cases: { name: string; given: KubeConfigOptions & PodOptions; want: string }[] = [
    {
      name: '--kubeconfig alone',
      given: { kubeconfig: a, env: { KUBECONFIG: b, HOME: home } },
      want: 'https://a:6443',
    },
    { name: '$KUBECONFIG before home', given: { env: { KUBECONFIG: a, HOME: home } }, want: 'https://a:6443' },
    {
      name: 'missing files of $KUBECONFIG are skipped, the first entry of a name counts',
      given: { env: { KUBECONFIG: `${nowhere}:${a}:${b}` } },
      want: 'https://a:6443',
    },
    {
      name: '--context of a later file',
      given: { context: 'b', env: { KUBECONFIG: `${a}:${b}` } },
      want: 'https://b:6443',
    },
    { name: 'home', given: { env: { HOME: home } }, want: 'https://home:6443' },
    {
      name: 'home before the pod',
      given: { env: { HOME: home, ...pod }, serviceAccountDirectory },
      want: 'https://home:6443',
    },
    {
      name: 'the pod',
      given: { env: { HOME: nowhere, ...pod }, serviceAccountDirectory },
      want: 'https://10.0.0.1:443',
    },
    {
      name: 'a pod with IPv6',
      given: { env: { HOME: nowhere, ...pod, KUBERNETES_SERVICE_HOST: 'fd00::1' }, serviceAccountDirectory },
      want: 'https://[fd00::1]:443',
    },
  ]
  for (const { name, given, want } of cases) test(name, () => expect(found(given)).toBe(want))
})

describe('says what is wrong', () => {
  const noContext = write('no-context', one('a'))
  const noCluster = write('no-cluster', { ...one('a', { current: 'a' }), clusters: [] })
  const broken = write('broken', 'clusters: [}')
  const cases: { name: string; given: KubeConfigOptions & PodOptions; want: string }[] = [
    { name: 'no file of the flag', given: { kubeconfig: nowhere }, want: `the kubeconfig ${nowhere} does not exist` },
    {
      name: 'nothing at home',
      given: { env: { HOME: nowhere } },
      want: `no cluster to talk to: ${nowhere}/.kube/config does not exist, and this is no pod`,
    },
    {
      name: 'nothing in $KUBECONFIG',
      given: { env: { KUBECONFIG: nowhere, HOME: home } },
      want: `no cluster to talk to: no file of $KUBECONFIG (${nowhere}) exists, and this is no pod`,
    },
    {
      name: 'no context',
      given: { kubeconfig: noContext },
      want: `${noContext} has no current-context; name one with --context, of: a`,
    },
    { name: 'an unknown one', given: { kubeconfig: a, context: 'z' }, want: `${a} has no context z; it has: a` },
    { name: 'no cluster', given: { kubeconfig: noCluster }, want: `${noCluster}: the cluster of context a is missing` },
    { name: 'no YAML', given: { kubeconfig: broken }, want: `the kubeconfig ${broken} can't be read: ` },
    {
      name: 'a directory',
      given: { kubeconfig: folder },
      want: `the kubeconfig ${folder} can't be read: it is a directory; name a file in it`,
    },
    {
      name: 'a list',
      given: { kubeconfig: write('list', '- a') },
      want: `can't be read: it holds no clusters, users and contexts`,
    },
  ]
  for (const { name, given, want } of cases) test(name, () => expect(() => found(given)).toThrow(want))
})

test('a kubeconfig that cannot be read is not quoted: it holds credentials', () => {
  const kubeconfig = write('secret', 'users:\n- user: {token: s3cret\nclusters: [}')
  expect(() => found({ kubeconfig })).toThrow(/can't be read: .* at line \d+, column \d+$/)
})

test('a pod speaks as its ServiceAccount, whose token is read again', async () => {
  const clock = { ms: 0 }
  const connection = loadConnection({ env: { HOME: nowhere, ...pod }, serviceAccountDirectory, now: () => clock.ms })
  expect(connection.namespace).toBe('agents')
  const options = (token: string) => ({ ca: Buffer.from('ca'), headers: { Authorization: `Bearer ${token}` } })
  expect(await connection.requestOptions()).toEqual(options('secret'))
  write('pod/token', 'newer')
  expect(await connection.requestOptions()).toEqual(options('secret'))
  clock.ms = 10_000
  expect(await connection.requestOptions()).toEqual(options('newer'))
})

test('files of a user are looked for beside the kubeconfig', () => {
  const user = { tokenFile: 'token', 'client-key': '../key', exec: { apiVersion: 'v9', command: './plugin' } }
  const { config, tokenFiles } = loadKubeConfig({ kubeconfig: write('c/config', one('c', { current: 'c', user })) })
  expect(tokenFiles).toEqual(new Map([['c', join(folder, 'c/token')]]))
  expect(config.getCurrentCluster()?.caFile).toBe(join(folder, 'c/ca.crt'))
  expect(config.getCurrentUser()).toMatchObject({
    keyFile: join(folder, 'key'),
    exec: {
      command: join(folder, 'c/plugin'),
      env: [
        {
          name: 'KUBERNETES_EXEC_INFO',
          value: '{"apiVersion":"v9","kind":"ExecCredential","spec":{"interactive":false}}',
        },
      ],
    },
  })
})
