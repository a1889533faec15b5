import type { Status } from './errors.ts'
import { type PartialObjectMetadata, type ResourceType, resourcePath } from './object.ts'
import { selectionQuery, type WatchOptions } from './options.ts'
import type { Query, Transport } from './transport.ts'

/** A line of a watch; a BOOKMARK's object has only metadata.resourceVersion, an ERROR's is a Status. */
export type WatchEvent<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | { type: 'BOOKMARK'; object: PartialObjectMetadata }
  | { type: 'ERROR'; object: Status }

/** One watch, with bookmarks, from its first line to its end. */
export async function* watch<T extends PartialObjectMetadata>(
  transport: Transport,
  type: ResourceType,
  o: WatchOptions,
): AsyncIterable<WatchEvent<T>> {
  const query: Query = {
    ...selectionQuery(o),
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: o.resourceVersion,
    timeoutSeconds: o.timeoutSeconds,
  }
  const path = resourcePath(type, { namespace: o.namespace })
  for await (const line of transport.lines({ path, query, signal: o.signal, idleTimeoutMs: o.idleTimeoutMs })) {
    yield JSON.parse(line) as WatchEvent<T>
  }
}
