import ipaddr from 'ipaddr.js'

/** Ranges that a host may be in where the operator's settings say that it is a private one. */
const PRIVATE = ['private', 'uniqueLocal', 'carrierGradeNat']
/** All that has been given out of IPv6 for use in public: https://www.iana.org/assignments/ipv6-address-space */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Whether a notification may go to an address: a public one, or of a private network where the host may be there.
 * Never ourselves, our node's neighbourhood (with the metadata of clouds), or an IPv4 address in the clothes of IPv6.
 */
export function isAllowed(address: string, o: { isPrivate: boolean }): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  const range: string = parsed.range()
  if (PRIVATE.includes(range)) return o.isPrivate && !address.includes('%')
  return range === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST))
}
