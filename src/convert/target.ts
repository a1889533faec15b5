import { fieldPath, parseFieldPath } from '../api/finding.ts'
import { type Fields, isFields } from '../api/isfields.ts'
import { kindOf } from '../api/kinds.ts'
import { unknownFields } from '../api/unknownfields.ts'
import { validate } from '../api/validate.ts'
import type { Fates } from './fates.ts'
import type { Note } from './note.ts'
import type { Traces } from './reader.ts'

/** An object of ours as far as it is valid, and what had to be said of it at the fields that it comes from. */
export interface Target {
  object?: Fields
  notes: Note[]
}

/**
 * Looks at an object that was made: what our schema does not have is taken out of it and reported as dropped; where it
 * is not valid then, there is none, and every error is told.
 */
export function target(made: Fields, foreign: Fields, fates: Fates, traces: Traces): Target {
  const definition = kindOf(String(made.kind))
  if (!definition) return { notes: [{ severity: 'error', path: '', message: `there is no kind ${made.kind} here` }] }
  const back = (path: string) => foreignPath(path, { made, foreign, fates, traces })
  const unknown = unknownFields(definition, made).map(({ path }) => path)
  const notes = unknown.map((path): Note => {
    const message = `${made.kind} has no field ${path}; nothing is made of it`
    return { severity: 'dropped', path: back(path), message }
  })
  const object = unknown.reduce((kept, path) => without(kept, parseFieldPath(path)) as Fields, made)
  const { errors } = validate(definition, object)
  for (const { path, message } of errors) {
    const at = back(path)
    const where = at === path ? '' : ` (${path === '' ? made.kind : `${path} of the ${made.kind}`})`
    notes.push({ severity: 'error', path: at, message: `${message}${where}` })
  }
  return errors.length ? { notes } : { object, notes }
}

/** A value without what stands at a path; the lists around it keep their length. */
function without(value: unknown, [key, ...rest]: (string | number)[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? without(item, rest) : item))
  if (!isFields(value)) return value
  const kept = Object.entries(value).filter(([name]) => rest.length || name !== key)
  return Object.fromEntries(kept.map(([name, member]) => [name, name === key ? without(member, rest) : member]))
}

interface Origin {
  made: Fields
  foreign: Fields
  fates: Fates
  traces: Traces
}

/** The field of the foreign object that a field of ours comes from, as nearly as that is known. */
function foreignPath(path: string, { made, foreign, fates, traces }: Origin): string {
  const segments = parseFieldPath(path)
  let base = ''
  let value: unknown = made
  for (const segment of segments) {
    value = isFields(value) || Array.isArray(value) ? (value as Fields)[segment] : undefined
    if (value !== null && typeof value === 'object') base = traces.origins.get(value) ?? base
  }
  const basePattern = patternOf(base)
  for (let length = segments.length; length > 0; length--) {
    const ours = patternOf(fieldPath(segments.slice(0, length)))
    const rows = Object.entries(fates).filter(([, fate]) => 'to' in fate && fate.to === ours)
    const candidates = rows
      .map(([row]) => row)
      .filter((row) => basePattern === '' || row === basePattern || row.startsWith(`${basePattern}.`))
      .map((row) => base + row.slice(basePattern.length))
      .filter((candidate) => !candidate.includes('[]'))
    const found = candidates.find((candidate) => stands(foreign, candidate))
    const missing = candidates.find((candidate) => stands(foreign, fieldPath(parseFieldPath(candidate).slice(0, -1))))
    if (found === undefined && length === segments.length && missing !== undefined) return missing
    if (found) return deepest(foreign, found, segments.slice(length))
  }
  if (base !== '') return base
  const around = segments.map((_, index) => fieldPath(segments.slice(0, segments.length - index)))
  return around.find((candidate) => stands(foreign, candidate)) ?? ''
}

const patternOf = (path: string) => path.replace(/\[\d+\]/g, '[]')

const at = (object: unknown, segments: readonly (string | number)[]): unknown =>
  segments.reduce<unknown>(
    (value, segment) => (value !== null && typeof value === 'object' ? (value as Fields)[segment] : undefined),
    object,
  )

const stands = (object: Fields, path: string): boolean => at(object, parseFieldPath(path)) !== undefined

/** The path, and as much of what follows as there is. */
function deepest(object: Fields, path: string, rest: readonly (string | number)[]): string {
  const segments = [...parseFieldPath(path)]
  for (const segment of rest) {
    if (at(object, [...segments, segment]) === undefined) break
    segments.push(segment)
  }
  return fieldPath(segments)
}
