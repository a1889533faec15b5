import type { NotifySettings, Settings } from './settings.ts'

/** A host that notifications may go to, and the port. */
interface AllowedHost {
  protocol: string
  /** As in a URL; `*.example.com` is every host below example.com. */
  hostname: string
  port: string
}

/** How a notification may be sent to a URL. */
export interface Allowance {
  /** Whether its host may have an address of a private network. */
  isPrivate: boolean
}

const PORTS: Record<string, string> = { 'http:': '80', 'https:': '443' }

/** An entry of the settings: `[http://]HOST[:PORT]` or `*.SUFFIX[:PORT]`; without a port the protocol's own. */
export function parseHost(entry: string): AllowedHost {
  const isWild = entry.startsWith('*.')
  const { protocol, hostname, port } = new URL(
    entry.startsWith('http://') ? entry : `https://${entry.replace('*.', '')}`,
  )
  return { protocol, hostname: isWild ? `*.${hostname}` : hostname, port: port || (PORTS[protocol] as string) }
}

/** What the operator's settings allow of a URL; undefined where they do not name its host, protocol and port. */
export function allowanceOf(text: string, { hosts, privateHosts }: NotifySettings): Allowance | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isNamed = (entries: string[]) => entries.some((entry) => matches(parseHost(entry), url))
  const isPrivate = isNamed(privateHosts)
  return isPrivate || isNamed(hosts) ? { isPrivate } : undefined
}

function matches(allowed: AllowedHost, { protocol, hostname, port }: URL): boolean {
  if (protocol !== allowed.protocol || (port || PORTS[protocol]) !== allowed.port) return false
  if (!allowed.hostname.startsWith('*.')) return hostname === allowed.hostname
  const suffix = allowed.hostname.slice(1)
  return hostname.endsWith(suffix) && hostname.length > suffix.length
}

/** Whether an operator sends notifications at all. */
export const sendsAny = (settings: NotifySettings | undefined): boolean =>
  settings !== undefined && settings.hosts.length + settings.privateHosts.length > 0

/** Why notifications may not go to a URL, and what to do; undefined where they may, or where nobody knows the settings. */
export function hostRefusal(url: string, { notify }: Pick<Settings, 'notify'>): string | undefined {
  if (notify === undefined || allowanceOf(url, notify)) return undefined
  if (!sendsAny(notify))
    return "this operator sends no notifications: notify.hosts and notify.privateHosts of its settings name no host; leave notify out, or have the host's name added there"
  const { protocol, host } = new URL(url)
  const entry = protocol === 'http:' ? `http://${host}` : host
  return `notifications to ${protocol}//${host} are not allowed; have "${entry}" added to notify.hosts of the operator's settings, or to notify.privateHosts where it is in a private network, or take another URL`
}
