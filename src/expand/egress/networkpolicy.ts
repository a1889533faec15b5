import { isEverything, isIPv6, isWithin } from '../../api/cidr.ts'
import type { EgressDestination } from '../../api/egress.ts'
import type { ChildResource } from '../../api/expansion.ts'
import { canonicalJson } from '../../api/hash.ts'
import type { NamedAgentJob } from '../input.ts'
import { childLabels, childNames, JOB_LABEL, MANAGED_BY } from '../names.ts'
import { type Destination, type Port, portsOf } from './destinations.ts'
import type { EgressSettings } from './settings.ts'

/** A peer and a rule of networking.k8s.io/v1. */
type Peer = Record<string, unknown>
interface Rule {
  to: Peer[]
  ports?: Port[]
}

/** What policies are made from. */
export interface Opened {
  /** What an AgentJob leads to, the hosts of its AgentRuntime's egress among it. */
  destinations: Destination[]
  /** The AgentRuntime's own. */
  asked: EgressDestination[]
  /** Whether the pods have rights at the Kubernetes API. */
  hasAccess: boolean
}

/** The label that the API server gives each namespace, and nobody else can. */
const NAMESPACE = 'kubernetes.io/metadata.name'
/** Where names are looked up at an address. */
export const DNS_PORT = 53

/** The labels that the pods of an AgentJob bear, and nobody else's: podTemplate and podLabels may not set either. */
export const podsOf = (job: NamedAgentJob): Record<string, string> => ({
  ...MANAGED_BY,
  [JOB_LABEL]: job.metadata.name,
})

/**
 * The NetworkPolicy of an AgentJob. It denies everything but its rules, and each of them says to whom: a rule without
 * peers would let the pods go everywhere. https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function renderNetworkPolicy(job: NamedAgentJob, opened: Opened, settings: EgressSettings): ChildResource {
  const { name, namespace } = job.metadata
  const rules = rulesOf(opened, settings)
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: childNames.policy(name), namespace, labels: childLabels(name) },
    spec: {
      podSelector: { matchLabels: podsOf(job) },
      policyTypes: ['Egress'],
      // the API server leaves out an empty list
      ...(rules.length ? { egress: rules } : {}),
    },
  }
}

function rulesOf(opened: Opened, settings: EgressSettings): Rule[] {
  const isCilium = settings.hosts === 'Cilium'
  return [
    // with Cilium names are looked up by its own rule: one without the names beside it would take that one's effect
    ...(isCilium ? [] : lookUps(settings)),
    ...services(opened.destinations),
    ...addresses(opened.destinations),
    ...apiServers(opened, settings),
    ...opened.asked.flatMap(askedFor),
    ...(isCilium ? [] : named(opened.destinations, settings)),
  ]
}

const blocks = (cidrs: readonly string[]): Peer[] => cidrs.map((cidr) => ({ ipBlock: { cidr } }))

/** Of a rule for each port, so that none is open at what listens on another one. */
function lookUps({ dnsPods, dns }: EgressSettings): Rule[] {
  const pods = dnsPods.map(({ namespace, labels, port }) => ({
    port,
    peer: { namespaceSelector: { matchLabels: { [NAMESPACE]: namespace } }, podSelector: { matchLabels: labels } },
  }))
  const servers: { port: number; peer: Peer }[] = [...pods, ...blocks(dns).map((peer) => ({ port: DNS_PORT, peer }))]
  return once(servers.map(({ port }) => port)).map((port) => ({
    to: once(servers.flatMap((server) => (server.port === port ? [server.peer] : []))),
    ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port })),
  }))
}

/**
 * The pods of the namespaces of Services, on every port: a policy is asked when the address of a Service has been
 * replaced by that of a pod, and the Service's port by the pod's, which nobody knows here.
 */
function services(destinations: Destination[]): Rule[] {
  const namespaces = destinations.flatMap(({ place }) => (place.kind === 'service' ? [place.namespace] : []))
  return sorted(new Set(namespaces)).map((namespace) => ({
    to: [{ namespaceSelector: { matchLabels: { [NAMESPACE]: namespace } } }],
  }))
}

function addresses(destinations: Destination[]): Rule[] {
  const rules = destinations.flatMap(({ place, ports }): Rule[] =>
    place.kind === 'address' ? [{ to: blocks([place.cidr]), ports }] : [],
  )
  return once(rules)
}

function apiServers({ hasAccess }: Opened, { apiServer, apiServerPorts }: EgressSettings): Rule[] {
  if (!hasAccess || !apiServer.length) return []
  return [{ to: blocks(apiServer), ports: apiServerPorts.map((port) => ({ protocol: 'TCP', port })) }]
}

/** What an AgentRuntime asks for, its hosts apart. */
function askedFor({ cidrs = [], except = [], namespaceSelector, podSelector, ports }: EgressDestination): Rule[] {
  const pods = namespaceSelector || podSelector ? [peerOf({ namespaceSelector, podSelector })] : []
  const to = [...cidrs.flatMap((cidr) => without(cidr, except)), ...pods]
  return to.length ? [{ to, ...(ports ? { ports: portsOf(ports) } : {}) }] : []
}

/** Whether an AgentRuntime's entry opens a block, or all of it but a part. */
export const isOpenedBy = (block: string, { cidrs = [], except = [] }: EgressDestination): boolean =>
  cidrs.some((one) => isWithin(block, one)) && !except.some((one) => isWithin(block, one))

/** A block without those that are a part of it. */
function without(cidr: string, except: readonly string[]): Peer[] {
  if (except.some((one) => isWithin(cidr, one))) return []
  const parts = except.filter((one) => isWithin(one, cidr))
  return [{ ipBlock: { cidr, ...(parts.length ? { except: parts } : {}) } }]
}

/** The ports of hosts that have a name, to every address that is not private: a NetworkPolicy knows no names. */
function named(destinations: Destination[], settings: EgressSettings): Rule[] {
  const ports = once(destinations.flatMap(({ place, ports }) => (place.kind === 'name' ? ports : [])))
  const to = ['0.0.0.0/0', '::/0'].flatMap((all) => {
    const own = settings.private.filter((one) => isIPv6(one) === isIPv6(all))
    return own.some(isEverything) ? [] : without(all, own)
  })
  return ports.length && to.length ? [{ to, ports: sortedPorts(ports) }] : []
}

/** Each once, in the order of their first places. */
export function once<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [canonicalJson(item), item])).values()]
}

export const sorted = (texts: Iterable<string>): string[] => [...texts].sort()

export const sortedPorts = (ports: Port[]): Port[] =>
  ports.toSorted((a, b) => a.port - b.port || (a.endPort ?? 0) - (b.endPort ?? 0) || (a.protocol < b.protocol ? -1 : 1))

type Selectors = Pick<EgressDestination, 'namespaceSelector' | 'podSelector'>

/** Selectors as the API server stores them: without members that are empty. An empty selector selects everything. */
const peerOf = (selectors: Selectors): Peer =>
  Object.fromEntries(
    Object.entries(selectors).flatMap(([key, selector]) =>
      selector
        ? [[key, Object.fromEntries(Object.entries(selector).filter(([, of]) => of && Object.keys(of).length > 0))]]
        : [],
    ),
  )
