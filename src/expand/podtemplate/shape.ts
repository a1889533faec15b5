import { type Fields, isFields } from '../../api/isfields.ts'

export { type Fields, isFields } from '../../api/isfields.ts'

/** Says what is wrong with a field, and what would be right. */
export type Refuse = (path: string, message: string) => void

const isList = (value: unknown): value is Fields[] => Array.isArray(value) && value.every(isFields)

const isText = (value: unknown) => typeof value === 'string'

const SHAPES = {
  text: { is: isText, article: 'a string' },
  number: { is: Number.isSafeInteger, article: 'a whole number' },
  boolean: { is: (value: unknown) => typeof value === 'boolean', article: 'true or false' },
  map: { is: isFields, article: 'an object' },
  texts: { is: (value: unknown) => Array.isArray(value) && value.every(isText), article: 'a list of strings' },
  list: { is: isList, article: 'a list of objects' },
}

/** What a field of a podTemplate looks like from outside; what is inside of it is the API server's business. */
export type Shape = keyof typeof SHAPES

/** Whether a value has a shape; says so where it does not. A null takes something away, so it is none of the shapes. */
export function hasShape(value: unknown, shape: Shape, path: string, refuse: Refuse): boolean {
  if (SHAPES[shape].is(value)) return true
  refuse(path, `must be ${SHAPES[shape].article}`)
  return false
}

/** Whether a field is one that may be set; says where it has its place, or what may be set, where it is not. */
export function allowed(
  key: string,
  fields: Record<string, unknown>,
  elsewhere: Record<string, string>,
  path: string,
  refuse: Refuse,
): boolean {
  if (Object.hasOwn(fields, key)) return true
  const place = Object.hasOwn(elsewhere, key) ? elsewhere[key] : undefined
  refuse(path, place ?? `cannot be set; allowed here: ${Object.keys(fields).join(', ')}`)
  return false
}

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** Whether a value is the name of a container or a volume (RFC 1123 label); says so where it is not. */
export function isLabel(value: unknown, path: string, refuse: Refuse): value is string {
  if (typeof value === 'string' && value.length <= 63 && LABEL.test(value)) return true
  refuse(path, 'must be a name of at most 63 lower case letters, digits and "-"')
  return false
}
