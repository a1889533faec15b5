import type { z } from 'zod'
import { type Finding, fieldPath, shortened } from './finding.ts'

interface Def {
  innerType?: z.ZodType
  element?: z.ZodType
  shape?: Record<string, z.ZodType>
}

/**
 * Items that stand twice in a list of which the schema says that it is a set or a map (`x-kubernetes-list-type`). The
 * API server refuses them, too, but not offline. The value may be of any shape.
 */
export function duplicates(schema: z.ZodType, value: unknown, path: PropertyKey[]): Finding[] {
  const { innerType, element, shape } = schema._zod.def as unknown as Def
  const own = Array.isArray(value) ? repeated(schema, value, path) : []
  if (innerType) return [...own, ...duplicates(innerType, value, path)]
  if (element && Array.isArray(value))
    return [...own, ...value.flatMap((item, index) => duplicates(element, item, [...path, index]))]
  if (!shape || value === null || typeof value !== 'object') return own
  return Object.entries(value).flatMap(([key, member]) => {
    const schemaOfMember = Object.hasOwn(shape, key) ? shape[key] : undefined
    return schemaOfMember ? duplicates(schemaOfMember, member, [...path, key]) : []
  })
}

function repeated(schema: z.ZodType, list: unknown[], path: PropertyKey[]): Finding[] {
  const meta = schema.meta()
  const type = meta?.['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return []
  const [key] = (meta?.['x-kubernetes-list-map-keys'] ?? []) as string[]
  const seen = new Set<unknown>()
  return list.flatMap((item, index): Finding[] => {
    const name = key === undefined ? item : (item as Record<string, unknown> | null | undefined)?.[key]
    const isScalar = typeof name === 'string' || (key === undefined && typeof name === 'number')
    if (!isScalar || !seen.has(name)) {
      seen.add(name)
      return []
    }
    const at = key === undefined ? [...path, index] : [...path, index, key]
    return [{ path: fieldPath(at), message: `${shortened(String(name))} stands here twice; remove one of them` }]
  })
}
