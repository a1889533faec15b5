import { isWithin } from '../../api/cidr.ts'
import type { ChildResource } from '../../api/expansion.ts'
import { canonicalJson } from '../../api/hash.ts'
import type { NamedAgentJob } from '../input.ts'
import { childLabels, childNames } from '../names.ts'
import type { Destination, Port } from './destinations.ts'
import { METADATA } from './metadata.ts'
import { DNS_PORT, isOpenedBy, type Opened, podsOf, sorted, sortedPorts } from './networkpolicy.ts'
import type { EgressSettings } from './settings.ts'

/*
 * What a NetworkPolicy cannot say, for Cilium: names of hosts, and the API servers, which by their addresses it does not
 * find. https://docs.cilium.io/en/stable/security/policy/language/#dns-based
 */

/**
 * Cilium learns the addresses of names from the answers that pods get, so it has to see them. It believes every server
 * that it sees: no tenant's pod may be one.
 */
const lookedUp = (port: number) => [
  { ports: [{ port: String(port), protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } },
]

/** The CiliumNetworkPolicy that opens the hosts of an AgentJob by their names. */
export function renderCiliumPolicy(job: NamedAgentJob, opened: Opened, settings: EgressSettings): ChildResource {
  const { name, namespace } = job.metadata
  const denied = deniedBy(opened, settings)
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: childNames.policy(name), namespace, labels: childLabels(name) },
    spec: {
      endpointSelector: { matchLabels: podsOf(job) },
      egress: [
        ...lookUps(settings),
        ...(opened.hasAccess ? [apiServers(settings)] : []),
        ...named(opened.destinations),
      ],
      ...(denied.length ? { egressDeny: [{ toCIDRSet: denied }] } : {}),
    },
  }
}

function lookUps({ dnsPods, dns }: EgressSettings) {
  const pods = dnsPods.map(({ namespace, labels, port }) => ({
    toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': namespace, ...ofKubernetes(labels) } }],
    toPorts: lookedUp(port),
  }))
  return [...pods, ...(dns.length ? [{ toCIDR: dns, toPorts: lookedUp(DNS_PORT) }] : [])]
}

/** Labels as Cilium knows them, which has further ones. */
const ofKubernetes = (labels: Record<string, string>) =>
  Object.fromEntries(Object.entries(labels).map(([key, value]) => [`k8s:${key}`, value]))

/**
 * A name may be answered with any address, and `toFQDNs` opens it. What is denied stays closed whoever opens it, so it is
 * the metadata of clouds alone, and none of what somebody names: an API server outside of the cluster has a private address,
 * and policies of others may open some. Pods have no address here, but an identity. (fe80::/10 is no route's.)
 * https://docs.cilium.io/en/stable/security/policy/deny/
 */
function deniedBy({ destinations, asked }: Opened, settings: EgressSettings) {
  const addresses = destinations.flatMap(({ place }) => (place.kind === 'address' ? [place.cidr] : []))
  const named = [...addresses, ...settings.dns, ...settings.apiServer]
  const parts = [...named, ...asked.flatMap((entry) => (entry.cidrs ?? []).filter((one) => isOpenedBy(one, entry)))]
  const isNamed = (block: string) =>
    named.some((one) => isWithin(block, one)) || asked.some((entry) => isOpenedBy(block, entry))
  return METADATA.filter((block) => settings.private.some((own) => isWithin(block, own)) && !isNamed(block)).map(
    (block) => {
      const except = sorted(new Set(parts.filter((one) => isWithin(one, block))))
      return { cidr: block, ...(except.length ? { except } : {}) }
    },
  )
}

const apiServers = ({ apiServerPorts }: EgressSettings) => ({
  toEntities: ['kube-apiserver'],
  toPorts: [{ ports: apiServerPorts.map((port) => ({ port: String(port), protocol: 'TCP' })) }],
})

/** One rule for all names with the same ports. */
function named(destinations: Destination[]) {
  const rules = new Map<string, { ports: Port[]; names: Set<string> }>()
  for (const { place, ports: opened } of destinations) {
    if (place.kind !== 'name') continue
    const ports = sortedPorts(opened)
    const key = canonicalJson(ports)
    const rule = rules.get(key) ?? { ports, names: new Set() }
    rule.names.add(place.name)
    rules.set(key, rule)
  }
  return sorted(rules.keys()).map((key) => {
    const { ports, names } = rules.get(key) as { ports: Port[]; names: Set<string> }
    return {
      toFQDNs: sorted(names).map(selectorOf),
      toPorts: [{ ports: ports.map(({ port, ...rest }) => ({ port: String(port), ...rest })) }],
    }
  })
}

/** `*` is one label to Cilium, and `**` any number of them from 1.19 on; to older ones it is as `*`. */
const selectorOf = (name: string) => (name.startsWith('*.') ? { matchPattern: `*${name}` } : { matchName: name })
