import { MANAGED_BY } from '../../src/expand/names.ts'
import type { Client } from '../../src/kube/client.ts'
import type { Log } from '../../src/kube/log.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { startReflector } from '../../src/kube/reflector.ts'
import { Store } from '../../src/kube/store.ts'
import { createHistory, type History, remember } from './history.ts'
import { namespaceOf, TYPES } from './objects.ts'

/** What the API server has, followed on watches that no fault is between. */
export interface Mirror {
  /** All that ever had an AgentJob or a Job. */
  namespaces(): string[]
  /** What a namespace has now, its AgentJobs' cluster-scoped children included. */
  objects(namespace: string): KubeObject[]
  /** What it ever had. */
  history(namespace: string): History
  /** Calls `listener` whenever something changes there, until the returned function is called. */
  onChange(namespace: string, listener: () => void): () => void
}

const BY_NAMESPACE = 'namespace'
const labelSelector = Object.entries(MANAGED_BY)
  .map((pair) => pair.join('='))
  .join(',')

/** Follows everything that has to do with AgentJobs, until `signal`; resolves when all of it is known. */
export async function startMirror(o: { client: Client; signal: AbortSignal; log: Log }): Promise<Mirror> {
  const histories = new Map<string, History>()
  const listeners = new Map<string, Set<() => void>>()
  const history = (namespace: string) => {
    const known = histories.get(namespace) ?? createHistory()
    histories.set(namespace, known)
    return known
  }
  // after the first lists, before which there were no histories, only who could not go on lists again
  const onList = () => {
    for (const known of histories.values()) known.hasGap = true
  }
  const follow = (type: (typeof TYPES)[number]) => {
    const store = new Store<KubeObject>(o.log)
    store.index(BY_NAMESPACE, (object) => [namespaceOf(object)])
    store.onChange(({ type, object }) => {
      const namespace = namespaceOf(object)
      remember(history(namespace), object, type === 'deleted')
      for (const listener of listeners.get(namespace) ?? []) listener()
    })
    // Kubernetes has cluster-scoped objects of its own
    const selection = type.namespaced ? {} : { labelSelector }
    const metrics = { requested() {}, missed() {}, leading() {}, listed: onList }
    return { store, synced: startReflector<KubeObject>({ ...o, ...selection, type, store, metrics }).synced }
  }
  const followed = TYPES.map(follow)
  await Promise.all(followed.map(({ synced }) => synced))
  return {
    namespaces: () => [...histories.keys()],
    objects: (namespace) => followed.flatMap(({ store }) => store.byIndex(BY_NAMESPACE, namespace)),
    history,
    onChange(namespace, listener) {
      const all = listeners.get(namespace) ?? new Set()
      listeners.set(namespace, all.add(listener))
      return () => void all.delete(listener)
    },
  }
}
