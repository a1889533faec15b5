import { CompactSign, compactVerify } from 'jose'
import type { Expansion } from '../api/expansion.ts'
import { hash } from '../api/hash.ts'

/** A key of the operator's: at least 32 random bytes, shared by webhook and controller and by nobody else. */
export type SigningKey = Uint8Array

/** The epoch of the key that the operator makes at its first start. Its signatures name none. */
export const FIRST_EPOCH = 1

/** Whose expansion it is: one that was made for another object is worth nothing. */
export interface Identity {
  namespace: string
  name: string
}

const digestOf = ({ signature: _, ...signed }: Expansion) => hash(signed, 64)

/** The expansion with a JWS (HS256) over its content and the object's namespace and name; `kid` is the key's epoch. */
export async function sign(
  expansion: Expansion,
  { namespace, name }: Identity,
  key: SigningKey,
  epoch = FIRST_EPOCH,
): Promise<Expansion> {
  const payload = JSON.stringify({ namespace, name, digest: digestOf(expansion) })
  const signature = await new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: 'HS256', ...(epoch === FIRST_EPOCH ? {} : { kid: String(epoch) }) })
    .sign(key)
  return { ...expansion, signature }
}

/**
 * Whether a stored expansion is one that we made for this object. It may be of any shape: people with the right to
 * write the object can put anything there.
 */
export async function verify(expansion: unknown, identity: Identity, key: SigningKey): Promise<boolean> {
  const { signature } = (expansion ?? {}) as Partial<Expansion>
  if (typeof signature !== 'string') return false
  try {
    const { payload } = await compactVerify(signature, key, { algorithms: ['HS256'] })
    const signed = JSON.parse(new TextDecoder().decode(payload))
    return (
      signed.namespace === identity.namespace &&
      signed.name === identity.name &&
      signed.digest === digestOf(expansion as Expansion)
    )
  } catch {
    return false
  }
}

/** A header of ours has fewer characters; what is longer is not decoded. */
const HEADER_LENGTH = 100

/**
 * The epoch that a stored expansion's signature names, whether it holds or not: a number from 1 to 999,999,999; undefined
 * where there is no signature, or none of ours.
 */
export function epochOf(expansion: unknown): number | undefined {
  const { signature } = (expansion ?? {}) as Partial<Expansion>
  if (typeof signature !== 'string') return undefined
  const end = signature.slice(0, HEADER_LENGTH).indexOf('.')
  if (end < 0) return undefined
  try {
    const header = JSON.parse(Buffer.from(signature.slice(0, end), 'base64url').toString())
    return 'kid' in header ? epochNumber(header.kid) : FIRST_EPOCH
  } catch {
    return undefined
  }
}

const NUMBER = /^[1-9]\d{0,8}$/

/** The number of an epoch in a text; undefined where it is not one from 1 to 999,999,999. */
export const epochNumber = (text: unknown): number | undefined =>
  typeof text === 'string' && NUMBER.test(text) ? Number(text) : undefined
