import type { Client } from '../../src/kube/client.ts'
import type { PartialObjectMetadata, ResourceType } from '../../src/kube/object.ts'

/** A watch of a namespace, from its beginning on. */
export interface Watching<T> {
  /** By name, what was seen last. */
  objects: Map<string, T>
  /** Resolves as soon as `holds` does, which is asked after each event; rejects after five minutes. */
  until(what: string, holds: () => boolean): Promise<void>
  stop(): void
}

const PATIENCE_MS = 300_000

/** Lists and then watches the objects of a type in a namespace; `seen` is called for each, at once. */
export async function startWatching<T extends PartialObjectMetadata>(
  client: Client,
  type: ResourceType,
  namespace: string,
  seen: (object: T) => void = () => {},
): Promise<Watching<T>> {
  const objects = new Map<string, T>()
  const stop = new AbortController()
  const waiting = new Set<() => void>()
  const take = (object: T) => {
    objects.set(object.metadata.name as string, object)
    seen(object)
  }
  const list = await client.list<T>(type, { namespace })
  for (const object of list.items) take(object)
  const follow = async () => {
    for await (const event of client.watch<T>(type, {
      namespace,
      resourceVersion: list.resourceVersion,
      signal: stop.signal,
    })) {
      if (event.type === 'ADDED' || event.type === 'MODIFIED') take(event.object)
      for (const look of waiting) look()
    }
  }
  const following = follow()
  following.catch(() => {})
  return {
    objects,
    until: (what, holds) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const timer = setTimeout(() => reject(new Error(`${what}: not within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS)
      const look = () => void (holds() && resolve())
      waiting.add(look)
      look()
      following.then(() => reject(new Error(`${what}: the watch has ended`)), reject)
      return promise.finally(() => {
        waiting.delete(look)
        clearTimeout(timer)
      })
    },
    stop: () => stop.abort(),
  }
}
