import type { z } from 'zod'
import { duplicates } from './duplicates.ts'
import { type Finding, type Findings, fieldPath } from './finding.ts'
import { API_VERSION, type KindDefinition, type Metadata } from './kind.ts'

/** What validation gives: every finding, and the spec with its defaults where there is no error. */
export interface Validation extends Findings {
  spec?: unknown
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** Validates an object of a kind: the schema and the rules beside it, every error at once with its field path. */
export function validate(definition: KindDefinition, object: unknown): Validation {
  if (!isObject(object)) return { errors: [{ path: '', message: 'must be an object' }], warnings: [] }
  const errors: Finding[] = []
  if (object.apiVersion !== API_VERSION) errors.push({ path: 'apiVersion', message: `must be ${API_VERSION}` })
  if (object.kind !== definition.kind) errors.push({ path: 'kind', message: `must be ${definition.kind}` })
  const metadata = metadataOf(object)
  if (!metadata.name && !metadata.generateName)
    errors.push({ path: 'metadata.name', message: 'is required (or metadata.generateName)' })
  const parsed = definition.spec.safeParse(object.spec)
  if (!parsed.success) errors.push(...parsed.error.issues.flatMap((issue) => findingsOf(issue, object.spec)))
  errors.push(...duplicates(definition.spec, object.spec, ['spec']))
  const rules = definition.rules?.(metadata, isObject(object.spec) ? object.spec : {})
  errors.push(...(rules?.errors ?? []))
  return { errors, warnings: rules?.warnings ?? [], spec: errors.length ? undefined : parsed.data }
}

/** Metadata whose names are strings, whatever was written. */
function metadataOf({ metadata }: Record<string, unknown>): Metadata {
  if (!isObject(metadata)) return {}
  const { name, generateName } = metadata
  return {
    ...metadata,
    name: typeof name === 'string' ? name : undefined,
    generateName: typeof generateName === 'string' ? generateName : undefined,
  }
}

function findingsOf(issue: z.core.$ZodIssue, spec: unknown): Finding[] {
  const path = fieldPath(['spec', ...issue.path])
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], spec)
  return [{ path, message: value === undefined && issue.code !== 'custom' ? 'is required' : messageOf(issue, value) }]
}

function messageOf(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}, not ${shown(value)}`
    case 'invalid_value':
      return `must be ${listed(issue.values.map(String))}, not ${shown(value)}`
    case 'too_big':
      return `must ${bound(issue.origin, 'most', issue.maximum)}`
    case 'too_small':
      return issue.minimum === 1 && (value === '' || Array.isArray(value))
        ? 'must not be empty'
        : `must ${bound(issue.origin, 'least', issue.minimum)}`
    case 'invalid_key':
      return `is no valid key: it ${messageOf(issue.issues[0] as z.core.$ZodIssue, issue.path.at(-1))}`
    case 'invalid_union':
      return `must be a number or a string such as 500m or 1Gi, not ${shown(value)}`
    case 'invalid_format':
      return `${issue.message}, not ${shown(value)}`
    default:
      return issue.message
  }
}

const TYPES: Record<string, string> = {
  int: 'a whole number',
  number: 'a whole number',
  boolean: 'true or false',
  record: 'a map',
  array: 'a list',
  object: 'an object',
}
const article = (type: string) => TYPES[type] ?? `a ${type}`
const listed = (values: string[]) =>
  values.length > 1 ? `${values.slice(0, -1).join(', ')} or ${values.at(-1)}` : (values[0] ?? '')

function bound(origin: string, which: 'most' | 'least', limit: number | bigint): string {
  if (origin === 'string') return `have at ${which} ${limit} characters`
  if (origin === 'array') return `have at ${which} ${limit} entries`
  return `be at ${which} ${limit}`
}

/** A value as it is shown in a message: short, and never a secret's length of text. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value !== null && typeof value === 'object') return 'an object'
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
