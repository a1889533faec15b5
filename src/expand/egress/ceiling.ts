import { isWithin } from '../../api/cidr.ts'
import type { Finding } from '../../api/finding.ts'
import type { NamedAgentJob } from '../input.ts'
import { saysEgress } from './destinations.ts'
import type { HostPlace } from './host.ts'
import type { Opened } from './networkpolicy.ts'
import type { EgressSettings } from './settings.ts'

type Ceiling = EgressSettings['ceiling']

/** What of it is beyond the ceiling, each with the field that leads there. */
export function beyond(job: NamedAgentJob, opened: Opened, { ceiling }: EgressSettings): Finding[] {
  const named = opened.destinations.flatMap(({ place, user }): Finding[] => {
    const wrong = wrongWith(place, ceiling)
    return wrong ? [{ path: user.path, message: `${user.says}${wrong}` }] : []
  })
  const asked = opened.asked.flatMap(({ cidrs = [], namespaceSelector, podSelector }, index): Finding[] => {
    const says = saysEgress(job, index)
    const wrong = cidrs.flatMap((cidr) => wrongWith({ kind: 'address', cidr }, ceiling) ?? [])
    const pods = (namespaceSelector || podSelector) && !ceiling.selectors ? [`pods of the cluster ${PODS}`] : []
    return [...wrong, ...pods].map((message) => ({ path: 'spec.runtimeRef', message: `${says}${message}` }))
  })
  return [...new Map([...named, ...asked].map((finding) => [`${finding.path} ${finding.message}`, finding])).values()]
}

const PODS = "may not be reached here; egress.ceiling.selectors of the operator's settings is not set"
const beyondIt = (what: string, list: 'hosts' | 'cidrs') =>
  `${what} may not be reached here; have it added to egress.ceiling.${list} of the operator's settings`

function wrongWith(place: HostPlace, { hosts, cidrs, selectors }: Ceiling): string | undefined {
  if (place.kind === 'address')
    return cidrs.some((cidr) => isWithin(place.cidr, cidr)) ? undefined : beyondIt(place.cidr, 'cidrs')
  if (place.kind === 'service') return selectors ? undefined : `Services of namespace ${place.namespace} ${PODS}`
  if (place.kind === 'name')
    return hosts.some((host) => covers(host, place.name)) ? undefined : beyondIt(place.name, 'hosts')
  return undefined
}

/** Whether a name, or a pattern of names, is one that a pattern stands for. */
const covers = (pattern: string, name: string) =>
  pattern === name || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1)
