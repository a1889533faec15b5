import { type Fields, isFields } from '../api/isfields.ts'
import type { Around, Named } from './foreign.ts'
import { shown } from './shown.ts'

/** The API group of an object, of whatever shape. */
export const groupOf = ({ apiVersion }: Fields): string =>
  typeof apiVersion === 'string' ? (apiVersion.split('/')[0] as string) : ''

/** What an object is looked up by. */
export const keyOf = (kind: string, namespace: string, name: string) => `${kind}/${namespace}/${name}`

/** The name by which an object is known, in the namespace that it lands in. */
export function nameOf(object: Fields, namespace: string): Named {
  const metadata = isFields(object.metadata) ? object.metadata : {}
  return {
    kind: shown(object.kind),
    namespace: shown(metadata.namespace ?? namespace),
    name: shown(metadata.name ?? ''),
    object,
  }
}

/** The objects of one peer in the input. */
export interface Index {
  byKey: Map<string, Fields>
  byKind: Map<string, Named[]>
}

/** Of two objects with one name the first counts. */
export function indexOf(objects: Fields[], namespace: string): Index {
  const index: Index = { byKey: new Map(), byKind: new Map() }
  for (const object of objects) {
    const named = nameOf(object, namespace)
    const key = keyOf(named.kind, named.namespace, named.name)
    if (!index.byKey.has(key)) index.byKey.set(key, object)
    const ofKind = index.byKind.get(named.kind)
    if (ofKind) ofKind.push(named)
    else index.byKind.set(named.kind, [named])
  }
  return index
}

/** What is known of the input when one of its objects is converted. */
export const aroundOf = (object: Fields, { byKey, byKind }: Index, namespace: string): Around => ({
  namespace: nameOf(object, namespace).namespace,
  group: groupOf(object),
  find: (kind, at, name) => byKey.get(keyOf(kind, at, name)),
  all: (kind) => byKind.get(kind) ?? [],
})
