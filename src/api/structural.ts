import { z } from 'zod'

/** An OpenAPI v3 schema as a CustomResourceDefinition takes it. */
export interface StructuralSchema {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  description?: string
  format?: string
  default?: unknown
  enum?: unknown[]
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  maxProperties?: number
  required?: string[]
  properties?: Record<string, StructuralSchema>
  items?: StructuralSchema
  additionalProperties?: StructuralSchema
  anyOf?: StructuralSchema[]
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-map-type'?: 'atomic' | 'granular'
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-validations'?: { rule: string; message: string }[]
}

const INT32 = 2147483647

/**
 * The structural schema of a zod schema, for what people write: fields with a default may be left out. What zod knows and
 * a schema can't say (refinements) is left out too, unless `.meta()` says it with `x-kubernetes-validations`.
 * Throws for a union, which is never structural: optional fields and a rule say the same.
 */
export function structural(schema: z.ZodType): StructuralSchema {
  const json = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) as StructuralSchema
  return mend(json, [])
}

function mend(schema: StructuralSchema, path: string[]): StructuralSchema {
  const { properties = {}, items, additionalProperties } = schema
  for (const [name, property] of Object.entries(properties)) mend(property, [...path, name])
  if (items) mend(items, [...path, '[]'])
  if (additionalProperties) mendMap(schema, additionalProperties, path)
  if (schema.anyOf) mendIntOrString(schema, path)
  if (schema.type === 'integer') mendInteger(schema)
  return schema
}

/** A map of values that nobody knows would lose them: the API server prunes. */
function mendMap(schema: StructuralSchema, values: StructuralSchema, path: string[]): void {
  if (Object.keys(values).length > 0) mend(values, [...path, '{}'])
  else {
    delete schema.additionalProperties
    schema['x-kubernetes-preserve-unknown-fields'] = true
  }
}

/** The one form of a union that the API server takes has bare types, and the limits beside them. */
function mendIntOrString(schema: StructuralSchema, path: string[]): void {
  if (!schema['x-kubernetes-int-or-string'])
    throw new Error(
      `${path.join('.')}: a union is not structural; write optional fields and a rule that one of them is set`,
    )
  const text = schema.anyOf?.find(({ type }) => type === 'string')
  const number = schema.anyOf?.find(({ type }) => type === 'integer')
  schema.anyOf = [{ type: 'integer' }, { type: 'string' }]
  schema.pattern = text?.pattern
  schema.maxLength = text?.maxLength
  if (number?.maximum === undefined || number.maximum === Number.MAX_SAFE_INTEGER) return
  schema.minimum = number.minimum
  schema.maximum = number.maximum
}

/** zod says what JavaScript's integers can hold; Kubernetes says it by the format. */
function mendInteger(schema: StructuralSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  schema.format = (schema.maximum ?? Number.POSITIVE_INFINITY) <= INT32 ? 'int32' : 'int64'
}
