import { isWithin } from '../../api/cidr.ts'
import type { Finding } from '../../api/finding.ts'
import type { Destination, Port } from './destinations.ts'
import type { HostPlace } from './host.ts'
import type { Opened } from './networkpolicy.ts'
import type { EgressSettings } from './settings.ts'

type Ceiling = EgressSettings['ceiling']

/**
 * What of it is beyond the ceiling, each with the field that leads there. An AgentRuntime's entries are told of by what
 * `says` gives for their index.
 */
export function beyond(opened: Opened, { ceiling }: EgressSettings, says: (index: number) => string): Finding[] {
  const named = opened.destinations.flatMap((destination): Finding[] => {
    const { place, user, isOperators } = destination
    if (isOperators) return []
    const wrong = wrongWith(place, ceiling) ?? wrongPorts(destination, ceiling)
    return wrong ? [{ path: user.path, message: `${user.says}${wrong}` }] : []
  })
  const asked = opened.asked.flatMap(({ cidrs = [], namespaceSelector, podSelector }, index): Finding[] => {
    const wrong = cidrs.flatMap((cidr) => wrongWith({ kind: 'address', cidr }, ceiling) ?? [])
    const pods = (namespaceSelector || podSelector) && !ceiling.selectors ? [`pods of the cluster ${PODS}`] : []
    return [...wrong, ...pods].map((message) => ({ path: 'spec.runtimeRef', message: `${says(index)}${message}` }))
  })
  return [...new Map([...named, ...asked].map((finding) => [`${finding.path} ${finding.message}`, finding])).values()]
}

const PODS = "may not be reached here; egress.ceiling.selectors of the operator's settings is not set"
const beyondIt = (what: string, list: 'hosts' | 'ports' | 'cidrs') =>
  `${what} may not be reached here; have it added to egress.ceiling.${list} of the operator's settings`

function wrongWith(place: HostPlace, { hosts, cidrs, selectors }: Ceiling): string | undefined {
  if (place.kind === 'address')
    return cidrs.some((cidr) => isWithin(place.cidr, cidr)) ? undefined : beyondIt(place.cidr, 'cidrs')
  if (place.kind === 'service') return selectors ? undefined : `Services of namespace ${place.namespace} ${PODS}`
  if (place.kind === 'name')
    return hosts.some((host) => covers(host, place.name)) ? undefined : beyondIt(place.name, 'hosts')
  return undefined
}

/** Of a host that has a name alone: the operator names addresses himself, and of a Service nobody knows the pods' port. */
function wrongPorts({ place, ports }: Destination, { ports: within }: Ceiling): string | undefined {
  if (place.kind !== 'name') return undefined
  const wrong = ports.filter((port) => !isAmong(port, within)).map(({ port, endPort }) => rangeOf(port, endPort))
  return wrong.length ? beyondIt(`port ${wrong.join(', ')} of ${place.name}`, 'ports') : undefined
}

const isAmong = ({ port, endPort = port }: Port, within: number[]) =>
  // each at most once, so that there are as many as the range has
  new Set(within.filter((one) => one >= port && one <= endPort)).size === endPort - port + 1

const rangeOf = (port: number, endPort = port) => (port === endPort ? `${port}` : `${port} to ${endPort}`)

/** Whether a name, or a pattern of names, is one that a pattern stands for. */
const covers = (pattern: string, name: string) =>
  pattern === name || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1)
