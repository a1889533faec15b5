import { hash as digestOf } from 'node:crypto'

/**
 * JSON with the keys of every object sorted and members that are undefined left out: equal values give equal text
 * (RFC 8785 for what Kubernetes objects hold). The depth is for its own use.
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (depth > MAX_DEPTH) return deepJson(value)
  if (Array.isArray(value)) {
    let text = '['
    for (let index = 0; index < value.length; index++)
      text += (index ? ',' : '') + canonicalJson(value[index], depth + 1)
    return `${text}]`
  }
  let text = '{'
  const object = value as Record<string, unknown>
  for (const key of Object.keys(object).sort()) {
    const member = object[key]
    if (member === undefined) continue
    text += `${text.length > 1 ? ',' : ''}${memberText(key, member, depth + 1)}`
  }
  return `${text}}`
}

/** A member in the canonical JSON of an object. */
const memberText = (key: string, value: unknown, depth: number) => `${quoted(key)}:${canonicalJson(value, depth)}`

/** The hash of an object, and that of the object without some of its members, for little more than one of them. */
export function hashesWithAndWithout(
  object: Record<string, unknown>,
  without: (key: string) => boolean,
  digits: { with: number; without: number },
): { with: string; without: string } {
  const members = Object.keys(object)
    .sort()
    .filter((key) => object[key] !== undefined)
    .map((key) => ({ key, text: memberText(key, object[key], 1) }))
  const textOf = (some: typeof members) => `{${some.map(({ text }) => text).join(',')}}`
  return {
    with: hashOfText(textOf(members), digits.with),
    without: hashOfText(textOf(members.filter(({ key }) => !without(key))), digits.without),
  }
}

/** A member's name in JSON; most are words, which need no escapes. */
const quoted = (key: string) => (/^[\w./-]*$/.test(key) ? `"${key}"` : JSON.stringify(key))

/** No sound object is nested as deep; the API server takes 10,000 levels, which are more than some stacks hold. */
const MAX_DEPTH = 100

/** The same without a stack, and slower: what is still to be written lies in a list, the next last. */
function deepJson(root: unknown): string {
  let text = ''
  const rest: { before: string; value?: unknown }[] = [{ before: '', value: root }]
  for (let next = rest.pop(); next; next = rest.pop()) {
    const { before, value } = next
    text += before
    if (value === null || typeof value !== 'object') text += value === undefined ? '' : JSON.stringify(value)
    else {
      const [open, close] = Array.isArray(value) ? '[]' : '{}'
      text += open
      rest.push({ before: close as string }, ...membersOf(value).reverse())
    }
  }
  return text
}

function membersOf(value: object): { before: string; value: unknown }[] {
  if (Array.isArray(value)) return value.map((item, index) => ({ before: index ? ',' : '', value: item ?? null }))
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return members
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member], index) => ({ before: `${index ? ',' : ''}${JSON.stringify(key)}:`, value: member }))
}

/** The first `digits` hex digits of the SHA-256 of a value's canonical JSON. */
export const hash = (value: unknown, digits: number): string => hashOfText(canonicalJson(value), digits)

const hashOfText = (text: string, digits: number): string => digestOf('sha256', text, 'hex').slice(0, digits)

/**
 * Hash of an object's spec, by which references and specs are compared; 32 hex digits. Whether a spec changed decides
 * whether its writer is checked, so nobody must be able to make two specs of one hash.
 */
export const specHash = (spec: unknown): string => hash(spec, SPEC_DIGITS)

/** How long such a hash is. */
export const SPEC_DIGITS = 32
