import type { Notification, Run } from '../api/agentjobstatus.ts'
import type { Notify } from '../api/notify.ts'
import { timestamp } from './conditions.ts'
import { isTerminal } from './run.ts'

/** What has become of a notification: it was delivered, or given up for good. */
export interface Delivery {
  state: 'Delivered' | 'Failed'
  /** When. */
  time: Date
  /** HTTP status of the last answer. */
  code?: number
  /** Why it was given up. */
  message?: string
}

/** What a status knows of notifications beside the runs. */
export interface Notified {
  notify: Notify | undefined
  /** What became of those that have been tried, by the uid of the run. */
  deliveries?: ReadonlyMap<string, Delivery>
  now: Date
}

/**
 * Runs with what is owed to whoever is notified. A run that is told to have ended is owed from the very write that tells
 * it, so that no leader can forget it; one whose end stood in a status before `notify` was set never is.
 */
export function withNotifications(runs: Run[], remembered: Run[], o: Notified): Run[] {
  const before = new Map(remembered.map((run) => [run.uid, run]))
  return runs.map((run) => {
    const { notification: _, ...rest } = run
    const notification = notificationOf(run, before.get(run.uid), o)
    return notification ? { ...rest, notification } : rest
  })
}

function notificationOf(run: Run, before: Run | undefined, o: Notified): Notification | undefined {
  const known = before?.notification
  if (known && known.state !== 'Pending') return known
  if (run.uid === undefined || !isTerminal(run.phase) || !isAsked(o.notify, run)) return undefined
  const delivery = known && o.deliveries?.get(run.uid)
  if (delivery) return delivered(delivery)
  if (known) return known
  return before?.phase === run.phase ? undefined : { state: 'Pending', since: timestamp(o.now) }
}

const delivered = ({ state, time, code, message }: Delivery): Notification => ({
  ...{ state, time: timestamp(time) },
  ...(code === undefined ? {} : { code }),
  ...(message === undefined ? {} : { message }),
})

const isAsked = (notify: Notify | undefined, { phase }: Run) =>
  notify !== undefined && (notify.phases === undefined || notify.phases.some((one) => one === phase))

/** Whether the notification of a run is still to be delivered. */
export const isOwed = ({ notification }: Run): boolean => notification?.state === 'Pending'
