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

/** No index yet. */
export function createIndexes<T>(): Indexes<T> {
  const indexes = new Map<string, { keysOf: (object: T) => string[]; entries: Map<string, Set<string>> }>()

  function enter(entries: Map<string, Set<string>>, key: string, found: string[]) {
    for (const entry of found) {
      const keys = entries.get(entry)
      if (keys) keys.add(key)
      else entries.set(entry, new Set([key]))
    }
  }

  return {
    add(name, keysOf, objects) {
      if (indexes.has(name)) throw new Error(`index ${name} exists already`)
      const entries = new Map<string, Set<string>>()
      indexes.set(name, { keysOf, entries })
      for (const [key, object] of objects) enter(entries, key, keysOf(object))
    },
    enter(key, object) {
      for (const { keysOf, entries } of indexes.values()) enter(entries, key, keysOf(object))
    },
    leave(key, object) {
      for (const { keysOf, entries } of indexes.values()) {
        for (const entry of keysOf(object)) {
          const keys = entries.get(entry)
          if (keys?.delete(key) && keys.size === 0) entries.delete(entry)
        }
      }
    },
    keys(name, entry) {
      const index = indexes.get(name)
      if (!index) throw new Error(`there is no index ${name}`)
      return [...(index.entries.get(entry) ?? [])]
    },
  }
}
