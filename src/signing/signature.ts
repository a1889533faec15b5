import { CompactSign, compactVerify } from 'jose'
import type { Expansion } from '../api/expansion.ts'
import { hash } from '../api/hash.ts'

/** The operator's key: at least 32 random bytes, shared by webhook and controller and by nobody else. */
export type SigningKey = Uint8Array

/** Whose expansion it is: one that was made for another object is worth nothing. */
export interface Identity {
  namespace: string
  name: string
}

const digestOf = ({ signature: _, ...signed }: Expansion) => hash(signed, 64)

/** The expansion with a JWS (HS256) over its content and the object's namespace and name. */
export async function sign(expansion: Expansion, { namespace, name }: Identity, key: SigningKey): Promise<Expansion> {
  const payload = JSON.stringify({ namespace, name, digest: digestOf(expansion) })
  const signature = await new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: 'HS256' })
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
