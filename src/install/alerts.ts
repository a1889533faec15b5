import { LEASE } from '../controller/types.ts'
import { METRICS_SERVICE, nameOf } from './names.ts'

const job = `job="${METRICS_SERVICE}"`
const alert = (
  name: string,
  o: { expr: string; for: string; severity: 'critical' | 'warning'; summary: string; description: string },
) => ({
  alert: name,
  expr: o.expr,
  for: o.for,
  labels: { severity: o.severity },
  annotations: { summary: o.summary, description: o.description },
})

/** What is alerted on, as a PrometheusRule has it. The names of metrics are those of src/serve/metrics.ts. */
export const ALERTS = [
  {
    name: 'agentjob',
    rules: [
      alert('AgentJobWebhookDown', {
        expr: `absent(up{${job},pod=~"${nameOf('webhook')}-.*"} == 1)`,
        for: '2m',
        severity: 'critical',
        summary: 'No webhook of AgentJob answers.',
        description: 'AgentJobs and what they refer to cannot be created or changed. What runs goes on.',
      }),
      alert('AgentJobNoLeader', {
        expr: `(sum(leader_election_master_status{${job},name="${LEASE}"}) or vector(0)) < 1`,
        for: '2m',
        severity: 'critical',
        summary: 'No controller of AgentJob leads.',
        description: 'Schedules go on; AgentJobs that run once do not start, and no status is written.',
      }),
      alert('AgentJobAdmissionFails', {
        expr: `sum(increase(controller_runtime_webhook_requests_total{${job},code="500"}[10m])) > 0`,
        for: '5m',
        severity: 'warning',
        summary: 'The webhook of AgentJob could not decide on requests.',
        description: 'They were refused. Its log says why.',
      }),
      alert('AgentJobAdmissionSlow', {
        expr: `histogram_quantile(0.99, sum by (le) (rate(controller_runtime_webhook_latency_seconds_bucket{${job}}[5m]))) > 1`,
        for: '10m',
        severity: 'warning',
        summary: 'Admission of AgentJobs is slow.',
        description: 'One of a hundred takes longer than a second; the API server waits for webhook.timeoutSeconds.',
      }),
      alert('AgentJobReconcileErrors', {
        expr: `sum(rate(controller_runtime_reconcile_total{${job},result="error"}[10m])) / sum(rate(controller_runtime_reconcile_total{${job}}[10m])) > 0.1`,
        for: '15m',
        severity: 'warning',
        summary: 'The controller of AgentJob fails often.',
        description: 'More than one look at an AgentJob in ten ends in an error. Its log says why.',
      }),
      alert('AgentJobQueueGrows', {
        expr: `max(workqueue_depth{${job},name="agentjob"}) > 100`,
        for: '15m',
        severity: 'warning',
        summary: 'AgentJobs wait to be looked at.',
        description: 'The controller does not keep up, or the API server is slow to answer it.',
      }),
    ],
  },
]
