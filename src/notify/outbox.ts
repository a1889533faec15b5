import type { Log } from '../kube/log.ts'
import type { Delivery } from '../status/notifications.ts'
import type { Attempt, Message, Sender } from './send.ts'

/** A message that somebody owes. */
export interface Owed extends Pick<Message, 'id' | 'url'> {
  /** Since when. */
  since: Date
  /** Made when it is needed. */
  body: () => string
}

/** What the outbox reports. */
export interface OutboxMetrics {
  /** A notification was delivered or given up (`agentjob_notifications_total{result}`). */
  notified(result: 'delivered' | 'failed'): void
}

export interface OutboxOptions {
  send: Sender
  now: () => Date
  random?: () => number
  signal: AbortSignal
  log: Log
  metrics?: OutboxMetrics
  /** Something has become of a message of this AgentJob (`namespace/name`). */
  onSettled(key: string): void
  /** Pauses between attempts; 5 s, three times as long each time, at most 10 min, for an hour, unless said. */
  pauses?: Pauses
}

interface Pauses {
  baseMs: number
  capMs: number
  /** After so long it is given up. */
  giveUpMs: number
}

const PAUSES: Pauses = { baseMs: 5000, capMs: 600_000, giveUpMs: 3_600_000 }
/** How many attempts are under way at a time: a slow receiver has few of them, and so have all of one tenant. */
const MAX_UNDER_WAY = { all: 32, host: 4, namespace: 16 }

interface Entry {
  key: string
  owed: Owed
  attempts: number
  state: 'ready' | 'sending' | 'pausing' | 'settled'
  timer?: ReturnType<typeof setTimeout>
  delivery?: Delivery
}

/**
 * Delivers messages, each at least once: again with pauses until it is delivered or has to be given up. Whose they are
 * says again and again what is owed; what it no longer names is dropped. Nobody waits for it, and nothing of it need
 * outlive this process: what is owed stands in a status.
 */
export class Outbox {
  #entries = new Map<string, Entry>()
  #byKey = new Map<string, Set<string>>()
  #underWay = new Map<string, number>()
  #o: OutboxOptions

  constructor(o: OutboxOptions) {
    this.#o = o
    o.signal.addEventListener('abort', () => this.#clear(), { once: true })
  }

  /** All that an AgentJob owes from now on. */
  owe(key: string, messages: Owed[]): void {
    if (this.#o.signal.aborted) return
    const ids = new Set(messages.map(({ id }) => id))
    for (const id of this.#byKey.get(key) ?? []) if (!ids.has(id)) this.#drop(id)
    if (ids.size) this.#byKey.set(key, ids)
    else this.#byKey.delete(key)
    for (const owed of messages) {
      const known = this.#entries.get(owed.id)
      // the next attempt goes where it is to go now
      if (known) known.owed = owed
      else this.#add({ key, owed, attempts: 0, state: 'ready' })
    }
  }

  /** What has become of the messages of an AgentJob, by their ids. */
  deliveriesOf(key: string): ReadonlyMap<string, Delivery> {
    const deliveries = new Map<string, Delivery>()
    for (const id of this.#byKey.get(key) ?? []) {
      const delivery = this.#entries.get(id)?.delivery
      if (delivery) deliveries.set(id, delivery)
    }
    return deliveries
  }

  /** How many messages are to be delivered. */
  get length(): number {
    return [...this.#entries.values()].filter(({ state }) => state !== 'settled').length
  }

  #add(entry: Entry): void {
    this.#entries.set(entry.owed.id, entry)
    this.#next()
  }

  #drop(id: string): void {
    clearTimeout(this.#entries.get(id)?.timer)
    this.#entries.delete(id)
  }

  #clear(): void {
    for (const id of [...this.#entries.keys()]) this.#drop(id)
    this.#byKey.clear()
  }

  #next(): void {
    for (const entry of this.#entries.values()) {
      if ((this.#underWay.get('all') ?? 0) >= MAX_UNDER_WAY.all) return
      if (entry.state === 'ready' && this.#hasRoom(entry)) void this.#attempt(entry)
    }
  }

  #hasRoom(entry: Entry): boolean {
    const { host, namespace } = lanesOf(entry)
    const taken = (lane: string) => this.#underWay.get(lane) ?? 0
    return taken(host) < MAX_UNDER_WAY.host && taken(namespace) < MAX_UNDER_WAY.namespace
  }

  async #attempt(entry: Entry): Promise<void> {
    const { id, url, body } = entry.owed
    const lanes = ['all', ...Object.values(lanesOf(entry))]
    for (const lane of lanes) this.#underWay.set(lane, (this.#underWay.get(lane) ?? 0) + 1)
    entry.state = 'sending'
    try {
      this.#conclude(entry, await this.#o.send({ id, url, body: body() }, entry.attempts++, this.#o.signal))
    } catch (err) {
      if (!this.#o.signal.aborted) {
        this.#o.log.error({ err, key: entry.key }, 'a notification could not be sent')
        this.#settle(entry, { state: 'Failed', message: 'the operator could not send it; its log says why' })
      }
    }
    for (const lane of lanes) {
      const left = (this.#underWay.get(lane) ?? 1) - 1
      if (left) this.#underWay.set(lane, left)
      else this.#underWay.delete(lane)
    }
    this.#next()
  }

  #conclude(entry: Entry, attempt: Attempt): void {
    const { isDelivered, code } = attempt
    const pause = isDelivered || attempt.isFinal ? undefined : this.#pauseAfter(entry, attempt.retryAfterMs)
    if (isDelivered) this.#settle(entry, { state: 'Delivered', code })
    else if (pause === undefined) this.#settle(entry, { state: 'Failed', code, message: attempt.message })
    else this.#pause(entry, pause)
  }

  get #pauses(): Pauses {
    return this.#o.pauses ?? PAUSES
  }

  /** Undefined where the time would be up. */
  #pauseAfter({ owed, attempts }: Entry, retryAfterMs = 0): number | undefined {
    const { baseMs, capMs, giveUpMs } = this.#pauses
    const most = Math.min(capMs, baseMs * 3 ** (attempts - 1))
    const pause = Math.max(retryAfterMs, most * (0.5 + 0.5 * (this.#o.random ?? Math.random)()))
    return this.#o.now().getTime() + pause > owed.since.getTime() + giveUpMs ? undefined : pause
  }

  #pause(entry: Entry, ms: number): void {
    // dropped meanwhile
    if (this.#entries.get(entry.owed.id) !== entry) return
    entry.state = 'pausing'
    entry.timer = setTimeout(() => {
      entry.state = 'ready'
      this.#next()
    }, ms)
  }

  #settle(entry: Entry, delivery: Omit<Delivery, 'time'>): void {
    this.#o.metrics?.notified(delivery.state === 'Delivered' ? 'delivered' : 'failed')
    if (this.#entries.get(entry.owed.id) !== entry) return
    entry.state = 'settled'
    entry.delivery = { ...delivery, time: this.#o.now() }
    this.#o.onSettled(entry.key)
  }
}

/** What attempts share with others: their number is limited for each. */
const lanesOf = ({ key, owed: { url } }: Entry) => ({
  host: `host ${URL.canParse(url) ? new URL(url).host : ''}`,
  namespace: `namespace ${key.split('/')[0]}`,
})
