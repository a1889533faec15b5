import { fieldPath } from '../api/finding.ts'
import { type Fields, isFields } from '../api/isfields.ts'
import type { Note, Severity } from './note.ts'

/** What has happened to the parts of one foreign object. Paths as messages show them. */
export interface Traces {
  /** Carried over, with everything below. */
  taken: Set<string>
  /** Looked into. */
  seen: Set<string>
  /** Dropped, with everything below. */
  dropped: Set<string>
  notes: Note[]
  /** Where in the foreign object the objects come from that ours consist of. */
  origins: WeakMap<object, string>
}

/**
 * A part of a foreign object that is being read. What is taken from it counts as carried over. What nobody takes is told
 * of in the end, so that nothing is lost in silence.
 */
export interface Reader {
  readonly path: string
  has(key: string): boolean
  /** The members' names, in their order. */
  keys(): string[]
  /** The value of a member, which is not carried over by that. */
  peek(key: string): unknown
  /** The value of a member, with everything in it; undefined where it is left out. */
  take(key: string): unknown
  /** A member that is an object. */
  inside(key: string): Reader | undefined
  /** The items of a member that is a list, as far as they are objects. */
  each(key: string): Reader[]
  /** Says something of a member that is carried over; '' is the part itself. */
  note(key: string, message: string): void
  /** Says why a member is not carried over, and what to do instead; '' is the part itself. */
  drop(key: string, message: string): void
  /** The same of a member that nobody misses. */
  leave(key: string, message: string): void
  /** Says why the object cannot be one of ours. */
  fail(key: string, message: string): void
  /** Remembers that an object of ours comes from here. */
  made<T extends object>(object: T): T
}

/** Traces of an object that nobody has read yet. */
export const noTraces = (): Traces => ({
  taken: new Set(),
  seen: new Set(),
  dropped: new Set(),
  notes: [],
  origins: new WeakMap(),
})

/** Reads an object that stands at a path of the foreign one. */
export function readerOf(fields: Fields, traces: Traces, path = ''): Reader {
  traces.seen.add(path)
  const at = (key: string) => (key === '' ? path : fieldPath([key], path))
  const peek = (key: string) => (Object.hasOwn(fields, key) ? fields[key] : undefined)
  const say = (severity: Severity) => (key: string, message: string) =>
    void traces.notes.push({ severity, path: at(key), message })
  return {
    path,
    has: (key) => peek(key) !== undefined,
    keys: () => Object.keys(fields),
    peek,
    take(key) {
      const value = peek(key)
      if (value !== undefined) traces.taken.add(at(key))
      return value
    },
    inside(key) {
      const value = peek(key)
      return isFields(value) ? readerOf(value, traces, at(key)) : undefined
    },
    each(key) {
      const value = peek(key)
      if (!Array.isArray(value)) return []
      traces.seen.add(at(key))
      return value.flatMap((item, index) =>
        isFields(item) ? [readerOf(item, traces, fieldPath([index], at(key)))] : [],
      )
    },
    note: say('note'),
    drop(key, message) {
      traces.dropped.add(at(key))
      say('dropped')(key, message)
    },
    leave(key, message) {
      traces.dropped.add(at(key))
      say('note')(key, message)
    },
    fail(key, message) {
      traces.dropped.add(at(key))
      say('error')(key, message)
    },
    made(object) {
      traces.origins.set(object, path)
      return object
    },
  }
}

/** The members of a part that have these names, taken as they are. */
export function members(reader: Reader | undefined, keys: readonly string[]): Fields {
  const entries = keys.map((key) => [key, reader?.take(key)] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** The members that have a value. */
export const defined = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
