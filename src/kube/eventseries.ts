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
 * enough of them; remembers the latest 4096 of each.
 */
export function createEventSeries(now: () => number) {
  const series = new Map<string, EventSeries>()
  const buckets = new Map<string, { tokens: number; at: number }>()

  function spend(uid: string): boolean {
    const bucket = buckets.get(uid) ?? { tokens: BURST, at: now() }
    const tokens = Math.min(BURST, bucket.tokens + (now() - bucket.at) / REFILL_MS)
    if (tokens >= 1) refresh(buckets, uid, { tokens: tokens - 1, at: now() })
    return tokens >= 1
  }

  return {
    /** Counts an event; undefined when nothing is to be written of it now. */
    count(event: EventContent): EventSeries | undefined {
      const { uid, namespace, name } = event.regarding
      const key = JSON.stringify([uid, namespace, name, event.type, event.reason, event.note])
      const known = series.get(key)
      const same = known && now() - known.lastSeen < SERIES_LIVE_MS ? known : { ...event, count: 0, lastSeen: now() }
      same.count++
      same.lastSeen = now()
      refresh(series, key, same)
      return spend(`${uid} ${namespace}/${name}`) ? same : undefined
    },
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
