import type { Client } from './client.ts'
import { compareWithList } from './compare.ts'
import { createBackoff, delay } from './delay.ts'
import { ApiError, isGone } from './errors.ts'
import type { Log } from './log.ts'
import type { KubeMetrics } from './metrics.ts'
import type { PartialObjectMetadata, ResourceType } from './object.ts'
import type { Selection } from './options.ts'
import type { Store } from './store.ts'

/** Which objects to keep in which store. */
export interface ReflectorOptions<T extends PartialObjectMetadata> extends Selection {
  client: Client
  type: ResourceType
  store: Store<T>
  /** Objects a page, where they may be large. */
  limit?: number
  /** Drops what the cache need not hold. managedFields are gone already. */
  transform?: (object: T) => T
  signal: AbortSignal
  log: Log
  metrics?: KubeMetrics
  /** 0 ≤ x < 1; Math.random unless said. */
  random?: () => number
  /** How often to compare the store with a full list; about an hour unless said. */
  resyncCompareMs?: number
  /** How long one watch lasts, ±10 %; 300 unless said. A tenth longer without a byte counts as a dead connection. */
  watchSeconds?: number
}

/** A reflector at work. */
export interface Reflector {
  /** The first full list is in the store. Rejects when the signal aborts before. */
  synced: Promise<void>
  hasSynced(): boolean
}

/** The server can't go on from where we are, or said so in the middle of a watch. */
class ListAgain extends Error {}

/**
 * Keeps a store equal to what the API server has, until the signal aborts: a list, then watches that each go on from the
 * last resourceVersion. Whatever ends a watch, the next one follows after a full-jitter pause (0.2 → 30 s; none after an
 * ordinary end); a 410 or an ERROR event means a new list, whose differences reach the listeners like any other change.
 * About once an hour a full list is compared with the store; what was missed is counted, logged and put right.
 */
export function startReflector<T extends PartialObjectMetadata>(o: ReflectorOptions<T>): Reflector {
  let hasSynced = false
  const synced = Promise.withResolvers<void>()
  synced.promise.catch(() => {})
  o.signal.addEventListener('abort', () => synced.reject(o.signal.reason), { once: true })
  if (o.signal.aborted) synced.reject(o.signal.reason)
  void reflect(o, () => {
    hasSynced = true
    synced.resolve()
  })
  return { synced: synced.promise, hasSynced: () => hasSynced }
}

async function reflect<T extends PartialObjectMetadata>(o: ReflectorOptions<T>, onSynced: () => void): Promise<void> {
  const backoff = createBackoff({ baseMs: 200, capMs: 30_000, random: o.random ?? Math.random })
  const fields = { resource: o.type.plural, namespace: o.namespace }
  const progress: Progress = { resourceVersion: undefined, healthy: false }
  void compareNowAndThen(o, progress)
  while (!o.signal.aborted) {
    let pause = false
    try {
      if (progress.resourceVersion === undefined) {
        progress.resourceVersion = await fill(o)
        onSynced()
      }
      await follow(o, progress)
      pause = !progress.healthy
    } catch (error) {
      if (o.signal.aborted) return
      pause = true
      const what = progress.resourceVersion === undefined ? 'it could not be listed' : 'the watch has ended'
      const listAgain = error instanceof ListAgain || isRejected(error)
      o.log[progress.healthy || listAgain ? 'debug' : 'warn']({ ...fields, err: error }, what)
      if (listAgain) progress.resourceVersion = undefined
    }
    if (progress.healthy) backoff.reset()
    progress.healthy = false
    if (pause) await delay(backoff.next(), o.signal).catch(() => {})
  }
}

interface Progress {
  /** Of the last list or event; undefined means to list. */
  resourceVersion: string | undefined
  /** The watch under way has told something, or lasted. */
  healthy: boolean
  /** Ends the watch under way, so that a list follows. */
  listAgain?: () => void
}

/** Refusals that another try from the same resourceVersion would only meet again. */
const isRejected = (error: unknown) => isGone(error) || (error instanceof ApiError && error.status === 400)

async function fill<T extends PartialObjectMetadata>(o: ReflectorOptions<T>): Promise<string> {
  const replace = o.store.startReplace()
  const objects: T[] = []
  let resourceVersion = ''
  for await (const page of o.client.pages<T>(o.type, { ...selectionOf(o), limit: o.limit })) {
    for (const object of page.items) objects.push(trim(object, o))
    resourceVersion = page.resourceVersion
  }
  replace(objects)
  o.metrics?.listed(o.type.plural)
  o.log.debug({ resource: o.type.plural, namespace: o.namespace, objects: objects.length }, 'listed')
  return resourceVersion
}

async function follow<T extends PartialObjectMetadata>(o: ReflectorOptions<T>, progress: Progress): Promise<void> {
  const again = new AbortController()
  progress.listAgain = () => again.abort(new ListAgain())
  const seconds = (o.watchSeconds ?? 300) * (0.9 + 0.2 * (o.random ?? Math.random)())
  const started = performance.now()
  const events = o.client.watch<T>(o.type, {
    ...selectionOf(o),
    resourceVersion: progress.resourceVersion!,
    timeoutSeconds: Math.max(1, Math.round(seconds)),
    idleTimeoutMs: seconds * 1100,
    signal: AbortSignal.any([o.signal, again.signal]),
  })
  for await (const event of events) {
    if (event.type === 'ERROR') throw new ListAgain(event.object.message, { cause: event.object })
    if (event.type === 'DELETED') o.store.delete(trim(event.object, o))
    else if (event.type !== 'BOOKMARK') o.store.upsert(trim(event.object, o))
    progress.resourceVersion = event.object.metadata.resourceVersion
    progress.healthy = true
  }
  progress.healthy ||= performance.now() - started > 1000
}

async function compareNowAndThen<T extends PartialObjectMetadata>(
  o: ReflectorOptions<T>,
  progress: Progress,
): Promise<void> {
  const { type, log, signal, random = Math.random, resyncCompareMs = 3_600_000 } = o
  while (!signal.aborted) {
    try {
      await delay(resyncCompareMs * (0.8 + 0.4 * random()), signal)
      if (progress.resourceVersion === undefined) continue
      const missed = await compareWithList({ ...o, graceMs: Math.min(10_000, resyncCompareMs) })
      if (missed.length === 0) continue
      o.metrics?.missed(type.plural, missed.length)
      log.warn(
        { resource: type.plural, missed: missed.slice(0, 10), count: missed.length },
        'a watch has missed objects',
      )
      progress.listAgain?.()
    } catch (error) {
      if (!signal.aborted)
        log.warn({ resource: type.plural, err: error }, 'the cache could not be compared with a list')
    }
  }
}

function selectionOf(o: Selection & { signal: AbortSignal }) {
  const { namespace, labelSelector, fieldSelector, signal } = o
  return { namespace, labelSelector, fieldSelector, signal }
}

function trim<T extends PartialObjectMetadata>(object: T, o: ReflectorOptions<T>): T {
  delete object.metadata.managedFields
  return o.transform ? o.transform(object) : object
}
