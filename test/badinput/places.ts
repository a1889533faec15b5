import type { z } from 'zod'
import { isObject } from './json.ts'

/** What the schema of a place says; of zod's own definition as much as is needed here. */
export interface Definition {
  type: string
  innerType?: z.ZodType
  element?: z.ZodType
  shape?: Record<string, z.ZodType>
  valueType?: z.ZodType
  entries?: Record<string, string>
  /** Shortest text or list, least number. */
  minimum?: number
  maximum?: number
  pattern?: RegExp
  /** Of lists whose items may not stand there twice: by themselves, or by this member. */
  distinct?: 'items' | { by: string }
  /** Of maps. */
  maxProperties?: number
}

/** A field of an object where something can be broken; also one that is not there and could be. */
export interface Place {
  path: PropertyKey[]
  schema: z.ZodType
  definition: Definition
  /** undefined where it is not there. */
  value: unknown
  required: boolean
}

/** Every place of a value, by its schema: the value itself first. */
export function placesOf(schema: z.ZodType, value: unknown, path: PropertyKey[], required = true): Place[] {
  const definition = definitionOf(schema)
  const here = { path, schema: innermost(schema), definition, value, required }
  if (definition.shape && (isObject(value) || value === undefined))
    return [
      here,
      ...Object.entries(definition.shape).flatMap(([key, member]) =>
        value === undefined
          ? []
          : placesOf(member, Object.hasOwn(value, key) ? value[key] : undefined, [...path, key], isRequired(member)),
      ),
    ]
  if (definition.element && Array.isArray(value))
    return [here, ...value.flatMap((item, index) => placesOf(definition.element as z.ZodType, item, [...path, index]))]
  // of podTemplate and affinity no schema speaks
  if (definition.type === 'record' && definition.maxProperties !== undefined && isObject(value))
    return [
      here,
      ...Object.entries(value).flatMap(([key, item]) =>
        placesOf(definition.valueType as z.ZodType, item, [...path, key], false),
      ),
    ]
  return [here]
}

interface Wrapper {
  type: string
  innerType?: z.ZodType
}
const wrapperOf = (schema: z.ZodType) => schema._zod.def as unknown as Wrapper

const innermost = (schema: z.ZodType): z.ZodType => {
  const { innerType } = wrapperOf(schema)
  return innerType ? innermost(innerType) : schema
}

const isRequired = (schema: z.ZodType) => !['optional', 'default'].includes(wrapperOf(schema).type)

interface Check {
  check: string
  minimum?: number
  maximum?: number
  value?: number
  pattern?: RegExp
}

function definitionOf(schema: z.ZodType): Definition {
  const inner = innermost(schema)
  const definition = inner._zod.def as unknown as Definition & { checks?: { _zod: { def: Check } }[] }
  const { checks = [], ...rest } = definition
  const limits: Partial<Definition> = {}
  for (const { check, minimum, maximum, value, pattern } of checks.map((one) => one._zod.def)) {
    limits.minimum ??= minimum ?? (check === 'greater_than' ? value : undefined)
    limits.maximum ??= maximum ?? (check === 'less_than' ? value : undefined)
    limits.pattern ??= pattern
  }
  const meta = { ...inner.meta(), ...schema.meta() }
  const [by] = (meta['x-kubernetes-list-map-keys'] ?? []) as string[]
  const type = meta['x-kubernetes-list-type']
  const distinct = type === 'set' ? 'items' : type === 'map' && by ? { by } : undefined
  return { ...rest, ...limits, distinct, maxProperties: meta.maxProperties as number | undefined }
}
