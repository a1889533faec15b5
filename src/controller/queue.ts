import type { Log } from '../kube/log.ts'

/**
 * What a reconcile asks for: nothing, another try with back-off, another look after some time, or, when it has done what
 * was urgent, one for the rest of it.
 */
export type Result = undefined | { retry: true } | { afterMs: number } | { yield: true }

/** What the queue reports; the names in brackets are those of controller-runtime and of client-go's workqueue. */
export interface QueueMetrics {
  /** How many keys wait (`workqueue_depth`). */
  depth(length: number): void
  /** A key was put in line that did not stand there (`workqueue_adds_total`). */
  added(): void
  /** A key is worked on, after so many seconds in line (`workqueue_queue_duration_seconds`). */
  taken(seconds: number): void
  /** A key is to be added later (`workqueue_retries_total`). */
  delayed(): void
  /** `controller_runtime_reconcile_total{result}` and `controller_runtime_reconcile_time_seconds`. */
  reconciled(result: 'success' | 'requeue' | 'requeue_after' | 'error', seconds: number): void
  /**
   * How many keys are worked on at most, and for how many seconds each has been that is, to be asked when metrics are;
   * undefined once the queue is closed (`controller_runtime_active_workers`, `workqueue_unfinished_work_seconds`).
   */
  working(concurrency: number, underWay: (() => number[]) | undefined): void
}

/** What to do with each key, and how many at a time. */
export interface QueueOptions {
  reconcile: (key: string) => Promise<Result>
  concurrency: number
  log: Log
  /** What a log line says of a key. */
  about: (key: string) => object
  metrics?: QueueMetrics
  /** 0 ≤ x < 1; Math.random unless said. */
  random?: () => number
}

const BASE_MS = 200
const CAP_MS = 30_000
/** So many yields in so short a time are a burst of what is urgent. */
const BURST = { yields: 16, withinMs: 500 }
/** Which part of the places the others have meanwhile, and while anything urgent waits. */
const THEIR_PART = 1 / 8
/** Who has stood in line for so long has waited enough: from then on half of the places are theirs. */
const HELD_MS = 5000
const LATE_PART = 1 / 2

/**
 * A keyed work queue: a key that is added many times is worked on once, never twice at the same time, and again if it
 * was added meanwhile. What fails comes back with back-off (0.2 → 30 s, half of it jitter), for each key on its own.
 * Urgent keys go first. While any of them wait, and in a burst of them, the others have an eighth of the places, and half
 * of them when one has waited for five seconds: else a moment in which nothing urgent waits would fill every place with
 * others, whose writes slow down an API server that is busy enough, which then tells of urgent ones so late that there are
 * more such moments.
 */
export class Queue {
  /** Each with the time since when it stands in line. */
  #urgent = new Map<string, number>()
  /** When the last keys yielded, the oldest first. */
  #yields: number[] = []
  #waiting = new Map<string, number>()
  /** Each with the time since when it is worked on. */
  #active = new Map<string, number>()
  /** Those of them that were not urgent. */
  #others = new Set<string>()
  #again = new Map<string, { since: number; urgent: boolean }>()
  #failures = new Map<string, number>()
  #timers = new Map<string, { timer: ReturnType<typeof setTimeout>; due: number }>()
  /** Until others that are held back are looked at again. */
  #pause: ReturnType<typeof setTimeout> | undefined
  #o: QueueOptions
  #closed = false
  #expecting = new Set<{ length: number; resolve: () => void }>()
  #idle: (() => void) | undefined

  constructor(o: QueueOptions) {
    this.#o = o
    o.metrics?.working(o.concurrency, () => {
      const now = performance.now()
      return [...this.#active.values()].map((since) => (now - since) / 1000)
    })
  }

  /** How many keys wait or are being worked on. */
  get length(): number {
    return this.#urgent.size + this.#waiting.size + this.#active.size
  }

  /** Resolves when fewer keys than that wait or are being worked on. */
  async fallsBelow(length: number): Promise<void> {
    if (this.length < length || this.#closed) return
    await new Promise<void>((resolve) => this.#expecting.add({ length, resolve }))
  }

  /** Has a key worked on as soon as possible. */
  add(key: string, { urgent = false } = {}): void {
    if (this.#closed) return
    const again = this.#again.get(key)
    const known = again?.since ?? this.#urgent.get(key) ?? this.#waiting.get(key)
    if (known === undefined) this.#o.metrics?.added()
    const since = known ?? performance.now()
    if (this.#active.has(key)) this.#again.set(key, { since, urgent: urgent || again?.urgent === true })
    else this.#enter(key, since, urgent || this.#urgent.has(key))
    this.#next()
  }

  /** Has a key worked on in so many milliseconds, or earlier if something else asks for it. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return
    this.#o.metrics?.delayed()
    const due = performance.now() + ms
    const pending = this.#timers.get(key)
    if (pending && pending.due <= due) return
    if (pending) clearTimeout(pending.timer)
    // a timer's longest delay; whoever wakes up too early asks again
    const timer = setTimeout(() => this.#fire(key), Math.min(ms, 2 ** 31 - 1))
    this.#timers.set(key, { timer, due })
  }

  /** Drops a key: nothing is scheduled for it any more. */
  forget(key: string): void {
    this.#failures.delete(key)
    const pending = this.#timers.get(key)
    if (pending) clearTimeout(pending.timer)
    this.#timers.delete(key)
  }

  /** Takes no more work; resolves when what is under way has ended. */
  close(): Promise<void> {
    this.#closed = true
    this.#urgent.clear()
    this.#waiting.clear()
    this.#again.clear()
    for (const one of this.#expecting) this.#meet(one)
    for (const key of [...this.#timers.keys()]) this.forget(key)
    clearTimeout(this.#pause)
    this.#o.metrics?.depth(0)
    this.#o.metrics?.working(this.#o.concurrency, undefined)
    if (this.#active.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle = resolve
    })
  }

  #enter(key: string, since: number, urgent: boolean): void {
    if (urgent) this.#waiting.delete(key)
    const line = urgent ? this.#urgent : this.#waiting
    line.set(key, since)
  }

  #fire(key: string): void {
    this.#timers.delete(key)
    this.add(key)
  }

  #next(): void {
    while (this.#active.size < this.#o.concurrency) {
      const key = this.#take()
      if (key === undefined) break
      void this.#work(key)
    }
    this.#o.metrics?.depth(this.#urgent.size + this.#waiting.size)
    for (const one of this.#expecting) if (this.length < one.length) this.#meet(one)
  }

  #meet(one: { length: number; resolve: () => void }): void {
    this.#expecting.delete(one)
    one.resolve()
  }

  #take(): string | undefined {
    const now = performance.now()
    const [other] = this.#waiting
    const isLate = other !== undefined && now - other[1] >= HELD_MS
    const isTheirs = this.#others.size < Math.floor(this.#o.concurrency * (isLate ? LATE_PART : THEIR_PART))
    const isTheirTurn = this.#urgent.size === 0 || (isTheirs && other !== undefined)
    const lane = isTheirTurn ? this.#waiting : this.#urgent
    const [first] = lane
    if (first === undefined) return undefined
    const [key, since] = first
    if (isTheirTurn && !isTheirs && this.#isHeldBack(now)) return undefined
    lane.delete(key)
    if (isTheirTurn) this.#others.add(key)
    this.#o.metrics?.taken((now - since) / 1000)
    return key
  }

  /** Whether a key that is not urgent has to let a burst pass; looks again when it has not any more. */
  #isHeldBack(now: number): boolean {
    const ms = this.#yields.length < BURST.yields ? 0 : (this.#yields[0] as number) + BURST.withinMs - now
    if (ms <= 0) return false
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined
      this.#next()
    }, ms)
    return true
  }

  async #work(key: string): Promise<void> {
    const started = performance.now()
    this.#active.set(key, started)
    const result = await this.#attempt(key)
    const seconds = (performance.now() - started) / 1000
    this.#o.metrics?.reconciled(nameOf(result), seconds)
    this.#o.log.debug({ ...this.#o.about(key), result: nameOf(result), seconds }, 'looked at')
    this.#active.delete(key)
    this.#others.delete(key)
    const again = this.#again.get(key)
    this.#again.delete(key)
    const failed = result === 'error' || (result && 'retry' in result)
    if (!failed) this.#failures.delete(key)
    // the look that follows at once knows better when there is to be another
    if (failed) this.#retry(key)
    else if (!again && result && 'afterMs' in result) this.addAfter(key, result.afterMs)
    const yields = result !== 'error' && result !== undefined && 'yield' in result
    if (yields) this.#yields = [...this.#yields.slice(1 - BURST.yields), performance.now()]
    if ((again || yields) && !this.#closed) {
      if (!again) this.#o.metrics?.added()
      this.#enter(key, again?.since ?? performance.now(), again?.urgent === true)
    }
    if (this.#closed && this.#active.size === 0) this.#idle?.()
    this.#next()
  }

  async #attempt(key: string): Promise<Result | 'error'> {
    try {
      return await this.#o.reconcile(key)
    } catch (error) {
      if (!this.#closed)
        this.#o.log.warn({ ...this.#o.about(key), err: error }, 'a reconcile failed; it is tried again')
      return 'error'
    }
  }

  #retry(key: string): void {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    const most = Math.min(CAP_MS, BASE_MS * 2 ** failures)
    this.addAfter(key, most * (0.5 + 0.5 * (this.#o.random ?? Math.random)()))
  }
}

function nameOf(result: Result | 'error') {
  if (result === 'error') return 'error'
  if (!result) return 'success'
  return 'afterMs' in result ? 'requeue_after' : 'requeue'
}
