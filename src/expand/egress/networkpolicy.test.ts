import { describe, expect, test } from 'bun:test'
import { both, type Case, DNS, dnsPods, made, namespace, on, rulesOf, runtime, tcp, WORLD } from './fixtures.ts'

const cases: Case[] = [
  { name: 'nothing but names', want: [DNS] },
  {
    name: 'rights at the Kubernetes API',
    spec: { clusterAccessRef: 'reader' },
    objects: { 'ClusterAccess/reader': { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] } },
    settings: on({ apiServer: ['192.0.2.10/32', '10.96.0.1/32'] }),
    want: [
      DNS,
      { to: [{ ipBlock: { cidr: '192.0.2.10/32' } }, { ipBlock: { cidr: '10.96.0.1/32' } }], ports: tcp(443, 6443) },
    ],
  },
  {
    name: 'no rights at the Kubernetes API',
    settings: on({ apiServer: ['192.0.2.10/32'] }),
    want: [DNS],
  },
  {
    name: "what an AgentRuntime's egress names",
    objects: runtime({
      egress: {
        to: [
          { cidrs: ['10.0.0.0/8', '2001:db8::/32'], except: ['10.1.0.0/16'], ports: [{ port: 53, protocol: 'UDP' }] },
          { cidrs: ['198.51.100.0/24'] },
          { podSelector: { matchLabels: { app: 'db' } }, ports: [{ port: 5432, endPort: 5433 }] },
          { namespaceSelector: { matchLabels: {} }, podSelector: { matchExpressions: [] } },
          { hosts: ['packages.example.org', '*.example.com'] },
          { hosts: ['db.example.com', 'db.tools.svc'], ports: [{ port: 5432 }] },
        ],
      },
    }),
    want: [
      DNS,
      { to: [namespace('tools')] },
      {
        to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }, { ipBlock: { cidr: '2001:db8::/32' } }],
        ports: [{ protocol: 'UDP', port: 53 }],
      },
      { to: [{ ipBlock: { cidr: '198.51.100.0/24' } }] },
      {
        to: [{ podSelector: { matchLabels: { app: 'db' } } }],
        ports: [{ protocol: 'TCP', port: 5432, endPort: 5433 }],
      },
      { to: [{ namespaceSelector: {}, podSelector: {} }] },
      { to: WORLD, ports: tcp(443, 5432) },
    ],
  },
  {
    name: 'everything private',
    objects: runtime({ dialect: 'claude-code' }),
    settings: on({ private: ['0.0.0.0/0', 'fc00::/7'] }),
    want: [DNS, { to: [{ ipBlock: { cidr: '::/0', except: ['fc00::/7'] } }], ports: tcp(443) }],
  },
  {
    name: 'everything private of both families',
    objects: runtime({ dialect: 'claude-code' }),
    settings: on({ private: ['0.0.0.0/0', '::/0'] }),
    want: [DNS],
  },
  {
    name: 'names looked up at the node',
    settings: on({ dns: ['169.254.20.10/32'] }),
    want: [{ ...DNS, to: [...DNS.to, { ipBlock: { cidr: '169.254.20.10/32' } }] }],
  },
  {
    name: 'names looked up at other pods, each on its port',
    settings: on({
      dnsPods: [
        { namespace: 'openshift-dns', labels: { 'dns.operator.openshift.io/daemonset-dns': 'default' }, port: 5353 },
        { namespace: 'kube-system', labels: { 'k8s-app': 'node-local-dns' } },
        { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
      ],
    }),
    want: [
      { to: [dnsPods('openshift-dns', { 'dns.operator.openshift.io/daemonset-dns': 'default' })], ports: both(5353) },
      {
        to: ['node-local-dns', 'kube-dns'].map((app) => dnsPods('kube-system', { 'k8s-app': app })),
        ports: both(53),
      },
    ],
  },
  { name: 'no names at all', settings: on({ dnsPods: [] }), want: [] },
]

describe('a NetworkPolicy opens', () => {
  test.each(cases)('$name', ({ spec = {}, objects, settings, want }) => {
    const output = made(spec, objects, settings)
    expect(output.expansion.problems).toEqual([])
    expect<object[]>(rulesOf(output)).toEqual(want)
  })
})

test('it selects the pods of its AgentJob, and no others', () => {
  const { expansion } = made({})
  const [policy, ...rest] = expansion.resources
  expect(policy).toMatchObject({
    kind: 'NetworkPolicy',
    metadata: { name: 'hello-egress', namespace: 'agents' },
    spec: {
      podSelector: {
        matchLabels: { 'app.kubernetes.io/managed-by': 'agentjob', 'agentjob.io/agentjob': 'hello' },
      },
      policyTypes: ['Egress'],
    },
  })
  const selector = (policy as unknown as { spec: { podSelector: { matchLabels: object } } }).spec.podSelector
    .matchLabels
  const job = rest.find(({ kind }) => kind === 'Job') as unknown as { spec: { template: { metadata: object } } }
  expect(job.spec.template.metadata).toMatchObject({ labels: selector })
})

test('no label of a podTemplate or an AgentRuntime leads out of it', () => {
  for (const key of ['agentjob.io/agentjob', 'app.kubernetes.io/managed-by']) {
    const template = made({ podTemplate: { metadata: { labels: { [key]: 'other' } } } })
    expect(template.errors.map(({ path }) => path)).toEqual([`spec.podTemplate.metadata.labels["${key}"]`])
    const ofRuntime = made({}, runtime({ podLabels: { [key]: 'other' } }))
    expect(ofRuntime.errors.map(({ path }) => path)).toEqual(['spec.runtimeRef'])
  }
})
