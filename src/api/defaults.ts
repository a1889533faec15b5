import type { z } from 'zod'
import { canonicalJson } from './hash.ts'

// zod's own introspection; the shape is documented at zod.dev/packages/core
interface Def {
  type: string
  innerType?: z.ZodType
  defaultValue?: unknown
  shape?: Record<string, z.ZodType>
}
const defOf = (schema: z.ZodType): Def => schema._zod.def as unknown as Def

/**
 * A value as its user meant it: members that equal their schema's default, empty lists, empty objects and undefined
 * members are left out, at every level that the schema describes. Two specs that mean the same give the same result,
 * and a default that a later version adds changes nothing.
 */
export function withoutDefaults(schema: z.ZodType, value: unknown): unknown {
  const def = defOf(schema)
  if (def.innerType) {
    const inner = withoutDefaults(def.innerType, value)
    return def.type === 'default' && equal(inner, def.defaultValue) ? undefined : inner
  }
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.length ? value : undefined
  const kept = def.shape ? membersWithoutDefaults(def.shape, value as Record<string, unknown>) : value
  return Object.keys(kept).length ? kept : undefined
}

function membersWithoutDefaults(shape: Record<string, z.ZodType>, value: Record<string, unknown>) {
  const kept: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const schema = Object.hasOwn(shape, key) ? shape[key] : undefined
    const meant = schema ? withoutDefaults(schema, value[key]) : value[key]
    if (meant !== undefined) kept[key] = meant
  }
  return kept
}

const equal = (value: unknown, other: unknown) =>
  value === other || (typeof value === 'object' && canonicalJson(value) === canonicalJson(other))
