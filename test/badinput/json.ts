import fc from 'fast-check'

/** A piece of JSON as it stands on the wire, for what no value gives: 3 MB, 10,000 levels, keys that stand twice. */
export class Raw {
  readonly text: string
  /** How a report shows it. */
  readonly label: string

  constructor(text: string, label = text) {
    this.text = text
    this.label = label
  }

  [fc.toStringMethod](): string {
    return this.label
  }
}

/** The JSON of a value that may hold pieces of raw text. */
export function toJson(value: unknown): string {
  const pieces: string[] = []
  const json = JSON.stringify(value, (_, member: unknown) => {
    if (!(member instanceof Raw)) return member
    pieces.push(member.text)
    return `@raw ${pieces.length - 1}@`
  })
  return json.replace(/"@raw (\d+)@"/g, (_, index: string) => pieces[Number(index)] as string)
}

/** A copy with another value at a path; `undefined` takes the member away. Members named `__proto__` are own members. */
export function changed(subject: unknown, path: readonly PropertyKey[], value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (Array.isArray(subject)) {
    const copy: unknown[] = [...subject]
    copy[Number(key)] = changed(copy[Number(key)], rest, value)
    return copy
  }
  const members = isObject(subject) ? subject : {}
  const inner = Object.hasOwn(members, key) ? members[key as string] : undefined
  return withMember(members, String(key), changed(inner, rest, value))
}

function withMember(members: Record<string, unknown>, key: string, value: unknown): Record<string, unknown> {
  const { [key]: _, ...others } = members
  return value === undefined ? others : { ...others, [key]: value }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Raw)
