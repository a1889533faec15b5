import type { z } from 'zod'
import { duplicates } from './duplicates.ts'
import { type Finding, type Findings, fieldPath } from './finding.ts'
import { isFields } from './isfields.ts'
import { API_VERSION, type KindDefinition, type Metadata } from './kind.ts'
import { messageOf } from './messages.ts'
import { nameErrors } from './names.ts'
import { oddities } from './oddities.ts'
import { schemaAt, shapeOf } from './shapes.ts'

/** What validation gives: every finding, and the spec with its defaults where there is no error. */
export interface Validation extends Findings {
  spec?: unknown
}

/** Validates an object of a kind: the schema and the rules beside it, every error at once with its field path. */
export function validate(definition: KindDefinition, object: unknown): Validation {
  if (!isFields(object)) return { errors: [{ path: '', message: 'must be an object' }], warnings: [] }
  const errors: Finding[] = []
  if (object.apiVersion !== API_VERSION) errors.push({ path: 'apiVersion', message: `must be ${API_VERSION}` })
  if (object.kind !== definition.kind) errors.push({ path: 'kind', message: `must be ${definition.kind}` })
  const metadata = metadataOf(object)
  if (!metadata.name && !metadata.generateName)
    errors.push({ path: 'metadata.name', message: 'is required (or metadata.generateName)' })
  errors.push(...nameErrors(metadata))
  const odd = oddities(object.spec, ['spec'])
  if (odd.beyondMeasure) return { errors: [...errors, ...odd.findings], warnings: [] }
  const parsed = definition.spec.safeParse(object.spec)
  if (!parsed.success) errors.push(...parsed.error.issues.map((issue) => findingOf(issue, definition, object.spec)))
  errors.push(...odd.findings, ...duplicates(definition.spec, object.spec, ['spec']))
  const rules = definition.rules?.(metadata, isFields(object.spec) ? object.spec : {})
  errors.push(...(rules?.errors ?? []))
  return { errors, warnings: rules?.warnings ?? [], spec: errors.length ? undefined : parsed.data }
}

/** Metadata whose names are strings, whatever was written. */
function metadataOf({ metadata }: Record<string, unknown>): Metadata {
  if (!isFields(metadata)) return {}
  const { name, generateName } = metadata
  return {
    ...metadata,
    name: typeof name === 'string' ? name : undefined,
    generateName: typeof generateName === 'string' ? generateName : undefined,
  }
}

function findingOf(issue: z.core.$ZodIssue, definition: KindDefinition, spec: unknown): Finding {
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], spec)
  const schema = schemaAt(definition.spec, issue.path)
  return { path: fieldPath(['spec', ...issue.path]), message: messageOf(issue, value, schema && shapeOf(schema)) }
}
