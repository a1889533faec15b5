import type { Status } from './errors.ts'
import { isGone, isNotFound } from './errors.ts'
import { apiVersionOf, type ObjectKey, type PartialObjectMetadata, type ResourceType, resourcePath } from './object.ts'
import type { ApiRequest, Query, Transport } from './transport.ts'

/** Which objects: of one namespace or all, narrowed by selectors in kubectl's syntax. */
export interface ListOptions {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  /** Objects a page, 500 unless said; all pages are fetched. */
  limit?: number
  signal?: AbortSignal
}

/** Options of everything that writes. */
export interface WriteOptions {
  /** Run admission and validation, store nothing. */
  dryRun?: boolean
  fieldManager?: string
  fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
  /** Called with each Warning header's text. */
  onWarning?: (text: string) => void
  signal?: AbortSignal
  timeoutMs?: number
}

export interface SubresourceOptions extends WriteOptions {
  subresource?: string
}

export interface ApplyOptions extends SubresourceOptions {
  fieldManager: string
  /** Take over fields that another manager owns; without it they make a conflict. */
  force?: boolean
}

export interface DeleteOptions {
  /** Delete only this very object; another one of that name makes a conflict. */
  uid?: string
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  gracePeriodSeconds?: number
  dryRun?: boolean
  signal?: AbortSignal
}

/** A JSON Patch operation (RFC 6902). */
export interface JsonPatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
  path: string
  from?: string
  value?: unknown
}

/** A line of a watch; a BOOKMARK's object has only metadata.resourceVersion, an ERROR's is a Status. */
export type WatchEvent<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | { type: 'BOOKMARK'; object: PartialObjectMetadata }
  | { type: 'ERROR'; object: Status }

export interface WatchOptions {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  /** Go on after this one. */
  resourceVersion: string
  /** After which the server ends it. */
  timeoutSeconds?: number
  idleTimeoutMs?: number
  signal?: AbortSignal
}

/** One page of a list; resourceVersion is the same on all pages. */
export interface ListPage<T> {
  items: T[]
  resourceVersion: string
}

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
    if (o.onWarning) answer.warnings.forEach(o.onWarning)
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

const writeQuery = (o: WriteOptions): Query => ({
  dryRun: o.dryRun ? 'All' : undefined,
  fieldManager: o.fieldManager,
  fieldValidation: o.fieldValidation,
})

const selection = (o: { labelSelector?: string; fieldSelector?: string }): Query => ({
  labelSelector: o.labelSelector,
  fieldSelector: o.fieldSelector,
})

async function* pages<T extends PartialObjectMetadata>(
  transport: Transport,
  type: ResourceType,
  o: ListOptions & { accept?: string },
): AsyncIterable<ListPage<T>> {
  const path = resourcePath(type, { namespace: o.namespace })
  const apiVersion = apiVersionOf(type)
  let token: string | undefined
  do {
    const query = { ...selection(o), limit: o.limit ?? 500, continue: token }
    const { body } = await transport.request({ method: 'GET', path, query, accept: o.accept, signal: o.signal })
    const items = (body.items ?? []) as T[]
    for (const item of items) {
      item.apiVersion = apiVersion
      item.kind = type.kind
    }
    yield { items, resourceVersion: body.metadata.resourceVersion }
    token = body.metadata.continue || undefined
  } while (token)
}

/** A continue token that expired on the way means starting anew, this time in one piece, as client-go's pager does. */
async function listAll<T extends PartialObjectMetadata>(
  client: Client,
  type: ResourceType,
  o: ListOptions,
): Promise<ListPage<T>> {
  const all: ListPage<T> = { items: [], resourceVersion: '' }
  try {
    for await (const page of client.pages<T>(type, o)) {
      all.items.push(...page.items)
      all.resourceVersion = page.resourceVersion
    }
    return all
  } catch (error) {
    if (!isGone(error) || all.items.length === 0) throw error
    return listAll(client, type, { ...o, limit: 0 })
  }
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

async function* watch<T extends PartialObjectMetadata>(
  transport: Transport,
  type: ResourceType,
  o: WatchOptions,
): AsyncIterable<WatchEvent<T>> {
  const query: Query = {
    ...selection(o),
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
