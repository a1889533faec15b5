import type { Client } from './client.ts'
import { isGone } from './errors.ts'
import { apiVersionOf, type PartialObjectMetadata, type ResourceType, resourcePath } from './object.ts'
import { type ListOptions, selectionQuery } from './options.ts'
import type { Transport } from './transport.ts'

/** One page of a list; resourceVersion is the same on all pages. */
export interface ListPage<T> {
  items: T[]
  resourceVersion: string
}

/** Lists page by page, and fills in the apiVersion and kind that items of a list lack. */
export async function* pages<T extends PartialObjectMetadata>(
  transport: Transport,
  type: ResourceType,
  o: ListOptions & { accept?: string },
): AsyncIterable<ListPage<T>> {
  const path = resourcePath(type, { namespace: o.namespace })
  const apiVersion = apiVersionOf(type)
  let token: string | undefined
  do {
    const query = { ...selectionQuery(o), limit: o.limit ?? 500, continue: token }
    const request = { method: 'GET' as const, path, query, accept: o.accept, signal: o.signal }
    const answer = await transport.request(request).catch((error: unknown) => {
      // https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
      const next = o.goOn && token && isGone(error) ? error.continueToken : undefined
      if (next === undefined || next === token) throw error
      token = next
    })
    if (!answer) continue
    const { body } = answer
    const items = (body.items ?? []) as T[]
    for (const item of items) {
      item.apiVersion = apiVersion
      item.kind = type.kind
    }
    yield { items, resourceVersion: body.metadata.resourceVersion }
    token = body.metadata.continue || undefined
  } while (token)
}

/** Lists everything; a continue token that expired on the way means starting anew, in one piece, as client-go's pager does. */
export async function listAll<T extends PartialObjectMetadata>(
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
