import { describe, expect, test } from 'bun:test'
import type { Expansion } from '../../api/expansion.ts'
import { formatFinding } from '../../api/finding.ts'
import { expand } from '../expand.ts'
import { inputFor, type Objects } from '../fixtures.ts'
import { expandInvalid } from '../invalid.ts'
import { Settings } from '../settings.ts'
import { isPolicy } from './egress.ts'

const on = (more: object = {}) => Settings.parse({ egress: { enabled: true, ...more } })

/** What an AgentJob with this spec among these objects comes to. */
const made = (spec: object, objects: Objects = {}, settings = on(), previous?: Expansion) =>
  expand(inputFor(spec, objects, { settings, previous, specChanged: previous === undefined }))

type Rule = { to: unknown[]; ports?: { protocol: string; port: number }[] }

function rulesOf({ expansion }: ReturnType<typeof made>): Rule[] {
  const policy = expansion.resources.find(({ kind }) => kind === 'NetworkPolicy')
  return (policy?.spec as { egress?: Rule[] } | undefined)?.egress ?? []
}

const namespace = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } })
const dnsPods = (name: string, matchLabels: object) => ({ ...namespace(name), podSelector: { matchLabels } })
const both = (port: number) => ['UDP', 'TCP'].map((protocol) => ({ protocol, port }))
const DNS = {
  to: [dnsPods('kube-system', { 'k8s-app': 'kube-dns' })],
  ports: both(53),
}
const WORLD = [
  {
    ipBlock: {
      cidr: '0.0.0.0/0',
      except: [
        ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10'],
        ...['198.18.0.0/15', '168.63.129.16/32'],
      ],
    },
  },
  { ipBlock: { cidr: '::/0', except: ['fc00::/7', 'fe80::/10', '64:ff9b::/96'] } },
]
const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: 'TCP', port }))

const runtime = (spec: object) => ({ 'AgentRuntime/echo': { image: 'echo', ...spec } })

const cases: { name: string; spec?: object; objects?: Objects; settings?: Settings; want: object[] }[] = [
  { name: 'nothing but names', want: [DNS] },
  { name: 'a model', objects: runtime({ dialect: 'claude-code' }), want: [DNS, { to: WORLD, ports: tcp(443) }] },
  {
    name: 'a model of the cluster',
    objects: runtime({
      dialect: 'claude-code',
      env: [{ name: 'ANTHROPIC_BASE_URL', value: 'http://gateway.models.svc:8080' }],
    }),
    want: [DNS, { to: [namespace('models')] }],
  },
  {
    name: 'a model elsewhere, by a variable of the AgentJob',
    spec: { env: [{ name: 'ANTHROPIC_BASE_URL', value: 'https://gateway.example.com:8443/v1' }] },
    objects: runtime({ dialect: 'claude-code' }),
    want: [DNS, { to: WORLD, ports: tcp(8443) }],
  },
  {
    name: 'a model that a Secret names',
    objects: runtime({
      dialect: 'claude-code',
      env: [{ name: 'ANTHROPIC_BASE_URL', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }],
    }),
    want: [DNS],
  },
  {
    name: 'a proxy',
    objects: runtime({ env: [{ name: 'HTTPS_PROXY', value: '10.0.0.3:3128' }] }),
    want: [DNS, { to: [{ ipBlock: { cidr: '10.0.0.3/32' } }], ports: tcp(3128) }],
  },
  {
    name: 'a repository',
    spec: { repositoryRefs: ['website'] },
    objects: { 'Repository/website': { owner: 'a', name: 'b', host: 'git.example.com:8443' } },
    want: [DNS, { to: WORLD, ports: tcp(8443) }],
  },
  {
    name: 'contexts by Git and by URL',
    spec: {
      contexts: [
        { type: 'Git', git: { repository: 'git@git.example.com:a/b.git' }, mountPath: '/a' },
        { type: 'Git', git: { repository: 'ssh://git@git.example.com:2222/a/b.git' }, mountPath: '/b' },
        { type: 'Git', git: { repository: 'ssh://git@192.0.2.7/a/b.git' }, mountPath: '/d' },
        { type: 'Url', url: { url: 'http://example.com/a.json' }, mountPath: '/c' },
      ],
    },
    want: [
      DNS,
      { to: [{ ipBlock: { cidr: '192.0.2.7/32' } }], ports: tcp(22) },
      { to: WORLD, ports: tcp(22, 80, 2222) },
    ],
  },
  {
    name: 'skills',
    spec: { skillRefs: ['short', 'long'] },
    objects: {
      'AgentSkill/short': { repo: 'example/skills', name: 'a' },
      'AgentSkill/long': { repo: 'ssh://git@git.example.com/skills.git', name: 'b' },
    },
    want: [DNS, { to: WORLD, ports: tcp(22, 443) }],
  },
  {
    name: 'MCP servers',
    spec: { mcpServerRefs: ['near', 'bare', 'far', 'here', 'v6', 'own'] },
    objects: {
      'McpServer/near': { url: 'http://mcp.tools.svc.cluster.local:8080/mcp' },
      'McpServer/bare': { url: 'http://mcp/mcp' },
      'McpServer/far': { url: 'https://mcp.example.com/mcp' },
      'McpServer/here': { url: 'http://localhost:3000' },
      'McpServer/v6': { url: 'http://[2001:db8::7]:3000' },
      'McpServer/own': { command: 'npx' },
    },
    want: [
      DNS,
      { to: [namespace('agents')] },
      { to: [namespace('tools')] },
      { to: [{ ipBlock: { cidr: '2001:db8::7/128' } }], ports: tcp(3000) },
      { to: WORLD, ports: tcp(443) },
    ],
  },
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

describe('Cilium', () => {
  const cilium = (more: object = {}) => on({ hosts: 'Cilium', ...more })
  const specOf = ({ expansion }: ReturnType<typeof made>) =>
    expansion.resources.find(({ kind }) => kind === 'CiliumNetworkPolicy')?.spec as {
      egress: object[]
      egressDeny?: object[]
    }
  const lookedUp = (port: number) => [
    { ports: [{ port: `${port}`, protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } },
  ]

  test('holds names, and its NetworkPolicy opens none', () => {
    const objects = {
      ...runtime({ dialect: 'claude-code', egress: { to: [{ hosts: ['*.example.com'], ports: [{ port: 5432 }] }] } }),
      'McpServer/far': { url: 'https://mcp.example.com/mcp' },
      'McpServer/near': { url: 'http://mcp.tools.svc/mcp' },
    }
    const output = made({ mcpServerRefs: ['far', 'near'] }, objects, cilium())
    expect<object[]>(rulesOf(output)).toEqual([{ to: [namespace('tools')] }])
    expect(specOf(output).egress.slice(1)).toEqual([
      {
        toFQDNs: [{ matchName: 'api.anthropic.com' }, { matchName: 'mcp.example.com' }],
        toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
      },
      {
        toFQDNs: [{ matchPattern: '**.example.com' }],
        toPorts: [{ ports: [{ port: '5432', protocol: 'TCP' }] }],
      },
    ])
  })

  test('sees what is looked up, by a rule that no other one takes its effect', () => {
    const output = made({}, {}, cilium({ dns: ['169.254.20.10/32'] }))
    expect(rulesOf(output)).toEqual([])
    expect(specOf(output)).toMatchObject({
      endpointSelector: {
        matchLabels: { 'app.kubernetes.io/managed-by': 'agentjob', 'agentjob.io/agentjob': 'hello' },
      },
      egress: [
        {
          toEndpoints: [
            { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s:k8s-app': 'kube-dns' } },
          ],
          toPorts: lookedUp(53),
        },
        { toCIDR: ['169.254.20.10/32'], toPorts: lookedUp(53) },
      ],
    })
  })

  test('sees what is looked up at other pods, on the port on which these listen', () => {
    const labels = { 'dns.operator.openshift.io/daemonset-dns': 'default' }
    const output = made({}, {}, cilium({ dnsPods: [{ namespace: 'openshift-dns', labels, port: 5353 }] }))
    expect(specOf(output).egress).toEqual([
      {
        toEndpoints: [
          {
            matchLabels: {
              'k8s:io.kubernetes.pod.namespace': 'openshift-dns',
              'k8s:dns.operator.openshift.io/daemonset-dns': 'default',
            },
          },
        ],
        toPorts: lookedUp(5353),
      },
    ])
  })

  test('comes first, so that what the NetworkPolicy no longer opens is open already', () => {
    const kinds = made({}, {}, cilium())
      .expansion.resources.filter(isPolicy)
      .map(({ kind }) => kind)
    expect(kinds).toEqual(['CiliumNetworkPolicy', 'NetworkPolicy'])
  })

  describe('denies the metadata of clouds, whatever a name is answered with', () => {
    const ALL = ['169.254.0.0/16', '100.100.100.200/32', '168.63.129.16/32', 'fd00:ec2::254/128', 'fd20:ce::254/128']
    const whole = (...blocks: string[]) => blocks.map((cidr) => ({ cidr }))
    const [LINK_LOCAL = '', ...OTHERS] = ALL
    const asking = (...to: object[]) => runtime({ egress: { to } })
    const server = { 'McpServer/odd': { url: 'http://169.254.1.2/' } }
    const ceiling = { enabled: true, cidrs: ['169.254.1.2/32'] }
    const denials: { name: string; objects?: Objects; settings?: object; spec?: object; want: object[] }[] = [
      { name: 'all of it', want: whole(...ALL) },
      {
        name: 'but an address at which names are looked up, and one of the API servers',
        settings: { dns: ['169.254.20.10/32'], apiServer: ['169.254.7.7/32'] },
        want: [{ cidr: LINK_LOCAL, except: ['169.254.20.10/32', '169.254.7.7/32'] }, ...whole(...OTHERS)],
      },
      {
        name: 'but what an AgentRuntime names',
        objects: asking({ cidrs: ['169.254.170.23/32', '10.0.0.0/8', '100.64.0.0/10'] }),
        want: [
          { cidr: LINK_LOCAL, except: ['169.254.170.23/32'] },
          ...whole('168.63.129.16/32', 'fd00:ec2::254/128', 'fd20:ce::254/128'),
        ],
      },
      {
        name: 'what an AgentRuntime leaves out',
        objects: asking({ cidrs: ['0.0.0.0/0'], except: ['169.254.0.0/16'] }),
        want: whole(LINK_LOCAL, 'fd00:ec2::254/128', 'fd20:ce::254/128'),
      },
      {
        name: 'what an AgentRuntime leaves out of several',
        objects: asking({ cidrs: ['169.254.7.0/24', '168.0.0.0/7'], except: ['169.254.0.0/16'] }),
        want: whole(LINK_LOCAL, '100.100.100.200/32', 'fd00:ec2::254/128', 'fd20:ce::254/128'),
      },
      {
        name: 'but an address that the ceiling has',
        ...{ objects: server, spec: { mcpServerRefs: ['odd'] }, settings: { ceiling } },
        want: [{ cidr: LINK_LOCAL, except: ['169.254.1.2/32'] }, ...whole(...OTHERS)],
      },
      { name: 'but what is not private to the operator', settings: { private: [LINK_LOCAL] }, want: whole(LINK_LOCAL) },
    ]
    test.each(denials)('$name', ({ objects, settings, spec = {}, want }) => {
      const output = made(spec, objects, cilium(settings))
      expect(output.expansion.problems).toEqual([])
      expect<object | undefined>(specOf(output).egressDeny).toEqual([{ toCIDRSet: want }])
    })

    test('nothing, where nothing is private', () => {
      expect(specOf(made({}, {}, cilium({ private: [] }))).egressDeny).toBeUndefined()
    })
  })

  test('opens no pattern that stands in a URL', () => {
    const output = made({ mcpServerRefs: ['any'] }, { 'McpServer/any': { url: 'https://*.com/' } }, cilium())
    expect(specOf(output).egress.slice(1)).toEqual([])
  })

  test('opens no name that none of its policies could hold', () => {
    const output = made({ mcpServerRefs: ['odd'] }, { 'McpServer/odd': { url: 'https://a..b.com/x' } }, cilium())
    expect(specOf(output).egress.slice(1)).toEqual([])
  })

  test('knows the API servers, on their ports', () => {
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]
    const output = made({ clusterAccessRef: 'reader' }, { 'ClusterAccess/reader': { rules } }, cilium())
    expect(specOf(output).egress).toContainEqual({
      toEntities: ['kube-apiserver'],
      toPorts: [{ ports: ['443', '6443'].map((port) => ({ port, protocol: 'TCP' })) }],
    })
    expect(output.warnings).toEqual([])
  })
})

describe('what is said', () => {
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]
  const asking = runtime({ egress: {} })

  test('where an AgentRuntime asks for limits that there are not', () => {
    const output = made({}, asking, Settings.parse({}))
    expect(output.warnings.map(formatFinding)).toEqual([
      'spec.runtimeRef: AgentRuntime "echo" has egress, and nothing limits where its pods go: egress is switched off in this cluster; ask whoever runs AgentJob here to set egress.enabled',
    ])
    expect(output.expansion.egress).toBe('Off')
    expect(output.expansion.resources.some(isPolicy)).toBe(false)
  })

  test('nothing, where nobody has named the settings', () => {
    const output = made({}, asking, { ...Settings.parse({}), egress: undefined })
    expect(output.warnings).toEqual([])
    expect(output.expansion.egress).toBeUndefined()
  })

  test('where an address of the cloud is meant, and nobody says so', () => {
    const objects = {
      'McpServer/metadata': { url: 'http://2852039166/' },
      'McpServer/own': { url: 'http://[fe80::1]/' },
    }
    const spec = { mcpServerRefs: ['metadata', 'own'] }
    const isOne = (cidr: string) =>
      `${cidr} is an address of nodes or of the cloud's metadata; if it is meant, name it in cidrs of egress.to of AgentRuntime "echo"`
    expect(made(spec, objects).errors.map(formatFinding)).toEqual([
      `spec.mcpServerRefs: McpServer "metadata": ${isOne('169.254.169.254/32')}`,
      `spec.mcpServerRefs: McpServer "own": ${isOne('fe80::1/128')}`,
    ])
    const meant = runtime({ egress: { to: [{ cidrs: ['169.254.169.254/32', 'fe80::/64'] }] } })
    expect(made(spec, { ...objects, ...meant }).errors).toEqual([])
    const but = runtime({ egress: { to: [{ cidrs: ['169.254.0.0/16', 'fe80::/64'], except: ['169.254.169.0/24'] }] } })
    expect(made(spec, { ...objects, ...but }).errors.length).toBe(1)
    expect(made(spec, objects, Settings.parse({})).errors).toEqual([])
  })

  test("nothing of the operator's own proxy", () => {
    const settings = Settings.parse({
      egress: { enabled: true },
      pods: { proxy: { https: 'http://169.254.3.3:3128' } },
    })
    const output = made({}, {}, settings)
    expect(output.errors).toEqual([])
    expect(rulesOf(output)).toContainEqual({ to: [{ ipBlock: { cidr: '169.254.3.3/32' } }], ports: tcp(3128) })
  })

  test('where a host looks like a Service of the same namespace', () => {
    const objects = {
      ...runtime({
        dialect: 'claude-code',
        env: [{ name: 'ANTHROPIC_BASE_URL', value: 'http://gateway.agents:8080' }],
        egress: { to: [{ hosts: ['db.agents', 'db.agents.svc', 'agents.example.com', 'a.b.agents'] }] },
      }),
      'McpServer/near': { url: 'http://mcp.agents/mcp' },
      'McpServer/far': { url: 'http://mcp.tools/mcp' },
    }
    const spec = { mcpServerRefs: ['near', 'far'] }
    const isOne = (name: string) =>
      `${name} is taken for a host outside of the cluster; if a Service of this namespace is meant, write ${name}.svc`
    expect(made(spec, objects).warnings.map(formatFinding)).toEqual([
      `spec.runtimeRef: its model: ${isOne('gateway.agents')}`,
      `spec.mcpServerRefs: McpServer "near": ${isOne('mcp.agents')}`,
      `spec.runtimeRef: egress.to[0] of AgentRuntime "echo": ${isOne('db.agents')}`,
    ])
    const { 'McpServer/near': near } = objects
    const off = made({ mcpServerRefs: ['near'] }, { 'McpServer/near': near }, Settings.parse({}))
    expect(off.warnings).toEqual([])
  })

  test('where an agent with rights does not get to the API servers', () => {
    const output = made({ clusterAccessRef: 'reader' }, { 'ClusterAccess/reader': { rules } })
    expect(output.warnings.map(({ path }) => path)).toEqual(['spec.clusterAccessRef'])
  })
})

describe('under a ceiling', () => {
  const ceiling = (more: object = {}) => on({ ceiling: { enabled: true, ...more } })
  const objects = {
    ...runtime({
      dialect: 'claude-code',
      egress: {
        to: [{ hosts: ['a.example.com', '*.b.example.com'] }, { cidrs: ['10.1.0.0/16'] }, { podSelector: {} }],
      },
    }),
    'McpServer/near': { url: 'http://mcp.tools.svc/mcp' },
    'McpServer/metadata': { url: 'http://169.254.169.254/' },
  }
  const spec = { mcpServerRefs: ['near', 'metadata'] }
  const host = (name: string) =>
    `${name} may not be reached here; have it added to egress.ceiling.hosts of the operator's settings`
  const block = (name: string) =>
    `${name} may not be reached here; have it added to egress.ceiling.cidrs of the operator's settings`
  const PODS = "may not be reached here; egress.ceiling.selectors of the operator's settings is not set"

  test('what is beyond it is refused, with everything that leads there', () => {
    expect(made(spec, objects, ceiling()).errors.map(formatFinding)).toEqual([
      `spec.runtimeRef: its model: ${host('api.anthropic.com')}`,
      `spec.mcpServerRefs: McpServer "near": Services of namespace tools ${PODS}`,
      `spec.mcpServerRefs: McpServer "metadata": ${block('169.254.169.254/32')}`,
      `spec.runtimeRef: egress.to[0] of AgentRuntime "echo": ${host('a.example.com')}`,
      `spec.runtimeRef: egress.to[0] of AgentRuntime "echo": ${host('*.b.example.com')}`,
      `spec.runtimeRef: egress.to[1] of AgentRuntime "echo": ${block('10.1.0.0/16')}`,
      `spec.runtimeRef: egress.to[2] of AgentRuntime "echo": pods of the cluster ${PODS}`,
    ])
  })

  test('what is within it is not', () => {
    const wide = { hosts: ['*.example.com', 'api.anthropic.com'], cidrs: ['10.0.0.0/8', '169.254.169.254/32'] }
    expect(made(spec, objects, ceiling({ ...wide, selectors: true })).errors).toEqual([])
  })

  test("the operator's own proxy is not, and another one in its place is", () => {
    const proxy = { http: 'http://proxy.example.com:3128', https: 'http://10.0.0.3:3128' }
    const settings = Settings.parse({ egress: { enabled: true, ceiling: { enabled: true } }, pods: { proxy } })
    const output = made({}, {}, settings)
    expect(output.errors).toEqual([])
    expect(rulesOf(output)).toEqual([
      DNS,
      { to: [{ ipBlock: { cidr: '10.0.0.3/32' } }], ports: tcp(3128) },
      { to: WORLD, ports: tcp(3128) },
    ])
    const mine = made({ env: [{ name: 'HTTPS_PROXY', value: 'http://10.0.0.4:3128' }] }, {}, settings)
    expect(mine.errors.map(formatFinding)).toEqual([
      `spec.runtimeRef: its variable HTTPS_PROXY: ${block('10.0.0.4/32')}`,
    ])
  })

  test('a port of a name is held to it', () => {
    const ports = [{ port: 1, endPort: 65535 }, { port: 443 }, { port: 22, endPort: 23 }, { port: 53, protocol: 'UDP' }]
    const wide = runtime({ egress: { to: [{ hosts: ['github.com'], ports }] } })
    const port = (which: string) =>
      `spec.runtimeRef: egress.to[0] of AgentRuntime "echo": port ${which} of github.com may not be reached here; have it added to egress.ceiling.ports of the operator's settings`
    const hosts = ['github.com']
    const errors = (more: object) => made({}, wide, ceiling({ hosts, ...more })).errors.map(formatFinding)
    expect(errors({})).toEqual([port('1 to 65535, 22 to 23, 53')])
    expect(errors({ ports: [22, 443] })).toEqual([port('1 to 65535, 22 to 23, 53')])
    expect(errors({ ports: [22, 23, 23, 443, 53] })).toEqual([port('1 to 65535')])
    const byUrl = made({ mcpServerRefs: ['a'] }, { 'McpServer/a': { url: 'http://github.com/' } }, ceiling({ hosts }))
    expect(byUrl.errors.length).toBe(1)
    expect(made({}, runtime({ egress: { to: [{ hosts }] } }), ceiling({ hosts })).errors).toEqual([])
  })

  test('a name is not taken for one that ends as it does', () => {
    const one = runtime({ egress: { to: [{ hosts: ['example.com', 'badexample.com'] }] } })
    expect(made({}, one, ceiling({ hosts: ['*.example.com'] })).errors.length).toBe(2)
  })

  test('a touch is not refused: what is there stays, and a schedule pauses', () => {
    const there = { ...objects, 'McpServer/metadata': { url: 'http://192.0.2.9/' } }
    const before = made({ ...spec, schedule: '@daily' }, there)
    const after = made({ ...spec, schedule: '@daily' }, there, ceiling(), before.expansion)
    expect(after.errors).toEqual([])
    expect(after.expansion.problems.length).toBe(7)
    expect(after.expansion.resources.filter(isPolicy)).toEqual(before.expansion.resources.filter(isPolicy))
    expect(after.expansion.egress).toBe(before.expansion.egress as string)
    expect(after.expansion.resources.find(({ kind }) => kind === 'CronJob')?.spec).toMatchObject({ suspend: true })
  })
})

describe('switched on and off', () => {
  const OFF = Settings.parse({})

  test('no run is due by it, and nothing else of an expansion changes', () => {
    for (const redeploy of ['OnSpecChange', 'OnChange', 'Never']) {
      const before = made({ redeploy }, {}, OFF)
      const after = made({ redeploy }, {}, on(), before.expansion)
      const { egress, resources, ...rest } = after.expansion
      expect({ ...rest, resources: resources.filter((child) => !isPolicy(child)) }).toEqual(before.expansion)
      expect(made({ redeploy }, {}, OFF, after.expansion).expansion).toEqual(before.expansion)
    }
  })

  test('no run is due by the egress of an AgentRuntime', () => {
    const before = made({ redeploy: 'OnChange' }, runtime({ egress: { to: [{ cidrs: ['10.0.0.0/8'] }] } }))
    const after = made({ redeploy: 'OnChange' }, runtime({ egress: {} }), on(), before.expansion)
    expect(after.expansion.revision).toBe(before.expansion.revision)
    expect(after.expansion.configHash).toBe(before.expansion.configHash)
    expect(after.expansion.references).not.toEqual(before.expansion.references)
  })

  test('with something in the way, policies go with it', () => {
    const before = made({}, {}, on())
    const missing = { 'AgentRuntime/echo': undefined }
    const kept = made({}, missing, on(), before.expansion)
    expect(kept.expansion.resources.filter(isPolicy)).toEqual(before.expansion.resources.filter(isPolicy))
    const gone = made({}, missing, OFF, before.expansion)
    expect(gone.expansion.resources.filter(isPolicy)).toEqual([])
    expect(gone.expansion.egress).toBeUndefined()
  })

  test('with something in the way, what it is made of is not told wrong', () => {
    const asking = runtime({ egress: {} })
    const missing = { ...asking, 'McpServer/a': undefined }
    const spec = { mcpServerRefs: ['a'] }
    const there = { ...asking, 'McpServer/a': { url: 'https://mcp.example.com' } }
    const off = made(spec, there, OFF).expansion
    expect(off.egress).toBe('Off')
    // asked for, and still not there
    expect(made(spec, missing, OFF, off).expansion.egress).toBe('Off')
    // switched on, and the AgentRuntime is not there that says what is open: without a policy so far
    expect(made(spec, { 'AgentRuntime/echo': undefined }, on(), off).expansion.egress).toBeUndefined()
    expect(made(spec, missing, on(), off).expansion.egress).toBe(made(spec, there).expansion.egress as string)
    // switched off, with none any more
    expect(made(spec, missing, OFF, made(spec, there).expansion).expansion.egress).toBe('Off')
  })

  test('with something in the way, policies follow what resolves, and each is asked for the same again', () => {
    const spec = { mcpServerRefs: ['a'], clusterAccessRef: 'reader' }
    const wide = runtime({ egress: { to: [{ cidrs: ['192.0.2.0/24'] }] } })
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]
    const others = { 'McpServer/a': { url: 'https://mcp.example.com' }, 'ClusterAccess/reader': { rules } }
    const api = { apiServer: ['192.0.2.1/32'] }
    const before = made(spec, { ...wide, ...others }, on(api))
    expect(rulesOf(before).length).toBe(4)
    const narrow = { ...runtime({ egress: {} }), ...others, 'McpServer/a': undefined }
    const after = expand(
      inputFor(spec, narrow, { settings: on(api), previous: before.expansion, specChanged: false, grants: [] }),
    )
    expect(after.expansion.problems.map(({ reason }) => reason)).toEqual(['ReferenceNotFound', 'Forbidden'])
    // neither the server nor the rights are there any more
    expect(rulesOf(after)).toEqual([DNS])
    expect(made(spec, narrow, on(api), made(spec, narrow, on(api), before.expansion).expansion)).toEqual(
      made(spec, narrow, on(api), before.expansion),
    )
    const other = made(spec, narrow, on({ ...api, dns: ['192.0.2.53/32'] }), before.expansion)
    expect(other.expansion.egress).not.toBe(before.expansion.egress as string)
  })

  test('with something in the way of what has never run, there is no policy', () => {
    const first = made({ mcpServerRefs: ['a'] })
    expect(first.expansion.resources).toEqual([])
    expect(made({ mcpServerRefs: ['a'] }, {}, on(), first.expansion).expansion).toEqual(first.expansion)
  })

  test('an expansion of a newer renderer follows the settings all the same', () => {
    const newer = (settings: Settings) => ({ ...made({}, {}, settings).expansion, renderer: 99 })
    const now = (settings: Settings, before: Settings) => made({}, {}, settings, newer(before)).expansion
    expect(now(on(), OFF).resources.some(isPolicy)).toBe(true)
    expect(now(OFF, on()).resources.some(isPolicy)).toBe(false)
    expect(now(on(), on()).renderer).toBe(99)
    const pods = Settings.parse({ pods: { resources: { requests: { cpu: '1' } } } })
    expect(now(pods, OFF).settingsHash).toBe(made({}, {}, pods).expansion.settingsHash as string)
  })

  test('a spec that is no longer valid keeps the policies that are looked after', () => {
    const kindsOf = (before: Settings, now: Settings) => {
      const { egress, resources } = expandInvalid({}, [], made({}, {}, before).expansion, now)
      return [egress !== undefined, resources.filter(isPolicy).map(({ kind }) => kind)]
    }
    expect(kindsOf(on(), on())).toEqual([true, ['NetworkPolicy']])
    expect(kindsOf(on({ hosts: 'Cilium' }), on())).toEqual([true, ['NetworkPolicy']])
    expect(kindsOf(on(), OFF)).toEqual([false, []])
  })

  test('of what it is made decides its mark, and of nothing else', () => {
    const mark = (more: object) => made({}, {}, on(more)).expansion.egress
    expect(mark({ enforcedBy: 'calico', cleanUp: true })).toBe(mark({}) as string)
    const pods = [{ namespace: 'dns', labels: { app: 'dns' } }]
    const others = [
      { hosts: 'Cilium' },
      { private: [] },
      { dnsPods: pods },
      { dns: ['10.0.0.10/32'] },
      { apiServer: ['10.0.0.1/32'] },
    ]
    for (const more of [...others, { apiServerPorts: [443] }, { ceiling: { enabled: true, selectors: true } }])
      expect(mark(more)).not.toBe(mark({}) as string)
  })
})
