/**
 * Whether every field of `wanted` stands in `live` with the same value; `live` may have more of them (defaults, other
 * managers' fields). Lists are compared item by item: one of another length differs.
 */
export function isSubset(wanted: unknown, live: unknown): boolean {
  if (wanted === undefined) return true
  if (wanted === null || typeof wanted !== 'object') return wanted === live
  if (live === null || typeof live !== 'object') return isEmpty(wanted) && live === undefined
  if (Array.isArray(wanted))
    return (
      Array.isArray(live) && live.length === wanted.length && wanted.every((item, index) => isSubset(item, live[index]))
    )
  return Object.entries(wanted).every(([key, value]) => isSubset(value, (live as Record<string, unknown>)[key]))
}

/** The API server leaves out empty lists and maps. */
const isEmpty = (value: object) => Object.keys(value).length === 0
