import { isNotFound } from './errors.ts'
import { type ListPage, listAll, pages } from './list.ts'
import { type ObjectKey, type PartialObjectMetadata, type ResourceType, resourcePath } from './object.ts'
import {
  type ApplyOptions,
  type DeleteOptions,
  type JsonPatchOperation,
  type ListOptions,
  type SubresourceOptions,
  type WatchOptions,
  type WriteOptions,
  writeQuery,
} from './options.ts'
import type { ApiRequest, Transport } from './transport.ts'
import { type WatchEvent, watch } from './watch.ts'

export type { ListPage } from './list.ts'
export type * from './options.ts'
export type { WatchEvent } from './watch.ts'

/** Verbs on objects of any type. Refusals of the API server are ApiErrors. */
export interface Client {
  /** undefined when it is not there. */
  get<T extends PartialObjectMetadata>(
    type: ResourceType,
    key: ObjectKey,
    o?: { signal?: AbortSignal; timeoutMs?: number },
  ): Promise<T | undefined>
  /** Everything that matches; apiVersion and kind are filled in. */
  list<T extends PartialObjectMetadata>(type: ResourceType, o?: ListOptions): Promise<ListPage<T>>
  /** The same, page by page; ends with 410 when the pages outlive the server's history. */
  pages<T extends PartialObjectMetadata>(
    type: ResourceType,
    o?: ListOptions & { accept?: string },
  ): AsyncIterable<ListPage<T>>
  create<T extends PartialObjectMetadata>(type: ResourceType, object: T, o?: WriteOptions): Promise<T>
  /** Replaces the whole object; with a resourceVersion in it, only where it is still that one. */
  update<T extends PartialObjectMetadata>(type: ResourceType, object: T, o?: SubresourceOptions): Promise<T>
  /** Server-side apply; creates what is not there. */
  apply<T extends PartialObjectMetadata>(type: ResourceType, object: T, o: ApplyOptions): Promise<T>
  mergePatch<T extends PartialObjectMetadata>(
    type: ResourceType,
    key: ObjectKey,
    patch: object,
    o?: SubresourceOptions,
  ): Promise<T>
  jsonPatch<T extends PartialObjectMetadata>(
    type: ResourceType,
    key: ObjectKey,
    patch: JsonPatchOperation[],
    o?: SubresourceOptions,
  ): Promise<T>
  /** false when it was not there. */
  delete(type: ResourceType, key: ObjectKey, o?: DeleteOptions): Promise<boolean>
  /** One watch, until the server or the signal ends it; the reflector makes it last. */
  watch<T extends PartialObjectMetadata>(type: ResourceType, o: WatchOptions): AsyncIterable<WatchEvent<T>>
  transport: Transport
}

/** The verbs over a transport. */
export function createClient(transport: Transport): Client {
  const write = async (r: ApiRequest, o: WriteOptions = {}) => {
    const answer = await transport.request({ ...r, signal: o.signal, timeoutMs: o.timeoutMs })
    if (o.onWarning) for (const warning of answer.warnings) o.onWarning(warning)
    return answer.body
  }
  const patch = (type: ResourceType, key: ObjectKey, body: unknown, contentType: string, o: SubresourceOptions = {}) =>
    write({ method: 'PATCH', path: pathOf(type, key, o.subresource), query: writeQuery(o), body, contentType }, o)

  const client: Client = {
    transport,
    async get(type, key, o) {
      try {
        return (await transport.request({ method: 'GET', path: pathOf(type, key), ...o })).body
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    },
    list: (type, o = {}) => listAll(client, type, o),
    pages: (type, o = {}) => pages(transport, type, o),
    create: (type, object, o = {}) =>
      write(
        {
          method: 'POST',
          path: resourcePath(type, { namespace: object.metadata.namespace }),
          query: writeQuery(o),
          body: object,
        },
        o,
      ),
    update: (type, object, o = {}) =>
      write({ method: 'PUT', path: pathOf(type, keyOf(object), o.subresource), query: writeQuery(o), body: object }, o),
    apply: (type, object, o) =>
      write(
        {
          method: 'PATCH',
          path: pathOf(type, keyOf(object), o.subresource),
          query: { ...writeQuery(o), force: o.force || undefined },
          body: object,
          contentType: 'application/apply-patch+yaml',
        },
        o,
      ),
    mergePatch: (type, key, body, o) => patch(type, key, body, 'application/merge-patch+json', o),
    jsonPatch: (type, key, body, o) => patch(type, key, body, 'application/json-patch+json', o),
    delete: (type, key, o = {}) => deleteObject(transport, type, key, o),
    watch: (type, o) => watch(transport, type, o),
  }
  return client
}

const pathOf = (type: ResourceType, key: ObjectKey, subresource?: string) =>
  resourcePath(type, { namespace: key.namespace, name: key.name, subresource })

function keyOf(object: PartialObjectMetadata): ObjectKey {
  const { name, namespace } = object.metadata
  if (!name) throw new Error(`${object.kind}: metadata.name is needed`)
  return { name, namespace }
}

async function deleteObject(transport: Transport, type: ResourceType, key: ObjectKey, o: DeleteOptions) {
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: o.propagationPolicy,
    gracePeriodSeconds: o.gracePeriodSeconds,
    preconditions: o.uid ? { uid: o.uid } : undefined,
    dryRun: o.dryRun ? ['All'] : undefined,
  }
  try {
    await transport.request({ method: 'DELETE', path: pathOf(type, key), body, signal: o.signal })
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}
