import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { type ClusterHandle, down, up } from '../cluster/cluster.ts'
import { run } from '../cluster/exec.ts'
import { existingKubeconfig } from '../cluster/existing.ts'
import { type CertManager, startCertManager } from './certmanager.ts'

// Somebody's own cluster may have a cert-manager of its own.
const skipped = existingKubeconfig() !== undefined
const progress = (line: string) => console.error(`  ${line}`)

let cluster: ClusterHandle
let certManager: CertManager
beforeAll(async () => {
  if (skipped) return
  cluster = await up({ name: 'test-certmanager', pods: false, fresh: true, progress })
  certManager = await startCertManager(cluster, progress)
}, 1_200_000)
afterAll(async () => {
  if (skipped) return
  await certManager?.stop()
  await down('test-certmanager')
}, 60_000)

const kubectl = (args: string[], input?: string) =>
  run(cluster.bin.kubectl, args, { env: { KUBECONFIG: cluster.kubeconfig }, input, timeout: 60_000 })

const issuer = (name: string, spec: object) => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Issuer',
  metadata: { name, namespace: 'default' },
  spec,
})
const certificate = (name: string, issuerName: string, spec: object) => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name, namespace: 'default' },
  spec: { secretName: name, issuerRef: { name: issuerName, kind: 'Issuer' }, ...spec },
})
const webhook = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'leaf', annotations: { 'cert-manager.io/inject-ca-from': 'default/leaf' } },
  webhooks: [
    {
      name: 'leaf.example.com',
      admissionReviewVersions: ['v1'],
      clientConfig: { service: { namespace: 'default', name: 'leaf' } },
      rules: [{ apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['leaves'] }],
      sideEffects: 'None',
    },
  ],
}

const secret = async (name: string): Promise<Record<string, string>> => {
  const { data } = JSON.parse(await kubectl(['get', 'secret', name, '-o', 'json']))
  return Object.fromEntries(
    Object.entries(data as Record<string, string>).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString(),
    ]),
  )
}
const ready = (...names: string[]) =>
  kubectl(['wait', '--for=condition=Ready', '--timeout=30s', ...names.map((name) => `certificate/${name}`)])
const caBundle = async () =>
  Buffer.from(
    await kubectl([
      'get',
      'mutatingwebhookconfiguration',
      'leaf',
      '-o',
      'jsonpath={.webhooks[0].clientConfig.caBundle}',
    ]),
    'base64',
  ).toString()

describe.skipIf(skipped)('cert-manager', () => {
  test('issues a leaf of a CA that is self-signed, and puts its CA where an annotation asks for it', async () => {
    const objects = [
      issuer('self', { selfSigned: {} }),
      certificate('ca', 'self', { isCA: true, commonName: 'ca of a test' }),
      issuer('ca', { ca: { secretName: 'ca' } }),
      certificate('leaf', 'ca', { dnsNames: ['leaf.default.svc'] }),
      webhook,
    ]
    await kubectl(['apply', '-f', '-'], objects.map((object) => stringify(object)).join('---\n'))
    await ready('ca', 'leaf')
    const [ca, leaf] = [await secret('ca'), await secret('leaf')]
    const [root, cert] = [new X509Certificate(ca['tls.crt']!), new X509Certificate(leaf['tls.crt']!)]
    expect(cert.checkIssued(root) && cert.verify(root.publicKey)).toBe(true)
    expect(cert.subjectAltName).toBe('DNS:leaf.default.svc')
    expect(leaf['ca.crt']).toBe(ca['tls.crt']!)
    const deadline = Date.now() + 20_000
    while ((await caBundle()) === '' && Date.now() < deadline) await sleep(50)
    expect(await caBundle()).toBe(ca['tls.crt']!)
  }, 90_000)

  test('issues a certificate again whose Secret is gone', async () => {
    const before = (await secret('leaf'))['tls.crt']
    await kubectl(['delete', 'secret', 'leaf'])
    const deadline = Date.now() + 30_000
    let after: string | undefined
    while (after === undefined && Date.now() < deadline) {
      after = await secret('leaf').then(
        (data) => data['tls.crt'],
        () => undefined,
      )
    }
    expect(after).toBeDefined()
    expect(after).not.toBe(before)
  }, 60_000)

  test('ends when it is told to', async () => {
    await certManager.stop()
    expect(() => process.kill(certManager.pid, 0)).toThrow()
  }, 20_000)
})
