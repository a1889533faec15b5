import { type Fields, isFields } from '../api/isfields.ts'

/** A merge patch that makes of one object the other: what is gone is set to null, lists are taken whole. */
export function mergePatchOf(before: object, after: object): Fields {
  const gone = Object.keys(before).filter((field) => !Object.hasOwn(after, field))
  const members = Object.entries(after).map(([field, value]) => {
    const was = (before as Fields)[field]
    return [field, isFields(was) && isFields(value) ? mergePatchOf(was, value) : value]
  })
  return { ...Object.fromEntries(gone.map((field) => [field, null])), ...Object.fromEntries(members) }
}
