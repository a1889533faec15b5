import { Raw } from './json.ts'
import type { Place } from './places.ts'
import { numberBreaks, textBreaks } from './textbreaks.ts'
import { type Break, refusal } from './want.ts'

/** Everything that can be wrong with a place, by its schema. */
export function breaksOf(place: Place): Break[] {
  const { path, definition, required } = place
  const breaks: Break[] = []
  const add = (what: string, value: unknown, right: RegExp) =>
    breaks.push({ what, at: path, value, want: refusal(path, right) })
  if (required && typeof path.at(-1) !== 'number') add('missing', undefined, /^is required$/)
  for (const [what, value] of OTHER_TYPES)
    if (!takes(definition.type, value)) add(`${what} in its place`, value, rightOf(place))
  if (definition.type !== 'record')
    for (const [what, value, right] of MONSTERS) add(what, value, right ?? rightOf(place))
  return [...breaks, ...(BREAKS[definition.type]?.(place) ?? [])]
}

const BREAKS: Record<string, (place: Place) => Break[]> = {
  string: textBreaks,
  number: numberBreaks,
  enum: wordBreaks,
  union: quantityBreaks,
  array: listBreaks,
  record: mapBreaks,
  object: objectBreaks,
}

const OTHER_TYPES: [string, unknown][] = [
  ['null', null],
  ['a boolean', true],
  ['a number', 7],
  ['a text', 'text'],
  ['a list', []],
  ['a list of lists', [[]]],
  ['an object', {}],
]

const isMap = (value: unknown) => value !== null && typeof value === 'object' && !Array.isArray(value)
const TAKES: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  union: (value) => typeof value === 'number',
  array: (value) => Array.isArray(value),
  record: isMap,
  object: isMap,
}
const takes = (type: string, value: unknown) => TAKES[type]?.(value) ?? false

const LEVELS = 10_000
const deep = (open: string, close: string) =>
  new Raw(`${open.repeat(LEVELS)}1${close.repeat(LEVELS)}`, `${open} × ${LEVELS}`)

/** Values that are wrong wherever they stand. */
const MONSTERS: [string, Raw, RegExp?][] = [
  ['10,000 lists in each other', deep('[', ']'), /^is nested more than 64 levels deep$/],
  ['10,000 objects in each other', deep('{"a":', '}'), /^is nested more than 64 levels deep$/],
  ['a list of 300,000', new Raw(`[${'0,'.repeat(300_000)}0]`, '[0, …] × 300,001'), /^has 300001 entries; at most/],
  ['a number beyond all numbers', new Raw('1e999')],
]

/** What a message must say of a value of another type. */
function rightOf({ definition }: Place): RegExp {
  const words = Object.values(definition.entries ?? {}).join('(, | or )')
  const types: Record<string, RegExp> = {
    string: /^must be a string, not /,
    enum: new RegExp(`^must be ${words}, not `),
    number: /^must be a whole number, not /,
    boolean: /^must be true or false, not /,
    union:
      /^must be ((a whole number or a string|a quantity) such as 500m or 1Gi|an exit code from 1 to 255, OOMKilled or DisruptionTarget), not /,
    array: /^must be a list of (whole numbers and strings|strings|objects \(.+\)), not /,
    record: /^must be a map, not /,
    object: /^must be an object \(.+\), not /,
  }
  return types[definition.type] as RegExp
}

function wordBreaks(place: Place): Break[] {
  const words = ['', 'Nothing like it', 'constructor', '__proto__', 'NaN']
  return words.map((value) => ({
    what: 'another word',
    at: place.path,
    value,
    want: refusal(place.path, rightOf(place)),
  }))
}

function quantityBreaks({ path }: Place): Break[] {
  const values = [-1, 0.5, '512mb', '1 GB', '', 'NaN', 'Infinity', '0x10', '1Gi\n', '٣', '1'.repeat(33)]
  return values.map((value) => ({ what: 'no quantity', at: path, value, want: refusal(path, /^must (be|have) /) }))
}

function listBreaks({ path, definition, value }: Place): Break[] {
  const { maximum, minimum = 0, distinct } = definition
  const list = Array.isArray(value) ? value : []
  const breaks: Break[] = []
  const add = (what: string, given: unknown, at: PropertyKey[], right: RegExp) =>
    breaks.push({ what, at: path, value: given, want: refusal(at, right) })
  if (minimum > 0) add('an empty list', [], path, /^must not be empty$/)
  if (list.length && maximum !== undefined)
    add('too many', Array(maximum + 1).fill(list[0]), path, new RegExp(`^must have at most ${maximum} entries$`))
  if (list.length && distinct) {
    const second = distinct === 'items' ? [...path, 1] : [...path, 1, distinct.by]
    add('one of them twice', [list[0], ...list], second, /stands here twice; remove one of them$/)
  }
  return breaks
}

function mapBreaks({ path, definition, value }: Place): Break[] {
  // podTemplate and affinity, of which no schema speaks
  if (definition.maxProperties === undefined) return []
  const isText = definition.valueType?._zod.def.type === 'string'
  const entry = isText ? 'one' : 1
  const keys = ['', 'a b', 'x'.repeat(254), '💥', ...(isText ? ['/a', 'A b/c', 'a/b/c'] : ['Memory', 'ram'])]
  const breaks = keys.map((key): Break => {
    const at = [...path, key]
    return { what: 'a key that is none', at, value: entry, want: refusal(at, /^is no valid key: it must /) }
  })
  const at = [...path, '__proto__']
  breaks.push({ what: 'a key named __proto__', at, value: entry, want: refusal(at, /^is no name for a field/) })
  const names = Array.from({ length: definition.maxProperties + 1 }, (_, index) => [`example.com/r${index}`, entry])
  const many = { ...(value as object | undefined), ...Object.fromEntries(names) }
  const most = new RegExp(`^must have at most ${definition.maxProperties} entries$`)
  breaks.push({ what: 'too many keys', at: path, value: many, want: refusal(path, most) })
  return breaks
}

function objectBreaks({ path, value }: Place): Break[] {
  if (value === undefined) return []
  const breaks = ['unknown', 'constructor', 'toString', 'hasOwnProperty', 'a b', ''].map((key): Break => {
    const given = { constructor: { prototype: { spec: 1 } } }
    return { what: 'an unknown field', at: [...path, key], value: given, want: { rule: 'pruned' } }
  })
  const at = [...path, '__proto__']
  breaks.push({ what: 'a field named __proto__', at, value: { spec: 1 }, want: refusal(at, /^is no name for a field/) })
  return breaks
}
