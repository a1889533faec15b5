import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { WebhookMetrics } from '../../webhook/app.ts'
import type { QueueMetrics } from '../controller/queue.ts'
import type { SkipMetrics } from '../controller/skipped.ts'
import type { KubeMetrics } from '../kube/metrics.ts'
import type { OutboxMetrics } from '../notify/outbox.ts'

/** Everything that the process reports of itself. */
export type Metrics = KubeMetrics & QueueMetrics & SkipMetrics & OutboxMetrics & WebhookMetrics & { registry: Registry }

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
const CONTROLLER = 'agentjob'

/** Metrics under the names of controller-runtime and client-go, which existing dashboards and alerts know. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  // Bun goes over its whole heap for them: with ten thousand AgentJobs no admission is answered for a tenth of a second
  for (const what of ['total', 'used', 'available']) registry.removeSingleMetric(`nodejs_heap_space_size_${what}_bytes`)
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server by status code and method.',
    labelNames: ['code', 'method'],
    registers,
  })
  const lists = new Counter({
    name: 'reflector_lists_total',
    help: 'Full lists that a cache was filled from.',
    labelNames: ['resource'],
    registers,
  })
  const missed = new Counter({
    name: 'reflector_missed_total',
    help: 'Objects that a watch had missed when the cache was compared with a full list.',
    labelNames: ['resource'],
    registers,
  })
  const leader = new Gauge({
    name: 'leader_election_master_status',
    help: 'Whether this process holds the lease.',
    labelNames: ['name'],
    registers,
  })
  const depth = new Gauge({
    name: 'workqueue_depth',
    help: 'AgentJobs that wait to be looked at.',
    labelNames: ['name'],
    registers,
  })
  const reconciles = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciles by result.',
    labelNames: ['controller', 'result'],
    registers,
  })
  const reconcileSeconds = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'How long a reconcile takes.',
    labelNames: ['controller'],
    buckets: SECONDS,
    registers,
  })
  const skips = new Counter({
    name: 'agentjob_skips_total',
    help: 'Times at which a schedule was due and no run started, by reason, as they are first told in a status.',
    labelNames: ['reason'],
    registers,
  })
  const notifications = new Counter({
    name: 'agentjob_notifications_total',
    help: 'Notifications of the end of a run, by what has become of them.',
    labelNames: ['result'],
    registers,
  })
  const admissions = new Counter({
    name: 'controller_runtime_webhook_requests_total',
    help: 'Admission requests by the status code of the decision.',
    labelNames: ['webhook', 'code'],
    registers,
  })
  const admissionSeconds = new Histogram({
    name: 'controller_runtime_webhook_latency_seconds',
    help: 'How long an admission takes.',
    labelNames: ['webhook'],
    buckets: SECONDS,
    registers,
  })
  return {
    registry,
    requested: (method, code) => requests.inc({ code, method }),
    listed: (resource) => lists.inc({ resource }),
    missed: (resource, objects) => missed.inc({ resource }, objects),
    leading: (name, holds) => leader.set({ name }, holds ? 1 : 0),
    depth: (length) => depth.set({ name: CONTROLLER }, length),
    reconciled(result, seconds) {
      reconciles.inc({ controller: CONTROLLER, result })
      reconcileSeconds.observe({ controller: CONTROLLER }, seconds)
    },
    notified: (result) => notifications.inc({ result }),
    skipped: (reason, times) => skips.inc({ reason }, times),
    admitted(kind, operation, code, seconds) {
      admissions.inc({ webhook: `${kind}/${operation}`, code })
      admissionSeconds.observe({ webhook: `${kind}/${operation}` }, seconds)
    },
  }
}
