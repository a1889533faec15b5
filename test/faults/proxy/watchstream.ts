import { objectKey, type PartialObjectMetadata } from '../../../src/kube/object.ts'
import type { Connection } from './connection.ts'
import type { Cut, WatchFault } from './faults.ts'

/** How long an event waits for one to change places with, and a cut for a line to cut. */
const PATIENCE_MS = 150

const GONE = {
  type: 'ERROR',
  object: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 410, reason: 'Expired', message: 'too old' },
}

/** The events of one watch on their way to a replica. */
export interface WatchStream {
  push(line: string): void
  /** The API server has ended the watch, or broken it off. */
  finish(how: 'end' | Cut): void
  inject(fault: WatchFault): void
  /** Whatever was kept back comes now, and nothing is kept back any more; a watch that was to be cut is cut now. */
  heal(): void
}

/**
 * Passes lines on as they come, or as its faults have it. A duplicate follows its event at once. Events change places
 * only with events of objects of other names, and both come in one piece: of one object, and of one and its successor,
 * the API server never tells backwards, and a cut between the two would lose the older one for good, which no watch of its does. `onGone` is called when the
 * watch is told that it cannot go on from where it is.
 */
export function createWatchStream(connection: Connection, onGone: () => void): WatchStream {
  /** In order; what waits for the end of a silence or for its time. */
  const waiting: { send: () => void; due: number }[] = []
  let lagMs = 0
  let silentUntil = 0
  let cutAfterSilence: Cut | undefined
  let cutInLine: Cut | undefined
  let duplicates = 0
  let swaps = 0
  let held: { line: string; timer: ReturnType<typeof setTimeout> } | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false

  const close = (how: Cut) => {
    over = true
    connection.cut(how)
  }
  const flush = () => {
    clearTimeout(timer)
    const now = performance.now()
    if (now >= silentUntil) {
      if (cutAfterSilence && !over) close(cutAfterSilence)
      while (waiting[0] && waiting[0].due <= now) waiting.shift()?.send()
    }
    const next = Math.max(silentUntil, waiting[0]?.due ?? 0)
    if (!over && (waiting.length || cutAfterSilence)) timer = setTimeout(flush, Math.max(1, next - now))
  }
  const enqueue = (send: () => void) => {
    const due = Math.max(performance.now() + lagMs, waiting.at(-1)?.due ?? 0)
    waiting.push({ send: () => over || send(), due })
    flush()
  }
  const write = (lines: string[]) => {
    if (!cutInLine) return connection.chunk(lines.map((line) => `${line}\n`).join(''))
    const [first = ''] = lines
    connection.chunk(first.slice(0, Math.floor(first.length / 2)))
    close(cutInLine)
  }
  const release = () => {
    if (!held) return
    clearTimeout(held.timer)
    const { line } = held
    held = undefined
    enqueue(() => write([line]))
  }
  return {
    push(line) {
      if (held && canChangePlaces(held.line, line)) {
        clearTimeout(held.timer)
        const pair = [line, held.line]
        held = undefined
        return enqueue(() => write(pair))
      }
      release()
      if (swaps > 0) {
        swaps--
        held = { line, timer: setTimeout(release, PATIENCE_MS) }
      } else {
        const twice = duplicates > 0
        if (twice) duplicates--
        enqueue(() => write(twice ? [line, line] : [line]))
      }
    },
    finish(how) {
      release()
      enqueue(() => {
        over = true
        if (how === 'end') connection.end()
        else connection.cut(how)
      })
    },
    inject(fault) {
      if (fault.kind === 'cut' && !fault.midLine) close(fault.cut)
      else if (fault.kind === 'cut') {
        cutInLine = fault.cut
        setTimeout(() => over || close(fault.cut), PATIENCE_MS)
      } else if (fault.kind === 'gone') {
        onGone()
        enqueue(() => write([JSON.stringify(GONE)]))
        this.finish('end')
      } else if (fault.kind === 'lag') lagMs = fault.ms
      else if (fault.kind === 'duplicate') duplicates = fault.events
      else if (fault.kind === 'swap') swaps = fault.events
      else {
        silentUntil = performance.now() + fault.ms
        cutAfterSilence = fault.cut
        flush()
      }
    },
    heal() {
      lagMs = duplicates = swaps = silentUntil = 0
      release()
      for (const item of waiting) item.due = 0
      flush()
    },
  }
}

/** Of different names: the end of an object always comes before its successor. */
function canChangePlaces(one: string, other: string): boolean {
  const [a, b] = [keyOf(one), keyOf(other)]
  return a !== undefined && b !== undefined && a !== b
}

/** undefined for bookmarks and errors. */
function keyOf(line: string): string | undefined {
  const { type, object } = JSON.parse(line) as { type: string; object: PartialObjectMetadata }
  return type === 'BOOKMARK' || type === 'ERROR' ? undefined : objectKey(object)
}
