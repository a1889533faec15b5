import type { Client } from '../kube/client.ts'
import { ApiError } from '../kube/errors.ts'
import type { Log } from '../kube/log.ts'
import type { PartialObjectMetadata, ResourceType } from '../kube/object.ts'
import { startReflector } from '../kube/reflector.ts'
import { Store } from '../kube/store.ts'

/** What a command keeps an eye on: a store and which objects belong in it. */
export interface Watched<T extends PartialObjectMetadata> {
  store: Store<T>
  type: ResourceType
  namespace: string
  fieldSelector?: string
  labelSelector?: string
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** An empty store for the objects of a type that a selector picks. */
export const watched = <T extends PartialObjectMetadata>(
  type: ResourceType,
  namespace: string,
  selector: { fieldSelector?: string; labelSelector?: string },
): Watched<T> => ({ store: new Store<T>(silent), type, namespace, ...selector })

export interface UntilOptions {
  /** Milliseconds; 0 looks once; for as long as it takes where it is left out. */
  timeoutMs?: number
  /** Told in words, each time, that the API server does not answer any more and is asked again. */
  onTrouble?: (text: string) => void
}

/**
 * Watches, and calls `look` now and after every change until it gives something; undefined when the time was up first.
 * Rejects with what `look` throws, with a refusal of the API server, and where there is no answer from the beginning.
 */
export async function until<R>(
  client: Client,
  // biome-ignore lint/suspicious/noExplicitAny: stores of different kinds
  watches: Watched<any>[],
  look: () => R | undefined,
  o: UntilOptions = {},
): Promise<R | undefined> {
  const end = new AbortController()
  const found = Promise.withResolvers<R | undefined>()
  const timer = o.timeoutMs ? setTimeout(() => found.resolve(undefined), o.timeoutMs) : undefined
  let synced = false
  const check = () => {
    try {
      const value = synced ? look() : undefined
      if (value !== undefined) found.resolve(value)
    } catch (error) {
      found.reject(error)
    }
  }
  const trouble = (error: unknown) => {
    if (!synced || isRefusal(error)) found.reject(error)
    else o.onTrouble?.('the API server does not answer; trying again')
  }
  const reflectors = watches.map(({ store, ...selection }) => {
    store.onChange(check)
    return startReflector({ client, store, ...selection, signal: end.signal, log: hearing(trouble) })
  })
  Promise.all(reflectors.map((reflector) => reflector.synced)).then(
    () => {
      synced = true
      check()
      if (o.timeoutMs === 0) found.resolve(undefined)
    },
    () => {},
  )
  try {
    return await found.promise
  } finally {
    clearTimeout(timer)
    end.abort()
  }
}

/** Refusals that no patience helps against. */
const isRefusal = (error: unknown) =>
  error instanceof ApiError && (error.status === 401 || error.status === 403 || error.status === 404)

/** A reflector says in its log what stands in its way; it never gives up by itself. */
function hearing(trouble: (error: unknown) => void): Log {
  const hear = (fields: object) => {
    if ('err' in fields && fields.err instanceof Error) trouble(fields.err)
  }
  return { ...silent, warn: hear }
}
