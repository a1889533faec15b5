import { expect, test } from 'bun:test'
import { hasAdditions } from './additions.ts'

const cronJob = (podSpec: object) => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'nightly' },
  spec: { jobTemplate: { spec: { template: { spec: podSpec } } } },
})
const ours = cronJob({ containers: [], serviceAccountName: 'nightly-runner' })

test.each([
  { name: 'nothing more', live: cronJob({ containers: [] }), want: false },
  {
    name: 'defaults',
    live: cronJob({ containers: [], dnsPolicy: 'ClusterFirst', serviceAccount: 'nightly-runner' }),
    want: false,
  },
  { name: "the host's network", live: cronJob({ containers: [], hostNetwork: true }), want: true },
  { name: 'init containers', live: cronJob({ containers: [], initContainers: [{}] }), want: true },
])('additions: $name', ({ live, want }) => {
  expect(hasAdditions(ours, live)).toBe(want)
})

test('only the pods of a CronJob are looked at', () => {
  expect(hasAdditions({ ...ours, kind: 'ConfigMap' }, cronJob({ hostNetwork: true }))).toBe(false)
})

const policy = (kind: string, spec: object, more: object = {}) => ({
  ...{ apiVersion: 'networking.k8s.io/v1', kind, metadata: { name: 'nightly-egress' }, spec },
  ...more,
})
const port = { protocol: 'TCP', port: 443 }
const rules = { podSelector: { matchLabels: { a: 'b' } }, egress: [{ to: [{ ipBlock: {} }], ports: [port] }] }

test.each([
  { name: 'nothing more', spec: rules, want: false },
  { name: 'another order of members', spec: { egress: rules.egress, podSelector: rules.podSelector }, want: false },
  {
    name: 'ports behind one',
    spec: { ...rules, egress: [{ to: [{ ipBlock: {} }], ports: [{ ...port, endPort: 65535 }] }] },
    want: true,
  },
  {
    name: 'a label that its pods have not',
    spec: { ...rules, podSelector: { matchLabels: { a: 'b', c: 'd' } } },
    want: true,
  },
  { name: 'rules of another direction', spec: { ...rules, ingress: [{}] }, want: true },
])('a policy has been added to: $name', ({ spec, want }) => {
  for (const kind of ['NetworkPolicy', 'CiliumNetworkPolicy'])
    expect(hasAdditions(policy(kind, rules), policy(kind, spec))).toBe(want)
})

test('a policy of Cilium has been added to beside its spec', () => {
  const live = policy('CiliumNetworkPolicy', rules, { specs: [{ egress: [{ toEntities: ['all'] }] }] })
  expect(hasAdditions(policy('CiliumNetworkPolicy', rules), live)).toBe(true)
})
