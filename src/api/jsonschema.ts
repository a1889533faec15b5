import { objectSchema } from './crd.ts'
import { API_VERSION, GROUP, type KindDefinition, VERSION } from './kind.ts'
import { OBJECT_META } from './objectmeta.ts'
import type { StructuralSchema } from './structural.ts'

const DRAFT = 'http://json-schema.org/draft-07/schema#'

/** A JSON schema of draft 7, as far as ours go. */
export interface JsonSchema
  extends Omit<StructuralSchema, 'properties' | 'items' | 'additionalProperties' | 'anyOf' | `x-kubernetes-${string}`> {
  $schema?: string
  $ref?: string
  const?: string
  uniqueItems?: boolean
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  additionalProperties?: JsonSchema | false
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  if?: JsonSchema
  then?: JsonSchema
}

/** Where kubeconform and editors look for the schema of a kind: `agentjob.io/agentjob_v1alpha1.json`. */
export const schemaPath = ({ kind }: KindDefinition): string => `${GROUP}/${kind.toLowerCase()}_${VERSION}.json`

/**
 * The JSON schema of a whole object of a kind, for what checks manifests without an API server. As strict as a strict
 * API server: no field that it does not know. Rules between fields, which are in CEL, are told of in the descriptions.
 */
export function jsonSchema(kind: KindDefinition): JsonSchema {
  const { description, properties = {} } = objectSchema(kind)
  return {
    $schema: DRAFT,
    type: 'object',
    description,
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      ...converted(properties),
      apiVersion: { const: API_VERSION, description: 'Group and version of the kind.' },
      kind: { const: kind.kind, description },
      metadata: { ...convert(OBJECT_META), anyOf: [{ required: ['name'] }, { required: ['generateName'] }] },
    },
    additionalProperties: false,
  }
}

/**
 * One schema for files with objects of several kinds: each object by the schema of its kind, those of other groups by
 * none. Its references are relative to the folder above that of the group.
 */
export function anyKindSchema(kinds: KindDefinition[]): JsonSchema {
  const ours = { apiVersion: { const: API_VERSION } }
  const rule = (properties: Record<string, JsonSchema>, then: JsonSchema): JsonSchema => ({
    if: { required: Object.keys(properties), properties },
    then,
  })
  return {
    $schema: DRAFT,
    type: 'object',
    required: ['apiVersion', 'kind'],
    allOf: [
      rule(ours, { properties: { kind: { enum: kinds.map(({ kind }) => kind) } } }),
      ...kinds.map((kind) => rule({ ...ours, kind: { const: kind.kind } }, { $ref: schemaPath(kind) })),
    ],
  }
}

const converted = (properties: Record<string, StructuralSchema>): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, convert(schema)]))

function convert(schema: StructuralSchema): JsonSchema {
  if (schema['x-kubernetes-int-or-string']) return intOrString(schema)
  const { properties, items, additionalProperties, anyOf: _, format, ...rest } = schema
  const json: JsonSchema = {
    ...Object.fromEntries(Object.entries(rest).filter(([key]) => !key.startsWith('x-kubernetes-'))),
    description: described(schema),
  }
  // int32 and int64 are Kubernetes' own; their limits stand in minimum and maximum
  if (format && schema.type === 'string') json.format = format
  if (schema['x-kubernetes-list-type'] === 'set') json.uniqueItems = true
  if (items) json.items = convert(items)
  if (additionalProperties) json.additionalProperties = convert(additionalProperties)
  if (properties) {
    json.properties = converted(properties)
    if (!schema['x-kubernetes-preserve-unknown-fields']) json.additionalProperties = false
  }
  return json
}

function intOrString({ description, pattern, maxLength }: StructuralSchema): JsonSchema {
  return { description, oneOf: [{ type: 'integer' }, { type: 'string', pattern, maxLength }] }
}

function described({ description = '', 'x-kubernetes-validations': rules = [] }: StructuralSchema): string | undefined {
  const text = rules.map(({ message }) => `Rule: ${message}.`)
  return [description, ...text].filter(Boolean).join(' ') || undefined
}
