import type { Client } from './client.ts'
import { delay } from './delay.ts'
import { isAlreadyExists, isConflict } from './errors.ts'
import { createLeaseRecord, type LeaseRecord } from './leaserecord.ts'
import type { Log } from './log.ts'
import type { KubeMetrics } from './metrics.ts'

/** Who stands for election, and for what. */
export interface ElectionOptions {
  client: Client
  namespace: string
  /** Of the Lease; all candidates name the same. */
  name: string
  /** Of this candidate, unlike any other's: a pod's name. */
  identity: string
  /** How long others wait after the last renewal that they saw; 15 s unless said. */
  leaseDurationMs?: number
  /** After which a leader that could not renew stops; less than the lease's duration; 10 s unless said. */
  renewDeadlineMs?: number
  /** Between two tries, of candidates and of the leader; 2 s unless said. */
  retryPeriodMs?: number
  /** Milliseconds since the epoch. */
  now: () => number
  signal: AbortSignal
  log: Log
  /**
   * Called each time the lease is ours. Must stop when `leader` aborts; where it returns a promise, the lease is given
   * back, or stood for again, only when that is settled.
   */
  onStarted: (leader: AbortSignal) => void | Promise<void>
  metrics?: KubeMetrics
}

type Timing = Required<Pick<ElectionOptions, 'leaseDurationMs' | 'renewDeadlineMs' | 'retryPeriodMs'>>

/**
 * Takes part in the election until the signal aborts, as client-go's leaderelection does: a candidate waits until the
 * record that it last saw change has not changed for the lease's duration by its own clock (clocks are never compared),
 * then takes the lease by an update that only one can win. A leader renews; when it could not for the renew deadline,
 * `leader` aborts, before anyone else may take over, and it stands again. On shutdown the lease is given back, so that
 * the next one need not wait for its end. Resolves then.
 */
export async function startElection(options: ElectionOptions): Promise<void> {
  const o = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000, ...options }
  if (o.renewDeadlineMs >= o.leaseDurationMs) throw new Error('the renew deadline must be shorter than the lease')
  const fields = { lease: `${o.namespace}/${o.name}`, identity: o.identity }
  const record = createLeaseRecord(o)
  o.metrics?.leading(o.name, false)
  while (!o.signal.aborted) {
    const acquiredAt = performance.now()
    if (!(await acquire(record, o))) continue
    o.log.info(fields, 'became the leader')
    o.metrics?.leading(o.name, true)
    const reason = await lead(record, acquiredAt, o)
    o.metrics?.leading(o.name, false)
    o.log.info({ ...fields, reason }, 'is the leader no more')
  }
}

/** One try; after one that failed, the pause before the next. */
async function acquire(record: LeaseRecord, o: ElectionOptions & Timing): Promise<boolean> {
  try {
    if (await record.acquireOrRenew({ signal: o.signal, timeoutMs: o.renewDeadlineMs / 2 })) return true
  } catch (error) {
    if (!o.signal.aborted && !lostRace(error)) o.log.warn({ lease: o.name, err: error }, 'the lease could not be taken')
  }
  // looks are at most a period apart, and there is one when the lease has run out: so a leader that is gone is replaced
  // within the lease's duration and one period
  const period = o.retryPeriodMs * (1 - 0.2 * Math.random())
  const rest = record.runsOutInMs()
  await delay(rest > 0 ? Math.min(period, rest + 1) : period, o.signal).catch(() => {})
  return false
}

const lostRace = (error: unknown) => isConflict(error) || isAlreadyExists(error)

/** From the moment that the lease is ours until the work has stopped; says why it did. */
async function lead(record: LeaseRecord, acquiredAt: number, o: ElectionOptions & Timing): Promise<string> {
  const leader = new AbortController()
  const shutdown = () => leader.abort(new Error('shutdown'))
  o.signal.addEventListener('abort', shutdown, { once: true })
  if (o.signal.aborted) shutdown()
  const work = runWork(leader.signal, o)
  const renewedAt = await keepRenewed(record, leader, acquiredAt, o)
  o.signal.removeEventListener('abort', shutdown)
  if (!o.signal.aborted) {
    await work
  } else if (await settles(work, renewedAt + o.renewDeadlineMs - performance.now())) {
    await record.release().catch((err) => o.log.warn({ lease: o.name, err }, 'the lease could not be given back'))
  }
  return (leader.signal.reason as Error).message
}

async function runWork(leader: AbortSignal, o: ElectionOptions): Promise<void> {
  try {
    await o.onStarted(leader)
  } catch (err) {
    if (!leader.aborted) o.log.error({ lease: o.name, err }, 'the work of the leader failed')
  }
}

/** Renews until `leader` aborts, and aborts it when the lease is lost; returns when it was renewed last. */
async function keepRenewed(
  record: LeaseRecord,
  leader: AbortController,
  acquiredAt: number,
  o: ElectionOptions & Timing,
): Promise<number> {
  let renewedAt = acquiredAt
  const expire = () => leader.abort(new Error(`not renewed for ${o.renewDeadlineMs / 1000} s`))
  const arm = () => setTimeout(expire, renewedAt + o.renewDeadlineMs - performance.now())
  let deadline = arm()
  while (!leader.signal.aborted) {
    try {
      await delay(o.retryPeriodMs, leader.signal)
      const startedAt = performance.now()
      const ours = await record.acquireOrRenew({ signal: leader.signal, timeoutMs: o.renewDeadlineMs / 2 })
      if (!ours) leader.abort(new Error(`${record.holder()} has taken the lease`))
      renewedAt = startedAt
      clearTimeout(deadline)
      deadline = arm()
    } catch (err) {
      if (!leader.signal.aborted) o.log.warn({ lease: o.name, err }, 'the lease could not be renewed')
    }
  }
  clearTimeout(deadline)
  return renewedAt
}

/** Whether the work is done within `ms`. */
async function settles(work: Promise<void>, ms: number): Promise<boolean> {
  const done = new AbortController()
  const late = delay(Math.max(ms, 0), done.signal).then(
    () => false,
    () => true,
  )
  const settled = await Promise.race([work.then(() => true), late])
  done.abort()
  return settled
}
