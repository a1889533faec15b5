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
/** How many attempts are under way at a time: a slow receiver has few of them, a tenant has few, and at one receiver fewer. */
const MAX_UNDER_WAY = { all: 32, host: 8, namespace: 8, both: 2 }
const LANES = ['all', 'host', 'namespace', 'both'] as const
/** What an attempt shares with others, by name: how many there are is limited for each. */
type Lanes = Record<(typeof LANES)[number], string>

interface Entry {
  key: string
  owed: Owed
  lanes: Lanes
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
    const names = new Set(messages.map(({ id }) => nameOf(key, id)))
    for (const name of this.#byKey.get(key) ?? []) if (!names.has(name)) this.#drop(name)
    if (names.size) this.#byKey.set(key, names)
    else this.#byKey.delete(key)
    for (const owed of messages) {
      const known = this.#entries.get(nameOf(key, owed.id))
      const lanes = known?.owed.url === owed.url ? known.lanes : lanesOf(key, owed)
      // the next attempt goes where it is to go now
      if (known) Object.assign(known, { owed, lanes })
      else this.#line({ key, owed, lanes, attempts: 0, state: 'ready' })
    }
  }

  /** What has become of the messages of an AgentJob, by their ids. */
  deliveriesOf(key: string): ReadonlyMap<string, Delivery> {
    const deliveries = new Map<string, Delivery>()
    for (const name of this.#byKey.get(key) ?? []) {
      const { owed, delivery } = this.#entries.get(name) ?? {}
      if (owed && delivery) deliveries.set(owed.id, delivery)
    }
    return deliveries
  }

  /** How many messages are to be delivered. */
  get length(): number {
    return [...this.#entries.values()].filter(({ state }) => state !== 'settled').length
  }

  /** Puts an entry behind all others. Where there is room it needs it alone: whoever else could have it, has it already. */
  #line(entry: Entry): void {
    const name = nameOf(entry.key, entry.owed.id)
    this.#entries.delete(name)
    this.#entries.set(name, entry)
    entry.state = 'ready'
    if (this.#hasRoom(entry)) void this.#attempt(entry)
  }

  #drop(name: string): void {
    clearTimeout(this.#entries.get(name)?.timer)
    this.#entries.delete(name)
  }

  #clear(): void {
    for (const name of [...this.#entries.keys()]) this.#drop(name)
    this.#byKey.clear()
  }

  /** When there is room again. */
  #next(): void {
    for (let entry = this.#first(); entry; entry = this.#first()) void this.#attempt(entry)
  }

  #taken(lane: string): number {
    return this.#underWay.get(lane) ?? 0
  }

  #hasRoom({ lanes }: Entry): boolean {
    return LANES.every((lane) => this.#taken(lanes[lane]) < MAX_UNDER_WAY[lane])
  }

  /** Of those that there is room for the one whose namespace has the fewest under way, and of these who has waited longest. */
  #first(): Entry | undefined {
    let first: { entry: Entry; ofNamespace: number } | undefined
    for (const entry of this.#entries.values()) {
      if (entry.state !== 'ready' || !this.#hasRoom(entry)) continue
      const ofNamespace = this.#taken(entry.lanes.namespace)
      if (ofNamespace === 0) return entry
      if (!first || ofNamespace < first.ofNamespace) first = { entry, ofNamespace }
    }
    return first?.entry
  }

  async #attempt(entry: Entry): Promise<void> {
    const { id, url, body } = entry.owed
    const lanes = Object.values(entry.lanes)
    for (const lane of lanes) this.#underWay.set(lane, this.#taken(lane) + 1)
    entry.state = 'sending'
    const [namespace, name] = entry.key.split('/')
    try {
      this.#conclude(
        entry,
        await this.#o.send({ id, url, body: body(), about: { namespace, name } }, entry.attempts++, this.#o.signal),
      )
    } catch (err) {
      if (!this.#o.signal.aborted) {
        this.#o.log.error({ err, namespace, name }, 'a notification could not be sent')
        this.#settle(entry, { state: 'Failed', message: 'the operator could not send it; its log says why' })
      }
    }
    for (const lane of lanes) {
      const left = this.#taken(lane) - 1
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
    if (this.#entries.get(nameOf(entry.key, entry.owed.id)) !== entry) return
    entry.state = 'pausing'
    entry.timer = setTimeout(() => this.#line(entry), ms)
  }

  #settle(entry: Entry, delivery: Omit<Delivery, 'time'>): void {
    this.#o.metrics?.notified(delivery.state === 'Delivered' ? 'delivered' : 'failed')
    if (this.#entries.get(nameOf(entry.key, entry.owed.id)) !== entry) return
    entry.state = 'settled'
    entry.delivery = { ...delivery, time: this.#o.now() }
    this.#o.onSettled(entry.key)
  }
}

function lanesOf(key: string, { url }: Owed): Lanes {
  const host = `host ${URL.canParse(url) ? new URL(url).host : ''}`
  const namespace = `namespace ${key.split('/')[0]}`
  return { all: 'all', host, namespace, both: `${namespace} ${host}` }
}

/** A uid is in a status, which whoever may write it can copy: an entry is that of one AgentJob alone. */
const nameOf = (key: string, id: string) => `${key} ${id}`
