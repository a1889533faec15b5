import { isWithin } from '../../api/cidr.ts'

/**
 * Link-local addresses and, outside of those, the metadata services of clouds: what answers there is a node or a cloud, which
 * gives credentials of the node to whoever asks. No host of anybody's has such an address.
 */
export const METADATA = [
  '169.254.0.0/16',
  '100.100.100.200/32',
  '168.63.129.16/32',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
]

/** Whether a block has addresses of these alone. */
export const isMetadata = (cidr: string): boolean => [...METADATA, 'fe80::/10'].some((one) => isWithin(cidr, one))
