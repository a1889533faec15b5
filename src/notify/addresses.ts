import ipaddr from 'ipaddr.js'

/** Ranges that a host may be in where the operator's settings say that it is a private one. */
const PRIVATE = ['private', 'uniqueLocal', 'carrierGradeNat']
/** Where clouds have their metadata, or what amounts to it, beside the link-local addresses: Azure, Alibaba, AWS. */
const METADATA = ['168.63.129.16', '100.100.100.200', 'fd00:ec2::254']
/** All that has been given out of IPv6 for use in public: https://www.iana.org/assignments/ipv6-address-space */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Whether a notification may go to an address: a public one, or of a private network where the host may be there.
 * Never ourselves, our node's neighbourhood (with the metadata of clouds), or an IPv4 address in the clothes of IPv6.
 */
export function isAllowed(address: string, o: { isPrivate: boolean }): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (METADATA.some((one) => parsed.toNormalizedString() === ipaddr.parse(one).toNormalizedString())) return false
  const range: string = parsed.range()
  if (PRIVATE.includes(range)) return o.isPrivate && !address.includes('%')
  return range === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST))
}
