import { createIndexes } from './indexes.ts'
import type { Log } from './log.ts'
import { objectKey, type PartialObjectMetadata } from './object.ts'

/** What happened to an object in a store; `previous` is what was there before. */
export interface StoreEvent<T> {
  type: 'added' | 'modified' | 'deleted'
  object: T
  previous?: T
}

/** Deleted uids are remembered, so that a late answer to our own POST does not bring an object back: so many, so long. */
const REMEMBERED_DELETIONS = 4096
const REMEMBERED_MS = 600_000

/**
 * The cache of one resource type, kept by a reflector. Objects in it are shared: never change them. Listeners are called
 * synchronously, after the store and its indexes have changed; one that throws is logged and hurts nobody else.
 */
export class Store<T extends PartialObjectMetadata> {
  #objects = new Map<string, T>()
  #indexes = createIndexes<T>()
  #listeners = new Set<(event: StoreEvent<T>) => void>()
  /** Keys of what we created ourselves and no watch event has confirmed yet. */
  #unconfirmed = new Set<string>()
  /** With the time of each, the oldest first. */
  #deleted = new Map<string, number>()
  #log: Log
  #now: () => number

  /** `now` in milliseconds; the clock of the process unless said. */
  constructor(log: Log, now: () => number = () => performance.now()) {
    this.#log = log
    this.#now = now
  }

  /** How many objects. */
  get size(): number {
    return this.#objects.size
  }

  /** The object, or undefined; `namespace` is undefined or '' for a cluster-scoped one. */
  get(namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(objectKey({ namespace, name }))
  }

  /** The same by objectKey(). */
  getByKey(key: string): T | undefined {
    return this.#objects.get(key)
  }

  /** All objects, in no order. */
  values(): IterableIterator<T> {
    return this.#objects.values()
  }

  /** Adds an index: `keysOf` says under which keys an object is to be found. Refuses a second one of that name. */
  index(name: string, keysOf: (object: T) => string[]): void {
    this.#indexes.add(name, keysOf, this.#objects)
  }

  /** The objects under a key of an index. Throws for an index that was never added. */
  byIndex(name: string, key: string): T[] {
    return this.#indexes.keys(name, key).map((objectKey) => this.#objects.get(objectKey)!)
  }

  /** Calls `listener` for every change from now on, until the returned function is called. */
  onChange(listener: (event: StoreEvent<T>) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes in an object from a watch or a list. The same one again (uid and resourceVersion) is no change. */
  upsert(object: T): void {
    const key = objectKey(object)
    this.#unconfirmed.delete(key)
    const previous = this.#objects.get(key)
    if (previous?.metadata.uid === object.metadata.uid) {
      if (previous && previous.metadata.resourceVersion === object.metadata.resourceVersion) return
    } else if (previous) {
      this.#remove(key, previous)
    }
    const current = this.#objects.get(key)
    this.#put(key, object, current)
    this.#emit({ type: current ? 'modified' : 'added', object, previous: current })
  }

  /**
   * Takes in an object that we created ourselves, before the watch tells of it. Does nothing when something of that name
   * is there, or when this very object is known to be deleted already. Its managedFields are dropped here, as a reflector
   * drops them: the watch event that follows is no change, so they would stay.
   */
  upsertIfAbsent(object: T): void {
    const key = objectKey(object)
    if (this.#objects.has(key) || this.#deleted.has(object.metadata.uid ?? '')) return
    delete object.metadata.managedFields
    this.#unconfirmed.add(key)
    this.#put(key, object, undefined)
    this.#emit({ type: 'added', object })
  }

  /**
   * Puts another form of the same object in its place, one that holds less or more of it, unless it has changed
   * meanwhile. No listener is told: nothing has happened to it. Whether it was done.
   */
  swap(object: T, form: T): boolean {
    const key = objectKey(object)
    if (this.#objects.get(key) !== object) return false
    this.#put(key, form, object)
    return true
  }

  /** Takes out an object that the watch says is gone. `object` is its last state. */
  delete(object: T): void {
    const key = objectKey(object)
    this.#remember(object)
    const previous = this.#objects.get(key)
    if (!previous) return
    // The end of a predecessor, told when we know its successor already: we have created that one ourselves.
    if (previous.metadata.uid !== object.metadata.uid) return
    this.#remove(key, previous, object)
  }

  /**
   * Call before a full list is asked for; give the list to the function returned. It puts in what is new and takes out
   * what is not in the list, save what we created ourselves in the meantime, which the list may be too old to have.
   */
  startReplace(): (objects: Iterable<T>) => void {
    const before = new Set(this.#unconfirmed)
    return (objects) => {
      const listed = new Set<string>()
      for (const object of objects) {
        listed.add(objectKey(object))
        this.upsert(object)
      }
      for (const [key, object] of [...this.#objects]) {
        const justCreated = this.#unconfirmed.has(key) && !before.has(key)
        if (!listed.has(key) && !justCreated) this.#remove(key, object)
      }
    }
  }

  #put(key: string, object: T, previous: T | undefined): void {
    if (previous) this.#indexes.leave(key, previous)
    this.#objects.set(key, object)
    this.#indexes.enter(key, object)
  }

  #remove(key: string, previous: T, last: T = previous): void {
    this.#remember(previous)
    this.#unconfirmed.delete(key)
    this.#indexes.leave(key, previous)
    this.#objects.delete(key)
    this.#emit({ type: 'deleted', object: last, previous })
  }

  #remember(object: T): void {
    if (!object.metadata.uid) return
    const now = this.#now()
    this.#deleted.delete(object.metadata.uid)
    this.#deleted.set(object.metadata.uid, now)
    for (const [uid, at] of this.#deleted) {
      if (this.#deleted.size <= REMEMBERED_DELETIONS && now - at < REMEMBERED_MS) break
      this.#deleted.delete(uid)
    }
  }

  #emit(event: StoreEvent<T>): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (err) {
        const { namespace, name } = event.object.metadata
        this.#log.error({ namespace, name, type: event.type, err }, 'a listener of the cache failed')
      }
    }
  }
}
