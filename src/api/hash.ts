import { createHash } from 'node:crypto'

/**
 * JSON with the keys of every object sorted and members that are undefined left out: equal values give equal text
 * (RFC 8785 for what Kubernetes objects hold).
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) {
    let text = '['
    for (let index = 0; index < value.length; index++) text += (index ? ',' : '') + canonicalJson(value[index])
    return `${text}]`
  }
  let text = '{'
  const object = value as Record<string, unknown>
  for (const key of Object.keys(object).sort()) {
    const member = object[key]
    if (member === undefined) continue
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${canonicalJson(member)}`
  }
  return `${text}}`
}

/** The first `digits` hex digits of the SHA-256 of a value's canonical JSON. */
export function hash(value: unknown, digits: number): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, digits)
}

/**
 * Hash of an object's spec, by which references and specs are compared; 32 hex digits. Whether a spec changed decides
 * whether its writer is checked, so nobody must be able to make two specs of one hash.
 */
export const specHash = (spec: unknown): string => hash(spec, 32)
