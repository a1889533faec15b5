import type { z } from 'zod'

interface Def {
  innerType?: z.ZodType
  element?: z.ZodType
  shape?: Record<string, z.ZodType>
}

/** The paths of the leaves of a schema: `spec.env[].name`. What a schema does not describe further is a leaf. */
export function leavesOf(schema: z.ZodType, path: string): string[] {
  const { innerType, element, shape } = schema._zod.def as unknown as Def
  if (innerType) return leavesOf(innerType, path)
  if (element) return leavesOf(element, `${path}[]`)
  if (!shape) return [path]
  return Object.entries(shape).flatMap(([key, member]) => leavesOf(member, `${path}.${key}`))
}

/** The same paths, as far as a value sets them, and those of everything above them. */
export function pathsIn(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((item) => pathsIn(item, `${path}[]`))]
  if (value === null || typeof value !== 'object') return [path]
  return [path, ...Object.entries(value).flatMap(([key, member]) => pathsIn(member, `${path}.${key}`))]
}
