import { Environment } from '@marcbachmann/cel-js'
import { objectSchema } from '../api/crd.ts'
import { type Finding, fieldPath } from '../api/finding.ts'
import { isFields } from '../api/isfields.ts'
import type { StructuralSchema } from '../api/structural.ts'
import type { CheckedObject } from './objects.ts'

/*
 * The rules between fields as the API server has them: the CEL of the CRDs, evaluated here. Loaded by `agentjob validate`
 * alone; docs/adr/0011-cel.md says why. Rules that compare with an earlier object need one, and are left out.
 */

interface Rule {
  rule: string
  message: string
}

const environment = new Environment().registerVariable('self', 'dyn')
const programs = new Map<string, ReturnType<Environment['parse']>>()

/** Adds to the errors of objects what the rules of their CRDs say and nobody has said of them. */
export function addCelErrors(objects: CheckedObject[]): void {
  for (const { definition, object, errors } of objects)
    if (definition) errors.push(...celErrors(objectSchema(definition), object, errors))
}

/**
 * What the rules of a schema say of an object that `told` was said of already. As on the API server, no rule is looked at
 * where a field that it may read is wrong by itself.
 */
export function celErrors(schema: StructuralSchema, object: unknown, told: readonly Finding[]): Finding[] {
  const rules = rulesIn(schema)
  const wrong = told.filter(({ message }) => !rules.has(message)).map(({ path }) => path)
  const isNew = (one: Finding) => !told.some(({ path, message }) => path === one.path && message === one.message)
  return errorsAt(schema, seen(schema, object), [], wrong).filter(isNew)
}

function errorsAt(schema: StructuralSchema, value: unknown, path: PropertyKey[], wrong: string[]): Finding[] {
  if (value === undefined) return []
  const at = fieldPath(path)
  const sound = !wrong.some((field) => field === at || !at || field.startsWith(`${at}.`) || field.startsWith(`${at}[`))
  const own = sound ? (schema['x-kubernetes-validations'] ?? []) : []
  return [
    ...own.flatMap((rule) => broken(rule, value).map((message) => ({ path: at, message }))),
    ...membersOf(schema, value).flatMap(([key, inner, member]) => errorsAt(inner, member, [...path, key], wrong)),
  ]
}

/** What a value is made of, each part with its schema. */
function membersOf(schema: StructuralSchema, value: unknown): [PropertyKey, StructuralSchema, unknown][] {
  const { properties = {}, items, additionalProperties } = schema
  if (Array.isArray(value)) return items ? value.map((item, index) => [index, items, item]) : []
  if (value instanceof Map)
    return additionalProperties ? [...value].map(([key, member]) => [key, additionalProperties, member]) : []
  if (!isFields(value)) return []
  return Object.entries(properties).map(([key, inner]) => [key, inner, value[key]])
}

/** What is said where a rule does not hold, or cannot be evaluated. */
function broken({ rule, message }: Rule, self: unknown): string[] {
  if (/\boldSelf\b/.test(rule)) return []
  const program = programs.get(rule) ?? environment.parse(rule)
  programs.set(rule, program)
  try {
    return program({ self }) === true ? [] : [message]
  } catch (error) {
    const [why] = (error as Error).message.split('\n')
    return [`${why} evaluating rule: ${message}`]
  }
}

/** A value as rules see it: of the fields that the schema knows, with its defaults, whole numbers as such. */
function seen(schema: StructuralSchema, value: unknown): unknown {
  const { properties, items, additionalProperties } = schema
  if (value === undefined) return schema.default === undefined ? undefined : seen(schema, schema.default)
  if (Array.isArray(value)) return items ? value.map((item) => seen(items, item)) : value
  if (Number.isInteger(value) && schema.type !== 'number') return BigInt(value as number)
  if (!isFields(value)) return value
  if (additionalProperties)
    return new Map(Object.entries(value).map(([key, member]) => [key, seen(additionalProperties, member)]))
  if (!properties) return value
  const members = Object.entries(properties).map(([key, inner]) => {
    return [key, seen(inner, Object.hasOwn(value, key) ? value[key] : undefined)]
  })
  return Object.fromEntries(members.filter(([, member]) => member !== undefined))
}

/** The messages of all rules of a schema. */
function rulesIn({ properties = {}, items, additionalProperties, ...own }: StructuralSchema): Set<string> {
  const inner = [...Object.values(properties), items, additionalProperties].filter((one) => one !== undefined)
  const messages = (own['x-kubernetes-validations'] ?? []).map(({ message }) => message)
  return new Set([...messages, ...inner.flatMap((one) => [...rulesIn(one)])])
}
