import { type AgentQuotaSpec, type AgentQuotaStatus, agentQuota } from '../api/agentquota.ts'
import { GROUP, type KindDefinition, VERSION } from '../api/kind.ts'
import { kinds } from '../api/kinds.ts'
import type { Lookup, Referenced } from '../expand/input.ts'
import type { Quota } from '../expand/quotas.ts'
import { referenced, referencedConfigMap } from '../expand/referenced.ts'
import type { Client } from '../kube/client.ts'
import type { Log } from '../kube/log.ts'
import type { KubeMetrics } from '../kube/metrics.ts'
import type { KubeObject, PartialObjectMetadata, ResourceType } from '../kube/object.ts'
import { startReflector } from '../kube/reflector.ts'
import { Store } from '../kube/store.ts'

/** An object that AgentJobs refer to, cached without anything that an expansion does not need. */
export interface CachedReference extends PartialObjectMetadata {
  referenced?: Referenced
  /** Of an AgentQuota. */
  used?: AgentQuotaStatus['used']
}

/** The caches of the kinds that AgentJobs refer to; webhook and controller of one process share them. */
export interface ReferenceCaches {
  /** Objects of our own kinds. */
  lookup: Lookup
  /** The hash of any object that an expansion was made from, ConfigMaps too; undefined where there is none. */
  hashOf(kind: string, namespace: string, name: string): string | undefined
  /** The AgentQuotas of a namespace, in the order of their names; undefined where not all of them are known yet. */
  quotasOf(namespace: string): Quota[] | undefined
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

/** An AgentQuota holds until it is gone: nobody is to be rid of it by its finalizer. */
const toCachedQuota = (object: KubeObject): CachedReference => ({
  ...toCached(object),
  referenced: referenced(object.kind, object.spec),
  used: (object as { status?: AgentQuotaStatus }).status?.used,
})

/** Index of the AgentQuotas. */
const BY_NAMESPACE = 'namespace'

export const CONFIG_MAP: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
}
/** They may take 1 MiB each, whoever made them. */
const CONFIG_MAPS_A_PAGE = 25

/** Of a ConfigMap no more than whether it has changed: there are many, and the webhook reads those that it needs. */
const hashOnly = (object: KubeObject): CachedReference => {
  const { metadata, ...cached } = toCached(object)
  const { hash } = referencedConfigMap(object)
  return { ...cached, metadata, referenced: object.metadata.deletionTimestamp ? undefined : { spec: undefined, hash } }
}

/** Lists and watches every kind that an AgentJob can refer to, in all namespaces, until `signal`. */
export function startReferenceCaches(o: {
  client: Client
  /** ConfigMaps as well: who looks for what has changed needs to know of them. */
  configMaps: boolean
  signal: AbortSignal
  log: Log
  metrics?: KubeMetrics
}): ReferenceCaches {
  const stores = new Map<string, Store<CachedReference>>()
  const cache = (type: ResourceType, toCached: (object: KubeObject) => CachedReference, limit?: number) => {
    const store = new Store<CachedReference>(o.log)
    stores.set(type.kind, store)
    const transform = (object: CachedReference) => toCached(object as unknown as KubeObject)
    return startReflector<CachedReference>({ ...o, limit, type, store, transform })
  }
  const reflectors = kinds
    .filter(({ expands, kind }) => !expands && kind !== agentQuota.kind)
    .map((definition) => cache(typeOf(definition), toCached))
  const ofQuotas = cache(typeOf(agentQuota), toCachedQuota)
  reflectors.push(ofQuotas)
  const quotas = stores.get(agentQuota.kind) as Store<CachedReference>
  quotas.index(BY_NAMESPACE, ({ metadata }) => [metadata.namespace ?? ''])
  if (o.configMaps) reflectors.push(cache(CONFIG_MAP, hashOnly, CONFIG_MAPS_A_PAGE))
  const lookup: Lookup = (kind, namespace, name) => stores.get(kind)?.get(namespace, name)?.referenced
  return {
    stores,
    lookup: (kind, namespace, name) => (kind === CONFIG_MAP.kind ? undefined : lookup(kind, namespace, name)),
    quotasOf: (namespace) =>
      ofQuotas.hasSynced() ? quotas.byIndex(BY_NAMESPACE, namespace).sort(byName).map(toQuota) : undefined,
    hashOf: (kind, namespace, name) => lookup(kind, namespace, name)?.hash,
    synced: Promise.all(reflectors.map(({ synced }) => synced)),
    hasSynced: () => reflectors.every((reflector) => reflector.hasSynced()),
  }
}

const byName = ({ metadata: a }: CachedReference, { metadata: b }: CachedReference) =>
  (a.name ?? '') < (b.name ?? '') ? -1 : 1

const toQuota = ({ metadata, referenced }: CachedReference): Quota => ({
  name: metadata.name ?? '',
  spec: referenced?.spec as AgentQuotaSpec | undefined,
  hash: referenced?.hash ?? '',
})
