import { GROUP, type KindDefinition, VERSION } from '../api/kind.ts'
import { kinds } from '../api/kinds.ts'
import type { Lookup, Referenced } from '../expand/input.ts'
import { referenced } from '../expand/referenced.ts'
import type { Client } from '../kube/client.ts'
import type { Log } from '../kube/log.ts'
import type { KubeMetrics } from '../kube/metrics.ts'
import type { KubeObject, PartialObjectMetadata, ResourceType } from '../kube/object.ts'
import { startReflector } from '../kube/reflector.ts'
import { Store } from '../kube/store.ts'

/** An object that AgentJobs refer to, cached without anything that an expansion does not need. */
export interface CachedReference extends PartialObjectMetadata {
  referenced?: Referenced
}

/** The caches of the kinds that AgentJobs refer to; webhook and controller of one process share them. */
export interface ReferenceCaches {
  lookup: Lookup
  stores: Map<string, Store<CachedReference>>
  synced: Promise<unknown>
  hasSynced(): boolean
}

/** Where a kind of ours is served. */
export const typeOf = ({ kind, plural }: KindDefinition): ResourceType => ({
  group: GROUP,
  version: VERSION,
  kind,
  plural,
  namespaced: true,
})

/** The form in which an object of a kind is cached. */
export const toCached = (object: KubeObject): CachedReference => ({
  apiVersion: object.apiVersion,
  kind: object.kind,
  metadata: {
    namespace: object.metadata.namespace,
    name: object.metadata.name,
    uid: object.metadata.uid,
    resourceVersion: object.metadata.resourceVersion,
  },
  // what is being deleted is gone: a finalizer must not keep rights alive
  referenced: object.metadata.deletionTimestamp ? undefined : referenced(object.kind, object.spec),
})

/** Lists and watches every kind that an AgentJob can refer to, in all namespaces, until `signal`. */
export function startReferenceCaches(o: {
  client: Client
  signal: AbortSignal
  log: Log
  metrics?: KubeMetrics
}): ReferenceCaches {
  const stores = new Map<string, Store<CachedReference>>()
  const reflectors = kinds
    .filter(({ expands }) => !expands)
    .map((definition) => {
      const store = new Store<CachedReference>(o.log)
      stores.set(definition.kind, store)
      return startReflector<CachedReference>({
        ...o,
        type: typeOf(definition),
        store,
        transform: (object) => toCached(object as unknown as KubeObject),
      })
    })
  return {
    stores,
    lookup: (kind, namespace, name) => stores.get(kind)?.get(namespace, name)?.referenced,
    synced: Promise.all(reflectors.map(({ synced }) => synced)),
    hasSynced: () => reflectors.every((reflector) => reflector.hasSynced()),
  }
}
