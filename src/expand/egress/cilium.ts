import type { ChildResource } from '../../api/expansion.ts'
import { canonicalJson } from '../../api/hash.ts'
import type { NamedAgentJob } from '../input.ts'
import { childLabels, childNames } from '../names.ts'
import type { Destination, Port } from './destinations.ts'
import { type Opened, podsOf, sorted, sortedPorts } from './networkpolicy.ts'
import type { EgressSettings } from './settings.ts'

/*
 * What a NetworkPolicy cannot say, for Cilium: names of hosts, and the API servers, which by their addresses it does not
 * find. https://docs.cilium.io/en/stable/security/policy/language/#dns-based
 */

/** Cilium learns the addresses of names from the answers that pods get, so it has to see them. */
const LOOKED_UP = [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }]

/** The CiliumNetworkPolicy that opens the hosts of an AgentJob by their names. */
export function renderCiliumPolicy(job: NamedAgentJob, opened: Opened, settings: EgressSettings): ChildResource {
  const { name, namespace } = job.metadata
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: childNames.policy(name), namespace, labels: childLabels(name) },
    spec: {
      endpointSelector: { matchLabels: podsOf(job) },
      egress: [
        {
          toEndpoints: [
            {
              matchLabels: { 'k8s:k8s-app': 'kube-dns' },
              // of every namespace; without it, of the policy's own
              matchExpressions: [{ key: 'k8s:io.kubernetes.pod.namespace', operator: 'Exists' }],
            },
          ],
          toPorts: LOOKED_UP,
        },
        ...(settings.dns.length ? [{ toCIDR: settings.dns, toPorts: LOOKED_UP }] : []),
        ...(opened.hasAccess ? [{ toEntities: ['kube-apiserver'] }] : []),
        ...named(opened.destinations),
      ],
    },
  }
}

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

/** `*` is one label to Cilium, and `**` any number of them. */
const selectorOf = (name: string) => (name.startsWith('*.') ? { matchPattern: `*${name}` } : { matchName: name })
