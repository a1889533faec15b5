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
    return def.type === 'default' && canonicalJson(inner) === canonicalJson(def.defaultValue) ? undefined : inner
  }
  if (Array.isArray(value)) return value.length ? value : undefined
  if (!def.shape || value === null || typeof value !== 'object') return value
  const kept: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    const memberSchema = Object.hasOwn(def.shape, key) ? def.shape[key] : undefined
    const meant = memberSchema ? withoutDefaults(memberSchema, member) : member
    if (meant !== undefined) kept[key] = meant
  }
  return Object.keys(kept).length ? kept : undefined
}
