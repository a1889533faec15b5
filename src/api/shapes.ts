import type { z } from 'zod'

interface Def {
  type: string
  innerType?: z.ZodType
  element?: z.ZodType
  shape?: Record<string, z.ZodType>
  valueType?: z.ZodType
}
const defOf = (schema: z.ZodType) => schema._zod.def as unknown as Def

/** The schema of a field below another one, by the field's path; undefined where there is none. */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  const { innerType, element, shape, valueType } = defOf(schema)
  if (innerType) return schemaAt(innerType, path)
  const [key, ...rest] = path
  if (key === undefined) return schema
  const member = shape && Object.hasOwn(shape, key) ? shape[key as string] : undefined
  const inner = member ?? (typeof key === 'number' ? element : valueType)
  return inner && schemaAt(inner, rest)
}

/** The names of the members of an object below a schema, by its path; none where there is no such object. */
export function membersAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const found = schemaAt(schema, path)
  return Object.keys((found && defOf(found).shape) ?? {})
}

/** What a schema of an object or a list takes, in words: `an object (name, key)`, `a list of strings`. */
export function shapeOf(schema: z.ZodType): string | undefined {
  const { innerType, element, shape } = defOf(schema)
  if (innerType) return shapeOf(innerType)
  if (shape) return `an object ${membersOf(shape)}`
  if (!element) return undefined
  const { shape: ofItems, type } = defOf(element)
  if (ofItems) return `a list of objects ${membersOf(ofItems)}`
  return `a list of ${ITEMS[type] ?? 'strings'}`
}

const ITEMS: Record<string, string> = {
  union: 'whole numbers and strings',
  number: 'whole numbers',
  record: 'objects',
}

/** More members than these, and a message names those only that are required. */
const FEW = 5

function membersOf(shape: Record<string, z.ZodType>): string {
  const all = Object.keys(shape)
  const required = all.filter((name) => isRequired(shape[name] as z.ZodType))
  // where none has to be there, all of them may be what was meant
  const names = all.length > FEW && required.length ? required : all
  return `(${[...names, ...(names.length < all.length ? ['…'] : [])].join(', ')})`
}

/** Whether a member must be there: it is neither optional nor has a default. */
export const isRequired = (schema: z.ZodType): boolean => !['optional', 'default'].includes(defOf(schema).type)
