import type { MetricObject, Registry } from 'prom-client'
import { RUN_REASONS } from './metrics/runs.ts'

const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(', ')

const REASONS = Object.entries(RUN_REASONS)
  .map(([result, reasons]) => `${result}: ${code(reasons)}`)
  .join('; ')

/** What each label can be. A metric with another one has no place on the page, and its test fails. */
const LABELS: Record<string, string> = {
  admission_code: 'Status of the decision: `200`, or that of the refusal: `400`, `403`, `413`, `422`, `500`.',
  allowed: '`true` or `false`.',
  code: 'HTTP status; `<error>` where there was no answer. Of `agentjob_admissions_total`: that of the decision.',
  controller: '`agentjob`.',
  host: 'Host and port of the API server.',
  kind: 'Kind of the object, one of ours; else `other`.',
  method: '`GET`, `POST`, `PUT`, `PATCH` or `DELETE`.',
  name: '`agentjob`; of the lease: `agentjob-controller`.',
  operation: '`CREATE`, `UPDATE`, `DELETE` or `CONNECT`; `other` for what is no admission request.',
  phase: 'A [phase](guides/concepts.md#phases).',
  reason: `Of runs, ${REASONS}. Of skips: [these](guides/concepts.md#what-became-of-each-time-of-a-schedule). Of expansions: \`Missing\`, \`Signature\` (another key, or another object), \`Spec\` (made from another spec).`,
  resource: 'Plural of a kind that is watched.',
  result: `Of runs: ${code(Object.keys(RUN_REASONS))}. Of looks: \`success\`, \`error\`, \`requeue\`, \`requeue_after\`. Of notifications: \`delivered\`, \`failed\`.`,
  type: '`input` and `output`; `cacheRead` and `cacheWrite` where a program tells them apart.',
  verb: 'The same as `method`.',
  webhook: '`/mutate`.',
}

/** Those of the process itself are prom-client's, and not the same on every system. */
const OTHERS = /^(process|nodejs)_/

const HEAD = `# Metrics

\`/metrics\` on the health port (8080; of further processes in a pod of the webhook 8081 and so on), in Prometheus' text format. Each process tells of itself; what is counted of AgentJobs and runs is counted by the leader alone, so sum over them.

Names and labels are those of [controller-runtime](https://book.kubebuilder.io/reference/metrics-reference) and client-go where there are some, and what begins with \`agentjob_\` is ours. No label is of a user's choosing: no names, no namespaces, no models. How many series there are depends on the code alone.

- **A run is counted once**, when its end is first written into a status. A new leader counts what it writes itself, and none that a status tells of already. What a leader has written and not counted before it was killed, nobody counts.
- **Counters begin with 0** for every result and reason, so that \`increase()\` sees the first one.
- **Tokens and costs** are what programs say of themselves; a run with more than a billion tokens or 10,000 dollars is not believed.

[Rules and a dashboard](guides/operate.md) are made of these.
`

/** The page of all metrics of a registry: name, type, labels, meaning; and what labels can be. */
export function metricsReference(registry: Registry): string {
  const metrics = registry.getMetricsAsArray().filter(({ name }) => !OTHERS.test(name))
  const isOurs = ({ name }: MetricObject) => name.startsWith('agentjob_')
  const labels = new Set(metrics.flatMap(labelsOf))
  return [
    HEAD,
    '## Of AgentJobs, their runs and admission\n',
    tableOf(metrics.filter(isOurs)),
    '## As other controllers have them\n',
    tableOf(metrics.filter((metric) => !isOurs(metric))),
    '`process_*` and `nodejs_*` tell of memory, CPU and files of the process, as [prom-client](https://github.com/siimon/prom-client#default-metrics) has them.\n',
    '## Labels\n',
    table(
      ['label', 'what it can be'],
      [...labels].sort().map((label) => [`\`${label}\``, meaningOf(label)]),
    ),
  ].join('\n')
}

const labelsOf = (metric: MetricObject): string[] =>
  (metric as MetricObject & { labelNames?: string[] }).labelNames ?? []

function meaningOf(label: string): string {
  const meaning = LABELS[label]
  if (!meaning) throw new Error(`the label ${label} has no place on the page of metrics`)
  return meaning
}

const tableOf = (metrics: MetricObject[]) =>
  table(
    ['name', 'type', 'labels', 'meaning'],
    [...metrics]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((metric) => [`\`${metric.name}\``, String(metric.type), code(labelsOf(metric)), metric.help]),
  )

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return [line(head), `|${'---|'.repeat(head.length)}\n`, ...rows.map(line)].join('')
}
