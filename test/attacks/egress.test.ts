import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { ChildResource } from '../../src/api/expansion.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { CRDS, ciliumCrd } from '../cilium/crd.ts'
import { startOperatorAgain, stopOperator } from '../e2e/operators.ts'
import { agentJob, eventually, kubectl, theWorld } from '../e2e/world.ts'
import { entitle } from '../operator/install.ts'
import { SETTINGS } from '../operator/operator.ts'
import { asks, asksFor, newTenant, type Outcome, ofKind, served, type Tenant, tries } from './tenant.ts'

/*
 * Wanted: a way out for one's agents that the operator does not want, or a policy over pods that are not one's agents'.
 */

const METADATA = '169.254.169.254'

async function operateWith(egress: object): Promise<void> {
  const { client } = await theWorld()
  await stopOperator()
  await entitle(client, { egress })
  await startOperatorAgain({ settings: { ...SETTINGS, egress } })
}
afterAll(() => operateWith({}), 60_000)
const crd = await ciliumCrd()

interface Policy extends ChildResource {
  spec: {
    podSelector: { matchLabels: Record<string, string> }
    egress: {
      to: {
        ipBlock?: { cidr: string; except?: string[] }
        namespaceSelector?: { matchLabels?: Record<string, string> }
      }[]
      ports?: { port: number }[]
    }[]
  }
}
const policyOf = ({ object, refused }: Outcome): Policy => {
  const policy = object?.expansion?.resources.find(({ kind }) => kind === 'NetworkPolicy')
  if (!policy) throw new Error(`no policy: ${refused}`)
  return policy as Policy
}

describe('where agents go is limited', () => {
  let tenant: Tenant
  beforeAll(async () => {
    await operateWith({ enabled: true })
    tenant = await newTenant()
  }, 120_000)

  const LABELS = ['agentjob.io/agentjob', 'app.kubernetes.io/managed-by']
  test.each(LABELS)('a pod does not get out of its policy by the label %s', async (key) => {
    const { refused } = await asksFor(tenant, { podTemplate: { metadata: { labels: { [key]: 'other' } } } })
    expect(refused).toContain('is reserved for what the operator and Kubernetes write')
    const runtime = ofKind('AgentRuntime', 'loose', { image: 'example.com/mine', podLabels: { [key]: 'other' } })
    expect((await asks(tenant, runtime)).refused).toContain('is reserved')
  })

  test('a policy selects the pods of its own AgentJob alone, whatever that is called', async () => {
    const other = await newTenant()
    for (const name of ['mine', 'agentjob', 'a-egress', 'kube-dns', `a.${other.namespace}`]) {
      const outcome = await asks(tenant, agentJob(name, {}))
      const { metadata, spec } = policyOf(outcome)
      expect(metadata).toMatchObject({ name: `${name}-egress`, namespace: tenant.namespace })
      expect(spec.podSelector).toEqual({
        matchLabels: { 'app.kubernetes.io/managed-by': 'agentjob', 'agentjob.io/agentjob': name },
      })
    }
  })

  test('a pod that calls itself a name server is none: it would answer as it likes, or pass on what it gets', async () => {
    const { egress } = policyOf(await asksFor(tenant, {})).spec
    const servers = egress.filter(({ ports = [] }) => ports.some(({ port }) => port === 53)).flatMap(({ to }) => to)
    expect(servers.map(({ namespaceSelector }) => namespaceSelector?.matchLabels)).toEqual([
      { 'kubernetes.io/metadata.name': 'kube-system' },
    ])
  })

  test('a URL with an address of the cloud opens nothing', async () => {
    await tries(tenant, ofKind('McpServer', 'loot', { url: 'http://2852039166/latest/meta-data' }))
    const { refused } = await eventually(
      'an answer',
      () => asksFor(tenant, { mcpServerRefs: ['loot'] }),
      ({ warnings, refused }) => refused !== undefined || !warnings.length,
    )
    expect(refused).toContain("169.254.169.254/32 is an address of nodes or of the cloud's metadata")
  })

  test('a policy that comes with an AgentJob is none', async () => {
    const everywhere = { podSelector: {}, policyTypes: ['Egress'], egress: [{}] }
    const forged = {
      ...{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', spec: everywhere },
      metadata: { name: 'forged-egress', namespace: tenant.namespace },
    }
    await tries(tenant, { ...agentJob('forged', { suspend: true }), expansion: { resources: [forged] } })
    const { client } = await theWorld()
    const [policy] = await eventually(
      'the policy',
      async () => (await client.list<never>(served('NetworkPolicy'), { namespace: tenant.namespace })).items,
      ({ length }) => length > 0,
    )
    expect(policy).toMatchObject({ spec: { podSelector: { matchLabels: { 'agentjob.io/agentjob': 'forged' } } } })
  })

  test('the name of a host opens no address of the cloud or the cluster', async () => {
    const to = [{ hosts: ['metadata.google.internal', '*.internal.example.com'] }]
    await tries(tenant, ofKind('AgentRuntime', 'asks', { image: 'example.com/mine', egress: { to } }))
    const outcome = await eventually(
      'what it comes to',
      () => asksFor(tenant, { runtimeRef: 'asks' }),
      ({ warnings }) => !warnings.length,
    )
    const blocks = policyOf(outcome).spec.egress.flatMap(({ to }) => to.flatMap(({ ipBlock }) => ipBlock ?? []))
    expect(blocks.map(({ cidr }) => cidr)).toEqual(['0.0.0.0/0', '::/0'])
    expect(blocks.flatMap(({ except = [] }) => except)).toEqual(
      expect.arrayContaining(['169.254.0.0/16', '10.0.0.0/8', 'fc00::/7']),
    )
  })

  test('an address is no name of a host', async () => {
    for (const host of [METADATA, '*', '*.*', 'localhost', '[::1]', '0xa9fea9fe', 'HTTP://A.example.com']) {
      const runtime = ofKind('AgentRuntime', 'asks', { image: 'example.com/mine', egress: { to: [{ hosts: [host] }] } })
      expect((await asks(tenant, runtime)).refused).toContain('spec.egress.to[0].hosts[0]')
    }
  })
})

describe.skipIf(!crd)('with Cilium, by its own schema (skipped where its module is not to be had)', () => {
  let tenant: Tenant
  beforeAll(async () => {
    const { client } = await theWorld()
    await client.apply(CRDS, crd as KubeObject, { fieldManager: 'test', force: true })
    await eventually(
      'CiliumNetworkPolicies are served',
      () => kubectl(['get', 'ciliumnetworkpolicies', '-A']),
      ({ code }) => code === 0,
    )
    await operateWith({ enabled: true, hosts: 'Cilium' })
    tenant = await newTenant()
  }, 120_000)
  afterAll(async () => {
    const { client } = await theWorld()
    await client.delete(CRDS, { name: crd?.metadata.name as string })
  }, 60_000)

  interface CiliumPolicy extends ChildResource {
    spec: {
      egress: { toEndpoints?: { matchLabels: Record<string, string> }[]; toPorts?: { rules?: { dns?: object[] } }[] }[]
      egressDeny: { toCIDRSet: { cidr: string; except?: string[] }[] }[]
    }
  }
  const ciliumPolicyOf = ({ object, refused }: Outcome): CiliumPolicy => {
    const policy = object?.expansion?.resources.find(({ kind }) => kind === 'CiliumNetworkPolicy')
    if (!policy) throw new Error(`no policy: ${refused}`)
    return policy as CiliumPolicy
  }

  test('a name that is answered with the metadata address does not open it', async () => {
    await tries(tenant, ofKind('McpServer', 'rebound', { url: 'https://rebound.example.com/' }))
    const outcome = await eventually(
      'what it comes to',
      () => asksFor(tenant, { mcpServerRefs: ['rebound'] }),
      ({ warnings }) => !warnings.length,
    )
    const denied = ciliumPolicyOf(outcome).spec.egressDeny.flatMap(({ toCIDRSet }) => toCIDRSet)
    expect(denied).toContainEqual({ cidr: '169.254.0.0/16' })
    expect(denied).toContainEqual({ cidr: 'fd00:ec2::254/128' })
  })

  test("only the cluster's own pods are believed what an address is", async () => {
    const { egress } = ciliumPolicyOf(await asksFor(tenant, {})).spec
    const believed = egress.filter(({ toPorts = [] }) => toPorts.some(({ rules }) => rules?.dns))
    expect(believed.flatMap(({ toEndpoints = [] }) => toEndpoints.map(({ matchLabels }) => matchLabels))).toEqual([
      { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s:k8s-app': 'kube-dns' },
    ])
  })
})

describe('under a ceiling', () => {
  let tenant: Tenant
  let made = 0
  beforeAll(async () => {
    const ceiling = { enabled: true, hosts: ['api.anthropic.com', '*.example.com'], cidrs: ['192.0.2.0/24'] }
    await operateWith({ enabled: true, ceiling })
    tenant = await newTenant()
  }, 120_000)

  /** Every way to lead an agent somewhere: what is stored, and what an AgentJob says of it. */
  const WAYS: { name: string; kind?: string; spec?: object; job(name: string): object }[] = [
    ...[
      { name: 'addresses', to: { cidrs: ['169.254.0.0/16'] } },
      { name: 'every address', to: { cidrs: ['0.0.0.0/0'], except: ['10.0.0.0/8'] } },
      { name: 'a host', to: { hosts: ['example.org'] } },
      { name: 'a host that ends like an allowed one', to: { hosts: ['notexample.com'] } },
      { name: 'every port of a host', to: { hosts: ['a.example.com'], ports: [{ port: 1, endPort: 65535 }] } },
      { name: 'every pod', to: { namespaceSelector: {} } },
      { name: 'pods', to: { podSelector: {} } },
    ].map(({ name, to }) => ({
      name: `${name} of an AgentRuntime`,
      kind: 'AgentRuntime',
      spec: { image: 'example.com/mine', egress: { to: [to] } },
      job: (name: string) => ({ runtimeRef: name }),
    })),
    {
      name: 'a model of its own',
      kind: 'AgentRuntime',
      spec: { image: 'example.com/mine', dialect: 'claude-code' },
      job: (name) => ({ runtimeRef: name, env: [{ name: 'ANTHROPIC_BASE_URL', value: `http://${METADATA}/` }] }),
    },
    { name: 'a proxy', job: () => ({ env: [{ name: 'HTTPS_PROXY', value: `${METADATA}:80` }] }) },
    {
      name: 'an address as a number',
      kind: 'McpServer',
      spec: { url: 'http://2852039166/' },
      job: (name) => ({ mcpServerRefs: [name] }),
    },
    {
      name: 'a Service',
      kind: 'McpServer',
      spec: { url: 'http://a.kube-system.svc/' },
      job: (name) => ({ mcpServerRefs: [name] }),
    },
    {
      name: 'a Repository',
      kind: 'Repository',
      spec: { owner: 'a', name: 'b', host: METADATA },
      job: (name) => ({ repositoryRefs: [name] }),
    },
    {
      name: 'a skill',
      kind: 'AgentSkill',
      spec: { repo: `https://${METADATA}/a`, name: 'a' },
      job: (name) => ({ skillRefs: [name] }),
    },
    {
      name: 'a context',
      job: () => ({
        contexts: [{ type: 'Url', url: { url: `http://${METADATA}/latest/meta-data` }, mountPath: '/etc/loot' }],
      }),
    },
  ]
  test.each(WAYS)('$name is refused, with the words of the ceiling', async ({ kind, spec, job }) => {
    const name = `asks-${made++}`
    if (kind) expect((await tries(tenant, ofKind(kind, name, spec as object))).refused).toBeUndefined()
    const { refused } = await eventually(
      'an answer',
      () => asksFor(tenant, job(name)),
      // what is stored may not be known yet
      ({ warnings, refused }) => refused !== undefined || !warnings.length,
    )
    expect(refused).toMatch(/may not be reached here; .*egress\.ceiling\./)
  })

  test('what is below it is taken', async () => {
    const to = [{ hosts: ['api.example.com'] }, { cidrs: ['192.0.2.128/25'] }]
    await tries(tenant, ofKind('AgentRuntime', 'modest', { image: 'example.com/mine', egress: { to } }))
    const outcome = await eventually(
      'an answer',
      () => asksFor(tenant, { runtimeRef: 'modest' }),
      ({ warnings }) => !warnings.length,
    )
    expect(outcome.refused).toBeUndefined()
    expect(policyOf(outcome).spec.egress.length).toBe(3)
  })
})
