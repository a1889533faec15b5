/** An entry of `metadata.ownerReferences`; the owner is in the same namespace, or cluster-scoped. */
export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

/** `metadata`, as the API server sends it; times are RFC 3339, resourceVersion is opaque and never compared in order. */
export interface ObjectMeta {
  name?: string
  generateName?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
  managedFields?: unknown
}

/** What every object has; the bound of all generics here, so that interfaces of a kind fit without an index signature. */
export interface PartialObjectMetadata {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
}

/** An object of any kind. */
export interface KubeObject extends PartialObjectMetadata {
  [field: string]: unknown
}

/** Where a kind is served. `group` is '' for the core group, `plural` the last part of its path ("jobs"). */
export interface ResourceType {
  group: string
  version: string
  kind: string
  plural: string
  namespaced: boolean
}

/** Names one object of a type; `namespace` is left out for cluster-scoped ones. */
export interface ObjectKey {
  namespace?: string
  name: string
}

/** `apiVersion` of a type: "v1" in the core group, else "group/version". */
export const apiVersionOf = (type: ResourceType): string =>
  type.group ? `${type.group}/${type.version}` : type.version

/**
 * The API server's path of a collection, an object or a subresource, each part percent-encoded. Without a namespace the
 * collection of a namespaced type is that of all namespaces. Throws for what can only be a bug: a name without the
 * namespace that its type has, and "." or "..", which a URL would swallow.
 */
export function resourcePath(
  type: ResourceType,
  o: { namespace?: string; name?: string; subresource?: string } = {},
): string {
  if (o.name !== undefined && type.namespaced && !o.namespace) {
    throw new Error(`${type.kind} ${o.name}: a namespace is needed`)
  }
  const parts = type.group ? ['apis', type.group, type.version] : ['api', type.version]
  if (type.namespaced && o.namespace) parts.push('namespaces', o.namespace)
  parts.push(type.plural)
  if (o.name !== undefined) parts.push(o.name)
  if (o.subresource) parts.push(...o.subresource.split('/'))
  return parts.map(encodePart).join('')
}

function encodePart(part: string): string {
  if (part === '' || part === '.' || part === '..') throw new Error(`${JSON.stringify(part)} is no part of a path`)
  return `/${encodeURIComponent(part)}`
}

/** "namespace/name", and "/name" for what is cluster-scoped: the key of caches and queues. */
export function objectKey(o: { metadata: ObjectMeta } | { namespace?: string; name?: string }): string {
  const meta = 'metadata' in o ? o.metadata : o
  return `${meta.namespace ?? ''}/${meta.name ?? ''}`
}
