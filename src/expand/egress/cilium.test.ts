import { describe, expect, test } from 'bun:test'
import type { Objects } from '../fixtures.ts'
import { isPolicy } from './egress.ts'
import { made, namespace, on, rulesOf, runtime } from './fixtures.ts'

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
