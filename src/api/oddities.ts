import { type Finding, fieldPath } from './finding.ts'

/** How deep a spec may be nested; a pod's deepest field lies some 15 levels down. */
const MAX_DEPTH = 64
/** The most members of one list or object; the longest list of ours has 256. */
const MAX_MEMBERS = 1024
/** The most members in all; a ClusterAccess with everything in it has 14,400. */
const MAX_TOTAL = 50_000

/** What was found; where it is `beyondMeasure`, the rest is not worth the time that looking at it would take. */
export interface Oddities {
  findings: Finding[]
  beyondMeasure: boolean
}

/**
 * What no schema speaks of, and yet would make two different specs look the same, exhaust the stack or take the time of
 * everybody else: members named `__proto__`, over which zod passes, and nesting and lists without end.
 */
export function oddities(value: unknown, path: PropertyKey[]): Oddities {
  const found: Oddities = { findings: [], beyondMeasure: false }
  let total = 0
  const visit = (value: unknown, path: PropertyKey[]): void => {
    if (value === null || typeof value !== 'object' || total > MAX_TOTAL) return
    const count = Array.isArray(value) ? value.length : Object.keys(value).length
    total += count
    const beyond = beyondMeasure(path, count, total)
    if (beyond) {
      found.findings.push(beyond)
      found.beyondMeasure = true
    } else if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, [...path, index])
    else
      for (const [key, member] of Object.entries(value))
        if (key === '__proto__') found.findings.push({ path: fieldPath([...path, key]), message: NO_NAME })
        else visit(member, [...path, key])
  }
  visit(value, path)
  return found
}

const NO_NAME = 'is no name for a field; take another one'

function beyondMeasure(path: PropertyKey[], count: number, total: number): Finding | undefined {
  if (path.length > MAX_DEPTH)
    return { path: `${fieldPath(path.slice(0, 4))}…`, message: `is nested more than ${MAX_DEPTH} levels deep` }
  if (count > MAX_MEMBERS)
    return { path: fieldPath(path), message: `has ${count} entries; at most ${MAX_MEMBERS} are ever possible` }
  if (total > MAX_TOTAL)
    return { path: fieldPath(path.slice(0, 1)), message: `holds more than ${MAX_TOTAL} values in all` }
  return undefined
}
