/** Finds the keys of objects by something that is in them. */
export interface Indexes<T> {
  /** Adds an index of objects that are there already; `keysOf` says under what an object is found. Refuses a known name. */
  add(name: string, keysOf: (object: T) => string[], objects: Iterable<[string, T]>): void
  /** Puts an object into all indexes. */
  enter(key: string, object: T): void
  /** Takes it out; needs it as it was put in. */
  leave(key: string, object: T): void
  /** Keys of the objects under an entry of an index. Throws for an index that was never added. */
  keys(name: string, entry: string): string[]
}

/** Most entries have one object, and a Set of one takes ten times what the key does. */
type Keys = string | Set<string>

/** No index yet. */
export function createIndexes<T>(): Indexes<T> {
  const indexes = new Map<string, { keysOf: (object: T) => string[]; entries: Map<string, Keys> }>()

  function enter(entries: Map<string, Keys>, key: string, found: string[]) {
    for (const entry of found) {
      const keys = entries.get(entry)
      if (keys === undefined) entries.set(entry, key)
      else if (typeof keys !== 'string') keys.add(key)
      else if (keys !== key) entries.set(entry, new Set([keys, key]))
    }
  }

  function leave(entries: Map<string, Keys>, key: string, found: string[]) {
    for (const entry of found) {
      const keys = entries.get(entry)
      if (keys === key || (typeof keys === 'object' && keys.delete(key) && keys.size === 0)) entries.delete(entry)
    }
  }

  return {
    add(name, keysOf, objects) {
      if (indexes.has(name)) throw new Error(`index ${name} exists already`)
      const entries = new Map<string, Keys>()
      indexes.set(name, { keysOf, entries })
      for (const [key, object] of objects) enter(entries, key, keysOf(object))
    },
    enter(key, object) {
      for (const { keysOf, entries } of indexes.values()) enter(entries, key, keysOf(object))
    },
    leave(key, object) {
      for (const { keysOf, entries } of indexes.values()) leave(entries, key, keysOf(object))
    },
    keys(name, entry) {
      const index = indexes.get(name)
      if (!index) throw new Error(`there is no index ${name}`)
      const keys = index.entries.get(entry) ?? []
      return typeof keys === 'string' ? [keys] : [...keys]
    },
  }
}
