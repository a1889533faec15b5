import { fieldPath, parseFieldPath, shortened } from '../api/finding.ts'
import { type Fields, isFields } from '../api/isfields.ts'
import { nearest } from '../api/unknownfields.ts'
import { type Fate, type Fates, hasRowsBelow } from './fates.ts'
import type { Note } from './note.ts'
import type { Traces } from './reader.ts'

/**
 * Everything that is to be said of a foreign object once it has been read, in the order of its fields: what was said on
 * the way, what always is to be said of a field that was carried over, and each field that nobody took.
 */
export function settle(object: Fields, fates: Fates, traces: Traces): Note[] {
  const { taken, seen, dropped } = traces
  const notes: Note[] = [...traces.notes]
  const order = new Map<string, number>()
  const visit = ({ value, path, pattern }: Member, carried: boolean, around: Fate | undefined): void => {
    order.set(path, order.size)
    if (dropped.has(path)) return
    const own = Object.hasOwn(fates, pattern) ? fates[pattern] : undefined
    const within = carried || taken.has(path)
    const inner = membersOf(value, path, pattern)
    if (!within && !seen.has(path) && !(inner.length && hasRowsBelow(fates, pattern))) {
      const unknown = () => (hasRowsBelow(fates, pattern) ? MEANS_NOTHING : unknownField(pattern, fates))
      notes.push(untaken(path, own ?? around, unknown))
      return
    }
    if (own && 'to' in own && own.note) notes.push({ severity: 'note', path, message: own.note })
    for (const member of inner) visit(member, within, own ?? around)
  }
  visit({ value: object, path: '', pattern: '' }, false, undefined)
  const places = new Map(notes.map((note) => [note, placeOf(note.path, order)]))
  return notes.sort((a, b) => (places.get(a) as number) - (places.get(b) as number))
}

interface Member {
  value: unknown
  path: string
  pattern: string
}

function membersOf(value: unknown, path: string, pattern: string): Member[] {
  if (Array.isArray(value))
    return value.map((item, index) => ({ value: item, path: fieldPath([index], path), pattern: `${pattern}[]` }))
  if (!isFields(value)) return []
  return Object.entries(value).map(([key, member]) => ({
    value: member,
    path: fieldPath([key], path),
    pattern: fieldPath([key], pattern),
  }))
}

/** What is to be said of a field that nobody took. */
function untaken(path: string, fate: Fate | undefined, unknown: () => string): Note {
  if (!fate) return { severity: 'dropped', path, message: unknown() }
  if ('left' in fate) return { severity: 'note', path, message: fate.left }
  return { severity: 'dropped', path, message: 'dropped' in fate ? fate.dropped : MEANS_NOTHING }
}

const MEANS_NOTHING = 'means nothing where it stands, or not in this form, and nothing is made of it; check it'

function unknownField(pattern: string, fates: Fates): string {
  const around = pattern.slice(0, Math.max(0, pattern.lastIndexOf('.')))
  const known = Object.keys(fates)
    .filter((row) => (around === '' ? true : row.startsWith(`${around}.`)))
    .map((row) => (around === '' ? row : row.slice(around.length + 1)).split(/[.[]/)[0] as string)
  const near = nearest(pattern.slice(around.length).replace(/^\./, ''), [...new Set(known)])
  return near ? `unknown field, and nothing is made of it; did you mean ${shortened(near)}?` : UNKNOWN
}

const UNKNOWN = 'unknown field, and nothing is made of it; write it anew in the object that came out, if it is needed'

/** Where a path stands; of a field that is not there, the nearest one around it. */
function placeOf(path: string, order: Map<string, number>): number {
  const found = order.get(path)
  if (found !== undefined || path === '') return found ?? 0
  return placeOf(fieldPath(parseFieldPath(path).slice(0, -1)), order)
}
