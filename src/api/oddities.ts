import { type Finding, fieldPath } from './finding.ts'

/** How deep a spec may be nested; a pod's deepest field lies some 15 levels down. */
const MAX_DEPTH = 64

/**
 * What no schema speaks of, and yet would make two different specs look the same or exhaust the stack: members named
 * `__proto__`, over which zod passes, and nesting without end.
 */
export function oddities(value: unknown, path: PropertyKey[]): Finding[] {
  if (value === null || typeof value !== 'object') return []
  if (path.length > MAX_DEPTH)
    return [{ path: `${fieldPath(path.slice(0, 4))}…`, message: `is nested more than ${MAX_DEPTH} levels deep` }]
  if (Array.isArray(value)) return value.flatMap((item, index) => oddities(item, [...path, index]))
  return Object.keys(value).flatMap((key) => {
    const at = [...path, key]
    if (key === '__proto__') return [{ path: fieldPath(at), message: 'is no name for a field; take another one' }]
    return oddities((value as Record<string, unknown>)[key], at)
  })
}
