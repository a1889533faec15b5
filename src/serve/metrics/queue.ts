import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { QueueMetrics } from '../../controller/queue.ts'
import { SECONDS } from './buckets.ts'

const CONTROLLER = 'agentjob'
const RESULTS = ['success', 'error', 'requeue', 'requeue_after'] as const

/** What the controller's queue reports, under the names of controller-runtime and of client-go's workqueue. */
export function queueMetrics(registers: Registry[]): QueueMetrics {
  const controller = { controller: CONTROLLER }
  const queue = { name: CONTROLLER, controller: CONTROLLER }
  const ofController = { labelNames: ['controller'], registers }
  const ofQueue = { labelNames: ['name', 'controller'], registers }
  const reconciles = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Looks at an AgentJob, by their result.',
    labelNames: ['controller', 'result'],
    registers,
  })
  const errors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Looks at an AgentJob that ended with an error.',
    ...ofController,
  })
  const reconcileSeconds = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'How long a look at an AgentJob takes.',
    buckets: SECONDS,
    ...ofController,
  })
  const most = new Gauge({
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'How many AgentJobs are looked at at a time at most.',
    ...ofController,
  })
  let underWay: (() => number[]) | undefined
  const seconds = () => underWay?.() ?? []
  new Gauge({
    name: 'controller_runtime_active_workers',
    help: 'How many AgentJobs are being looked at.',
    ...ofController,
    collect() {
      this.set(controller, seconds().length)
    },
  })
  const depth = new Gauge({ name: 'workqueue_depth', help: 'AgentJobs that wait to be looked at.', ...ofQueue })
  const adds = new Counter({
    name: 'workqueue_adds_total',
    help: 'How often an AgentJob was put in line that did not stand there.',
    ...ofQueue,
  })
  const waited = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long an AgentJob stands in line.',
    buckets: SECONDS,
    ...ofQueue,
  })
  const worked = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'The same as controller_runtime_reconcile_time_seconds.',
    buckets: SECONDS,
    ...ofQueue,
  })
  new Gauge({
    name: 'workqueue_unfinished_work_seconds',
    help: 'How long the looks that are under way have taken together.',
    ...ofQueue,
    collect() {
      this.set(
        queue,
        seconds().reduce((sum, one) => sum + one, 0),
      )
    },
  })
  new Gauge({
    name: 'workqueue_longest_running_processor_seconds',
    help: 'How long the look that is under way for longest has taken.',
    ...ofQueue,
    collect() {
      this.set(queue, Math.max(0, ...seconds()))
    },
  })
  const retries = new Counter({
    name: 'workqueue_retries_total',
    help: 'How often an AgentJob was to be looked at later: after a failure, or at a time.',
    ...ofQueue,
  })
  for (const result of RESULTS) reconciles.inc({ controller: CONTROLLER, result }, 0)
  for (const counter of [adds, retries]) counter.inc(queue, 0)
  errors.inc(controller, 0)
  reconcileSeconds.zero(controller)
  for (const histogram of [waited, worked]) histogram.zero(queue)
  return {
    depth: (length) => depth.set(queue, length),
    added: () => adds.inc(queue),
    taken: (after) => waited.observe(queue, after),
    delayed: () => retries.inc(queue),
    reconciled(result, after) {
      reconciles.inc({ controller: CONTROLLER, result })
      if (result === 'error') errors.inc(controller)
      reconcileSeconds.observe(controller, after)
      worked.observe(queue, after)
    },
    working(concurrency, look) {
      most.set(controller, concurrency)
      underWay = look
    },
  }
}
