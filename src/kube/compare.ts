import type { Client } from './client.ts'
import { delay } from './delay.ts'
import { objectKey, type PartialObjectMetadata, type ResourceType } from './object.ts'
import type { Selection } from './options.ts'
import type { Store } from './store.ts'

/** A store, and which objects should be in it. */
export interface CompareOptions<T extends PartialObjectMetadata> extends Selection {
  client: Client
  type: ResourceType
  store: Store<T>
  signal: AbortSignal
  /** How long an event may be on its way. */
  graceMs: number
}

const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

/**
 * Lists everything once more (metadata only) and returns the keys of those objects whose last event never came. The
 * store moves on meanwhile and resourceVersions have no order for us, so whatever changes from now until `graceMs` after
 * the list is left out: what differs and stays as it is was missed.
 */
export async function compareWithList<T extends PartialObjectMetadata>(o: CompareOptions<T>): Promise<string[]> {
  const moved = new Set<string>()
  const stop = o.store.onChange(({ object }) => moved.add(objectKey(object)))
  try {
    const listed = await versionsByKey(o)
    await delay(o.graceMs, o.signal)
    const stored = [...o.store.values()].map((object) => [objectKey(object), versionOf(object)] as const)
    const vanished = stored.filter(([key]) => !listed.has(key)).map(([key]) => key)
    const have = new Map(stored)
    const differ = [...listed].filter(([key, version]) => have.get(key) !== version).map(([key]) => key)
    return [...differ, ...vanished].filter((key) => !moved.has(key))
  } finally {
    stop()
  }
}

async function versionsByKey<T extends PartialObjectMetadata>(o: CompareOptions<T>): Promise<Map<string, string>> {
  const { namespace, labelSelector, fieldSelector, signal } = o
  const versions = new Map<string, string>()
  const options = { namespace, labelSelector, fieldSelector, signal, accept: METADATA_ONLY }
  for await (const page of o.client.pages(o.type, options)) {
    for (const object of page.items) versions.set(objectKey(object), versionOf(object))
  }
  return versions
}

const versionOf = ({ metadata }: PartialObjectMetadata) => `${metadata.uid} ${metadata.resourceVersion}`
