import { cidr, isWithin } from '../../api/cidr.ts'

/** What the host of a URL comes to, for a policy. */
export type HostPlace =
  | { kind: 'address'; cidr: string }
  /** A Service of the cluster. A policy sees the pod behind it, and its port. */
  | { kind: 'service'; namespace: string }
  | { kind: 'name'; name: string }
  /** The pod itself, about which no policy has a say, or what is no host. */
  | { kind: 'nowhere' }

/** Labels of 63 characters at most, none of them empty: what a policy of Cilium's could not hold would keep all of it away. */
const NAME = /^[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?(\.[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?)*$/
const LONGEST = 253
const LOOPBACK = ['127.0.0.0/8', '::1/128']

/**
 * What a host is to an AgentJob of a namespace. `NAME.NAMESPACE` is taken for a host: it looks like one, and `.svc`
 * behind it says what is meant.
 */
export function placeOfHost(host: string, namespace: string): HostPlace {
  const name = host.toLowerCase().replace(/\.$/, '')
  const block = blockOf(name)
  if (block !== undefined) {
    const isElsewhere = cidr.safeParse(block).success && !LOOPBACK.some((own) => isWithin(block, own))
    return isElsewhere ? { kind: 'address', cidr: block } : { kind: 'nowhere' }
  }
  if (name.length > LONGEST || !NAME.test(name)) return { kind: 'nowhere' }
  if (name === 'localhost' || name.endsWith('.localhost')) return { kind: 'nowhere' }
  const [, at] = /\.([a-z0-9-]+)\.svc(\.cluster\.local)?$/.exec(name) ?? []
  if (at !== undefined) return { kind: 'service', namespace: at }
  return name.includes('.') ? { kind: 'name', name } : { kind: 'service', namespace }
}

/** The same of a host that an AgentRuntime names, which may be a pattern. No URL may: it says where somebody goes. */
export function placeOfPattern(host: string, namespace: string): HostPlace {
  if (!host.startsWith('*.')) return placeOfHost(host, namespace)
  const place = placeOfHost(`any${host.slice(1)}`, namespace)
  return place.kind === 'name' ? { kind: 'name', name: host } : place
}

/** An address as a block of itself alone; undefined for a name. */
function blockOf(host: string): string | undefined {
  if (/^\[.*\]$/.test(host)) return `${host.slice(1, -1)}/128`
  return /^[0-9.]+$/.test(host) ? `${host}/32` : undefined
}
