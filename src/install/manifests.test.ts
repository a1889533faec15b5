import { describe, expect, test } from 'bun:test'
import type { V1PodTemplateSpec } from '@kubernetes/client-node'
import { violations } from '../../test/golden/podsecurity.ts'
import { type Fields, isFields } from '../api/isfields.ts'
import { GROUP } from '../api/kind.ts'
import { kinds } from '../api/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import { crds, installManifests, labelsOf } from './manifests.ts'
import { installedType } from './types.ts'
import { overDefaults, Values } from './values.ts'

const manifests = (values: Fields = {}): KubeObject[] =>
  installManifests({
    values: Values.parse(overDefaults([values])),
    namespace: 'ops',
    version: '1.2.3',
    labels: labelsOf({ version: '1.2.3', managedBy: 'test' }),
  })
const find = (objects: KubeObject[], kind: string, name: string) =>
  objects.find((one) => one.kind === kind && one.metadata.name === name)

const EVERYTHING: Fields = {
  certificates: { mode: 'cert-manager' },
  clusterAccess: { enabled: true },
  egress: { enabled: true, hosts: 'Cilium' },
  policies: { expansion: { enabled: true }, status: { enabled: true } },
  metrics: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } },
}

test('there is a CRD of every kind', () =>
  expect(crds().map(({ metadata }) => metadata.name)).toEqual(kinds.map(({ plural }) => `${plural}.${GROUP}`)))

test('everything has a place, the same labels, and a name once', () => {
  const objects = manifests(EVERYTHING)
  for (const object of objects) {
    const type = installedType(object)
    expect([object.kind, object.metadata.namespace]).toEqual([object.kind, type.namespaced ? 'ops' : undefined])
    expect(object.apiVersion).toBe([type.group, type.version].filter(Boolean).join('/'))
    expect(object.metadata.labels).toMatchObject({ 'app.kubernetes.io/part-of': 'agentjob' })
    // the controller takes what is labelled so for its children
    expect(object.metadata.labels?.['app.kubernetes.io/managed-by']).toBe('test')
  }
  const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
  expect(new Set(names).size).toBe(names.length)
})

describe.each(['webhook', 'controller'])('the pods of the %s', (part) => {
  const { spec } = find(manifests(EVERYTHING), 'Deployment', `agentjob-${part}`) as KubeObject
  const { template, selector } = spec as { template: V1PodTemplateSpec; selector: { matchLabels: object } }

  test('satisfy Pod Security restricted', () => expect(violations(template)).toEqual([]))
  test('have a read-only root', () =>
    expect(template.spec?.containers[0]?.securityContext?.readOnlyRootFilesystem).toBe(true))
  test('run under an account of their own', () => expect(template.spec?.serviceAccountName).toBe(`agentjob-${part}`))
  test('are selected by their labels', () =>
    expect(template.metadata?.labels).toMatchObject(selector.matchLabels as never))
})

test('everybody who is known may read the public key of notifications, and nothing else', () => {
  const [role, binding] = ['Role', 'RoleBinding'].map((kind) => find(manifests(), kind, 'agentjob-notification-key'))
  expect(role).toMatchObject({
    rules: [
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['agentjob-notification-key'], verbs: ['get'] },
    ],
  })
  expect(binding).toMatchObject({
    roleRef: { kind: 'Role', name: 'agentjob-notification-key' },
    subjects: [{ kind: 'Group', name: 'system:authenticated' }],
  })
  const everybody = manifests().filter((object) => JSON.stringify(object).includes('system:authenticated'))
  expect(everybody).toEqual([binding as KubeObject])
})

test('pods are not selected by labels that somebody gives them', () => {
  const given = { webhook: { podLabels: { 'app.kubernetes.io/component': 'controller', team: 'a' } } }
  const webhook = find(manifests(given), 'Deployment', 'agentjob-webhook')
  expect(webhook).toMatchObject({
    spec: { template: { metadata: { labels: { 'app.kubernetes.io/component': 'webhook', team: 'a' } } } },
  })
})

test('other settings start the pods anew', () => {
  const checksum = (values: Fields) => {
    const { spec } = find(manifests(values), 'Deployment', 'agentjob-controller') as KubeObject
    return (spec as { template: V1PodTemplateSpec }).template.metadata?.annotations?.['checksum/settings']
  }
  expect(checksum({ settings: { libraryNamespace: 'a' } })).not.toBe(checksum({}))
  expect(checksum({ settings: { pods: { caBundle: { configMap: 'a' } } } })).not.toBe(checksum({}))
  expect(checksum({ clusterAccess: { enabled: true } })).not.toBe(checksum({}))
  expect(checksum({ webhook: { replicas: 3 } })).toBe(checksum({}))
  // followed while they run
  expect(checksum({ logLevel: 'debug' })).toBe(checksum({}))
})

describe('who writes caBundle', () => {
  const registration = (values: Fields) =>
    find(manifests(values), 'MutatingWebhookConfiguration', 'agentjob') as KubeObject & {
      webhooks: { clientConfig: { caBundle?: string } }[]
    }
  const mayPatch = (values: Fields) =>
    JSON.stringify(find(manifests(values), 'ClusterRole', 'agentjob-webhook')?.rules).includes('mutatingwebhook')

  test('self-signed: the webhook, and nobody else', () => {
    const { metadata, webhooks } = registration({})
    expect([metadata.annotations, webhooks[0]?.clientConfig.caBundle]).toEqual([undefined, undefined])
    expect(mayPatch({})).toBe(true)
  })
  test('cert-manager: its injector', () => {
    const values = { certificates: { mode: 'cert-manager' } }
    const { metadata, webhooks } = registration(values)
    expect(metadata.annotations).toEqual({ 'cert-manager.io/inject-ca-from': 'ops/agentjob-webhook-tls' })
    expect(webhooks[0]?.clientConfig.caBundle).toBeUndefined()
    expect(mayPatch(values)).toBe(false)
  })
  test('provided: who installs', () => {
    const caBundle = '-----BEGIN CERTIFICATE-----\n'
    const values = { certificates: { mode: 'provided', provided: { secretName: 'tls', caBundle } } }
    expect(registration(values).webhooks[0]?.clientConfig.caBundle).toBe(btoa(caBundle))
    expect(mayPatch(values)).toBe(false)
  })
})

test('a policy holds every status', () => {
  const policy = find(
    manifests({ policies: { status: { enabled: true } } }),
    'ValidatingAdmissionPolicy',
    'agentjob-status',
  )
  expect(policy?.spec).toMatchObject({
    matchConstraints: { resourceRules: [{ resources: ['agentjobs/status', 'agentquotas/status'] }] },
  })
})

test('values are maps all the way down to what has a default', () => {
  const leaves = (value: unknown): unknown[] => (isFields(value) ? Object.values(value).flatMap(leaves) : [value])
  expect(leaves(Values.parse({})).includes(undefined)).toBe(false)
})
