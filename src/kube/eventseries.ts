import type { ObjectKey } from './object.ts'

/** Names an object in an Event. */
export interface ObjectReference {
  apiVersion: string
  kind: string
  /** Left out for what is cluster-scoped. */
  namespace?: string
  name: string
  uid: string
  resourceVersion?: string
}

/** What an event says. */
export interface EventContent {
  regarding: ObjectReference
  type: 'Normal' | 'Warning'
  reason: string
  note: string
}

/** The same event, once or again and again. */
export interface EventSeries extends EventContent {
  count: number
  /** Milliseconds since the epoch. */
  lastSeen: number
  /** The Event that the API server has of it. */
  written?: ObjectKey
}

const SERIES_LIVE_MS = 10 * 60_000
const BURST = 25
const REFILL_MS = 60_000
const MAX_REMEMBERED = 4096

/**
 * Finds out which events are the same (object, type, reason and note, within 10 minutes) and which objects have had
 * enough of them; remembers both no longer than that matters, and the latest 4096 of each.
 */
export function createEventSeries(now: () => number) {
  const series = new Map<string, EventSeries>()
  const buckets = new Map<string, { tokens: number; at: number }>()

  const tokensOf = ({ tokens, at }: { tokens: number; at: number }) =>
    Math.min(BURST, tokens + (now() - at) / REFILL_MS)

  function spend(uid: string): boolean {
    const tokens = tokensOf(buckets.get(uid) ?? { tokens: BURST, at: now() })
    if (tokens >= 1) refresh(buckets, uid, { tokens: tokens - 1, at: now() })
    return tokens >= 1
  }

  return {
    /** How many events and objects are remembered. */
    remembered: () => series.size + buckets.size,
    /** Counts an event; undefined when nothing is to be written of it now. */
    count(event: EventContent): EventSeries | undefined {
      dropWhile(series, ({ lastSeen }) => now() - lastSeen >= SERIES_LIVE_MS)
      dropWhile(buckets, (bucket) => tokensOf(bucket) === BURST)
      const { uid, namespace, name } = event.regarding
      const key = JSON.stringify([uid, namespace, name, event.type, event.reason, event.note])
      const known = series.get(key)
      const same = known ?? { ...event, count: 0, lastSeen: now() }
      same.count++
      same.lastSeen = now()
      refresh(series, key, same)
      return spend(`${uid} ${namespace}/${name}`) ? same : undefined
    },
  }
}

/** Drops what was refreshed longest ago, as long as it has nothing more to say. */
function dropWhile<T>(map: Map<string, T>, isOver: (value: T) => boolean): void {
  for (const [key, value] of map) {
    if (!isOver(value)) break
    map.delete(key)
  }
}

/** Puts an entry at the end of a map and, when it is full, drops the one that was refreshed longest ago. */
function refresh<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= MAX_REMEMBERED) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    break
  }
}
