import { z } from 'zod'
import { FIRST } from './fields.ts'

/** A block of addresses: their length in bits, the first of them, and how many bits all of them share. */
interface Block {
  bits: 32 | 128
  first: bigint
  prefix: number
}

/** What an address of IPv4 in IPv6's form begins with; Kubernetes refuses them. */
const MAPPED = 0xffffn

/** The block that a text in CIDR form means; undefined where it is none, or one of IPv4 written as IPv6. */
function blockOf(text: string): Block | undefined {
  const [address = '', prefix = ''] = text.split('/')
  if (z.cidrv4().safeParse(text).success) {
    const first = address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
    return { bits: 32, first, prefix: Number(prefix) }
  }
  if (!z.cidrv6().safeParse(text).success || address.includes('.')) return undefined
  const first = groupsOf(address).reduce((sum, part) => (sum << 16n) | part, 0n)
  return first >> 32n === MAPPED ? undefined : { bits: 128, first, prefix: Number(prefix) }
}

/** The eight groups of an address of IPv6. */
function groupsOf(address: string): bigint[] {
  const [head = '', tail] = address.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const missing = tail === undefined ? 0 : 8 - head.length - tail.length
  return [...head, ...Array(missing).fill('0'), ...(tail ?? [])].map((group) => BigInt(`0x${group}`))
}

/** The part of an address that all of its block share. */
const network = ({ bits, first, prefix }: Block) => (first >> BigInt(bits - prefix)) << BigInt(bits - prefix)

function written({ bits, first, prefix }: Block): string {
  const size = bits === 32 ? 8 : 16
  const parts = Array.from({ length: bits / size }, (_, index) => {
    return (first >> BigInt(bits - size * (index + 1))) & ((1n << BigInt(size)) - 1n)
  })
  if (bits === 32) return `${parts.join('.')}/${prefix}`
  // a URL writes it the short way
  const { hostname } = new URL(`http://[${parts.map((part) => part.toString(16)).join(':')}]`)
  return `${hostname.slice(1, -1)}/${prefix}`
}

/** Whether every address of a block is in another one; false where one of the two is none. */
export function isWithin(inner: string, outer: string): boolean {
  const [one, other] = [blockOf(inner), blockOf(outer)]
  if (!one || !other || one.bits !== other.bits || one.prefix < other.prefix) return false
  return network({ ...one, prefix: other.prefix }) === network(other)
}

/** Whether a block holds every address of its family. */
export const isEverything = (text: string): boolean => blockOf(text)?.prefix === 0

/** Whether a block is one of IPv6. */
export const isIPv6 = (text: string): boolean => text.includes(':')

/** What is wrong with the text of a block, as Kubernetes takes them; undefined where nothing is. */
function wrongWithCidr(text: string): string | undefined {
  const block = blockOf(text)
  if (!block) return /^[0-9.]+$|^[0-9a-f:]+$/i.test(text) ? `${FORM}; one address is ${single(text)}` : FORM
  const first = network(block)
  return first === block.first ? undefined : `has bits behind its prefix; write ${written({ ...block, first })}`
}

const FORM = 'must be addresses in CIDR form, such as 192.0.2.10/32 or 2001:db8::/64'
const single = (address: string) => `${address}/${isIPv6(address) ? 128 : 32}`

const rightly = (text: string, context: { addIssue(issue: { code: 'custom'; message: string }): void }) => {
  const message = wrongWithCidr(text)
  if (message) context.addIssue({ code: 'custom', message })
}

/** Addresses in CIDR form, as in an ipBlock of networking.k8s.io/v1. */
export const cidr = z.string().max(64, FIRST).superRefine(rightly)

/** The same with patterns, for a schema that is no CRD's: a union is not structural. */
export const cidrByPattern = z.union([z.cidrv4(), z.cidrv6()], FORM).superRefine(rightly)
