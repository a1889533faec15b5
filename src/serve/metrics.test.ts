import { describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Phase, type Run } from '../api/agentjobstatus.ts'
import { isTerminal } from '../status/run.ts'
import { labelsOf, RUN_REASONS } from './metrics/runs.ts'
import { createMetrics } from './metrics.ts'
import { metricsReference } from './metricsreference.ts'

const run = (more: Partial<Run>): Run => ({
  jobName: 'a-1',
  phase: 'Succeeded',
  startTime: '2026-05-04T09:00:00Z',
  completionTime: '2026-05-04T09:01:10Z',
  ...more,
})

/** The value of one series, or undefined where there is none. */
async function value({ registry }: ReturnType<typeof createMetrics>, series: string): Promise<number | undefined> {
  const line = (await registry.metrics()).split('\n').find((line) => line.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length))
}

test('a scrape tells of the process and of the work, and goes over no heap for it', async () => {
  const metrics = createMetrics()
  metrics.reconciled('success', 0.002)
  metrics.skipped('ConcurrencyForbid', 2)
  const text = await metrics.registry.metrics()
  expect(text).toContain('controller_runtime_reconcile_total{controller="agentjob",result="success"} 1')
  expect(text).toContain('agentjob_skips_total{reason="ConcurrencyForbid"} 2')
  expect(text).toContain('process_resident_memory_bytes')
  expect(text).not.toContain('heap_space')
})

test('a refusal is an HTTP 200 with its own code, as controller-runtime counts them', async () => {
  const metrics = createMetrics()
  metrics.admitted('AgentJob', 'CREATE', 422, 0.01)
  expect(await value(metrics, 'controller_runtime_webhook_requests_total{webhook="/mutate",code="200"}')).toBe(1)
  const responses = 'controller_runtime_webhook_admission_responses_total'
  expect(await value(metrics, `${responses}{webhook="/mutate",allowed="false",admission_code="422"}`)).toBe(1)
  expect(await value(metrics, 'agentjob_admissions_total{kind="AgentJob",operation="CREATE",code="422"}')).toBe(1)
})

describe('runs', () => {
  const cases: { name: string; given: Partial<Run>; want: { result: string; reason: string } }[] = [
    { name: 'that succeeded', given: {}, want: { result: 'Succeeded', reason: 'Completed' } },
    {
      name: 'that ran out of memory',
      given: { phase: 'Failed', reason: 'OOMKilled' },
      want: { result: 'Failed', reason: 'OOMKilled' },
    },
    {
      name: 'that failed for a reason of a runtime of its own',
      given: { phase: 'Failed', reason: 'WasmTrap7' },
      want: { result: 'Failed', reason: 'Other' },
    },
    { name: 'that failed without a reason', given: { phase: 'Failed' }, want: { result: 'Failed', reason: 'Other' } },
  ]
  for (const { name, given, want } of cases) test(`${name}`, () => expect(labelsOf(run(given))).toEqual(want))

  test('are counted with their time, tokens and cost', async () => {
    const metrics = createMetrics()
    const usage = { inputTokens: 100, outputTokens: 20, cacheReadTokens: 3, costUSD: '0.25' }
    metrics.ended(run({ usage }))
    metrics.ended(run({ phase: 'Failed', reason: 'Error', usage: { costUSD: '0.5' } }))
    expect(await value(metrics, 'agentjob_runs_total{result="Succeeded",reason="Completed"}')).toBe(1)
    expect(await value(metrics, 'agentjob_run_duration_seconds_sum{result="Succeeded"}')).toBe(70)
    expect(await value(metrics, 'agentjob_tokens_total{type="input"}')).toBe(100)
    expect(await value(metrics, 'agentjob_tokens_total{type="cacheRead"}')).toBe(3)
    expect(await value(metrics, 'agentjob_tokens_total{type="cacheWrite"}')).toBe(0)
    expect(await value(metrics, 'agentjob_cost_usd_total')).toBe(0.75)
  })

  test('of which an agent tells stories spoil no sum', async () => {
    const metrics = createMetrics()
    metrics.ended(run({ usage: { inputTokens: Number.MAX_SAFE_INTEGER, outputTokens: 5, costUSD: '999999999999' } }))
    expect(await value(metrics, 'agentjob_tokens_total{type="input"}')).toBe(0)
    expect(await value(metrics, 'agentjob_tokens_total{type="output"}')).toBe(5)
    expect(await value(metrics, 'agentjob_cost_usd_total')).toBe(0)
  })

  test('that never started took no time', async () => {
    const metrics = createMetrics()
    metrics.ended(run({ phase: 'TimedOut', reason: 'DeadlineExceeded', startTime: undefined }))
    expect(await value(metrics, 'agentjob_run_duration_seconds_count{result="TimedOut"}')).toBe(0)
    expect(await value(metrics, 'agentjob_runs_total{result="TimedOut",reason="DeadlineExceeded"}')).toBe(1)
  })

  test('make no new series, whatever their reasons and names', async () => {
    const metrics = createMetrics()
    for (const result of Phase.options.filter(isTerminal)) metrics.ended(run({ phase: result, reason: 'Other' }))
    const seriesOf = async () =>
      (await metrics.registry.metrics()).split('\n').filter((line) => /^agentjob_run/.test(line))
    const before = await seriesOf()
    for (let i = 0; i < 1000; i++) metrics.ended(run({ jobName: `job-${i}`, phase: 'Failed', reason: `Reason${i}` }))
    expect(await seriesOf()).toHaveLength(before.length)
  })

  test('end with every result that there is', () =>
    expect(Object.keys(RUN_REASONS).sort()).toEqual(Phase.options.filter(isTerminal).sort()))

  test('have every reason that the status gives by itself', async () => {
    const files = ['ending', 'run', 'runs', 'precheck', 'disruption', 'neverstarted']
    const folder = join(import.meta.dirname, '..', 'status')
    const code = (await Promise.all(files.map((file) => readFile(join(folder, `${file}.ts`), 'utf8')))).join('\n')
    const found = [
      ...code.matchAll(/\breason: '([A-Z]\w+)'|^export const [A-Z_]+ = '([A-Z]\w+)'|^ {2}([A-Z]\w+): 'the pod/gm),
    ]
    const reasons = new Set(found.map(([, ...words]) => words.find((word) => word !== undefined) as string))
    // those of runs that have not ended
    for (const open of ['ConcurrencyLimit', 'QuotaExceeded', 'FailedCreate', 'FailedMount']) reasons.delete(open)
    expect(reasons).toContain('PrecheckSkipped')
    expect(reasons).toContain('EvictionByEvictionAPI')
    const known = Object.values(RUN_REASONS).flat()
    expect([...reasons].filter((reason) => !known.includes(reason))).toEqual([])
  })
})

test('phases are told by the leader alone', async () => {
  const metrics = createMetrics()
  expect(await value(metrics, 'agentjob_phase{phase="Running"}')).toBeUndefined()
  metrics.phases(() => new Map([['Running', 3]]))
  expect(await value(metrics, 'agentjob_phase{phase="Running"}')).toBe(3)
  metrics.phases(undefined)
  expect(await value(metrics, 'agentjob_phase{phase="Running"}')).toBeUndefined()
})

test('the page has every metric, with a meaning for each label', () => {
  const { registry } = createMetrics()
  const page = metricsReference(registry)
  const ours = registry.getMetricsAsArray().filter(({ name }) => !/^(process|nodejs)_/.test(name))
  expect(ours.length).toBeGreaterThan(25)
  for (const { name, type } of ours) expect(page).toContain(`| \`${name}\` | ${type} |`)
  expect(ours.filter(({ help }) => !/^[A-Z].*\.$/.test(help)).map(({ name }) => name)).toEqual([])
})

test('the page has no place for a label that nobody explains', () => {
  const { registry, ...metrics } = createMetrics()
  const metric = registry.getSingleMetric('agentjob_phase') as unknown as { labelNames: string[] }
  metric.labelNames = ['namespace']
  expect(() => metricsReference(registry)).toThrow('the label namespace')
  expect(metrics).toBeDefined()
})
