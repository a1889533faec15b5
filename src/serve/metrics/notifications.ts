import { Counter, type Registry } from 'prom-client'
import type { OutboxMetrics } from '../../notify/outbox.ts'

/** What the outbox counts. */
export function notificationMetrics(registers: Registry[]): OutboxMetrics {
  const notifications = new Counter({
    name: 'agentjob_notifications_total',
    help: 'Notifications of the end of a run, by what has become of them.',
    labelNames: ['result'],
    registers,
  })
  // a counter that begins with its first event shows no increase
  for (const result of ['delivered', 'failed']) notifications.inc({ result }, 0)
  return { notified: (result) => notifications.inc({ result }) }
}
