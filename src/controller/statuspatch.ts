type Fields = Record<string, unknown>

/** A merge patch that makes of one object the other: what is gone is set to null, lists are taken whole. */
export function mergePatchOf(before: object, after: object): Fields {
  const gone = Object.keys(before).filter((field) => !Object.hasOwn(after, field))
  const members = Object.entries(after).map(([field, value]) => {
    const was = (before as Fields)[field]
    return [field, isObject(was) && isObject(value) ? mergePatchOf(was, value) : value]
  })
  return { ...Object.fromEntries(gone.map((field) => [field, null])), ...Object.fromEntries(members) }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
