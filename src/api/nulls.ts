import { type Finding, fieldPath } from './finding.ts'
import { type Fields, isFields } from './isfields.ts'

/** An object without the members that are null, and where in its spec they stood. */
export interface WithoutNulls {
  object: Fields
  nulls: Finding[]
}

/** The API server takes members that are null as left out, except where a schema leaves everything to others. */
export function withoutNulls(object: Fields): WithoutNulls {
  const nulls: Finding[] = []
  const kept = (value: unknown, path: string): unknown => {
    if (path === 'spec.podTemplate') return value
    if (Array.isArray(value)) return value.map((item, index) => kept(item, fieldPath([index], path)))
    return isFields(value) ? keptMembers(value, path) : value
  }
  const keptMembers = (fields: Fields, path: string): Fields => {
    const members: [string, unknown][] = []
    for (const [key, member] of Object.entries(fields)) {
      const at = fieldPath([key], path)
      if (member !== null) members.push([key, kept(member, at)])
      else if (at.startsWith('spec')) nulls.push({ path: at, message: 'is empty, which is the same as left out' })
    }
    return Object.fromEntries(members)
  }
  return { object: keptMembers(object, ''), nulls }
}
