/** An alert, as Prometheus reads it. */
export interface Alert {
  alert: string
  /** PromQL; the names of metrics are those of src/serve/metrics.ts. */
  expr: string
  /** For how long it has to hold. */
  for?: string
  labels: { severity: Severity }
  annotations: { summary: string; description: string; runbook_url: string }
}
type Severity = 'critical' | 'warning'

const RUNBOOKS = 'https://github.com/agentjob/agentjob/blob/main/docs/guides/operate.md'

const alert = (
  name: string,
  o: { expr: string; for?: string; severity: Severity; summary: string; description: string },
): Alert => ({
  alert: name,
  expr: o.expr,
  ...(o.for && { for: o.for }),
  labels: { severity: o.severity },
  annotations: {
    summary: o.summary,
    description: o.description,
    runbook_url: `${RUNBOOKS}#${name.toLowerCase()}`,
  },
})

/**
 * Alerts about the operator. docs/guides/operate.md has what to do about each; test/monitoring/rules.test.yaml has what
 * sets each off.
 */
const RULES: Alert[] = [
  alert('AgentJobNoLeader', {
    expr: 'absent(leader_election_master_status{name="agentjob-controller"} == 1)',
    for: '2m',
    severity: 'critical',
    summary: 'No replica of AgentJob leads.',
    description:
      'Nothing new is started and no status is told. Schedules go on by themselves, with the configuration that they have.',
  }),
  alert('AgentJobWebhookUnreachable', {
    expr: 'sum(increase(apiserver_admission_webhook_rejection_count{name="mutate.agentjob.io",error_type="calling_webhook_error"}[5m])) > 0',
    for: '2m',
    severity: 'critical',
    summary: "The API server does not reach AgentJob's webhook.",
    description: 'Nothing of agentjob.io can be created or changed. Runs go on.',
  }),
  alert('AgentJobWebhookErrors', {
    expr: 'sum by (kind) (increase(agentjob_admissions_total{code="500"}[10m])) > 0',
    severity: 'warning',
    summary: "AgentJob's webhook could not decide on {{ $labels.kind }} objects.",
    description:
      '{{ $value | printf "%.0f" }} writes of {{ $labels.kind }} objects were refused in ten minutes because of an error of the webhook\'s own.',
  }),
  alert('AgentJobWebhookSlow', {
    expr: 'histogram_quantile(0.99, sum by (le) (rate(controller_runtime_webhook_latency_seconds_bucket{webhook="/mutate"}[10m]) and on (job, instance) agentjob_certificate_expiration_timestamp_seconds)) > 1',
    for: '10m',
    severity: 'warning',
    summary: "AgentJob's webhook answers slowly.",
    description:
      'One answer in a hundred takes more than {{ $value | humanizeDuration }}. The API server waits for 5 s, and refuses the write then.',
  }),
  alert('AgentJobQueueStuck', {
    expr: 'workqueue_depth{name="agentjob"} > 0 or workqueue_longest_running_processor_seconds{name="agentjob"} > 300',
    for: '15m',
    severity: 'warning',
    summary: 'AgentJobs wait to be looked at, and the queue does not get empty.',
    description: 'Runs start late, and statuses are behind.',
  }),
  alert('AgentJobReconcileErrors', {
    expr: 'sum(rate(controller_runtime_reconcile_errors_total{controller="agentjob"}[10m])) / sum(rate(controller_runtime_reconcile_total{controller="agentjob"}[10m])) > 0.1',
    for: '15m',
    severity: 'warning',
    summary: 'Looks at AgentJobs end with errors.',
    description: '{{ $value | humanizePercentage }} of them. Each is tried again, at last every half a minute.',
  }),
  alert('AgentJobWatchMissesObjects', {
    expr: 'sum by (resource) (increase(reflector_missed_total[2h])) > 0',
    severity: 'warning',
    summary: 'A watch of {{ $labels.resource }} has missed objects.',
    description: 'They were found by the hourly comparison with a list. Until then AgentJob did not know of them.',
  }),
  alert('AgentJobCertificateExpires', {
    expr: '(agentjob_certificate_expiration_timestamp_seconds > 0) - time() < 7 * 86400',
    for: '1h',
    severity: 'critical',
    summary: "The certificate of AgentJob's webhook is not renewed.",
    description:
      'It expires in {{ $value | humanizeDuration }}. From then on nothing of agentjob.io can be created or changed.',
  }),
  alert('AgentJobExpansionsRefused', {
    expr: 'sum by (reason) (increase(agentjob_expansions_refused_total[10m])) > 0',
    for: '15m',
    severity: 'critical',
    summary: 'AgentJobs have expansions that are not ours: {{ $labels.reason }}.',
    description:
      'Nothing is created from them. They were stored past the webhook, or webhook and controller have different keys.',
  }),
  alert('AgentJobRunsFail', {
    expr: 'sum(increase(agentjob_runs_total{result=~"Failed|TimedOut"}[1h])) / sum(increase(agentjob_runs_total{result!="Stopped"}[1h])) > 0.5 and sum(increase(agentjob_runs_total{result=~"Failed|TimedOut"}[1h])) >= 5',
    severity: 'warning',
    summary: 'Most runs of AgentJobs fail.',
    description: '{{ $value | humanizePercentage }} of those that ended within an hour.',
  }),
  alert('AgentJobSchedulesSkipped', {
    expr: 'sum by (reason) (increase(agentjob_skips_total{reason=~"MissedDeadline|ReferenceMissing|QuotaExceeded"}[1h])) > 0',
    severity: 'warning',
    summary: 'Schedules were due and did not start: {{ $labels.reason }}.',
    description: '{{ $value | printf "%.0f" }} times within an hour.',
  }),
]

/** The same, as files and objects of Prometheus have it. */
export const ALERTS = [{ name: 'agentjob', rules: RULES }]
