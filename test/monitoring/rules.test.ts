import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { parse } from 'yaml'
import { createMetrics } from '../../src/serve/metrics.ts'
import { run } from '../cluster/exec.ts'
import { anchorOf, parsePage } from '../docs/markdown.ts'
import { alerts, metricsIn, queries, RULES, textOf } from './expressions.ts'
import { prometheusPrograms } from './prometheus.ts'

const programs = await prometheusPrograms()
if ('why' in programs) console.warn(`promtool is not asked: ${programs.why}`)
const withPromtool = test.skipIf('why' in programs)
const promtool = (...args: string[]) => run((programs as { promtool: string }).promtool, args)

const CASES = join(import.meta.dirname, 'rules.test.yaml')

/** Metrics of the API server that alerts look at; test/e2e/monitoring.test.ts sees that it has them. */
const OF_API_SERVER = ['apiserver_admission_webhook_rejection']

const all = await alerts()

withPromtool('the rules are sound', async () => {
  expect(await promtool('check', 'rules', join(import.meta.dirname, '..', '..', RULES))).toContain('SUCCESS')
})

withPromtool('each alert fires when it should, and not when it should not', async () => {
  expect(await promtool('test', 'rules', CASES)).toContain('SUCCESS')
})

describe('alerts', async () => {
  const { tests } = parse(await textOf('test/monitoring/rules.test.yaml')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts: object[] }[] }[]
  }
  const cases = tests.flatMap(({ alert_rule_test }) => alert_rule_test)
  const { headings } = parsePage('operate', await textOf('docs/guides/operate.md'))
  for (const { alert, labels, annotations } of all)
    test(alert, () => {
      const own = cases.filter(({ alertname }) => alertname === alert)
      expect(own.some(({ exp_alerts }) => exp_alerts.length > 0)).toBe(true)
      expect(own.some(({ exp_alerts }) => exp_alerts.length === 0)).toBe(true)
      expect(['critical', 'warning']).toContain(labels.severity as string)
      expect(headings).toContain(alert)
      expect(annotations.runbook_url).toBe(
        `https://github.com/agentjob/agentjob/blob/main/docs/guides/operate.md#${anchorOf(alert)}` as never,
      )
    })
  test('every heading of the runbooks is an alert', () =>
    expect(headings.filter((heading) => /^AgentJob\w+$/.test(heading)).sort()).toEqual(
      all.map(({ alert }) => alert).sort(),
    ))
})

describe('every metric that is asked for is there', async () => {
  const { registry } = createMetrics()
  const known = registry.getMetricsAsArray().map(({ name }) => name)
  const asked = [...all.map(({ alert, expr }) => ({ panel: alert, expr })), ...(await queries())]
  test('there are some', () => expect(asked.length).toBeGreaterThan(30))
  test.each(asked)('$panel: $expr', ({ expr }) => {
    const metrics = metricsIn(expr)
    expect(metrics.length).toBeGreaterThan(0)
    expect(metrics.filter((metric) => ![...known, ...OF_API_SERVER].includes(metric))).toEqual([])
  })
})

test('names of metrics are found in a query', () => {
  const expr =
    'histogram_quantile(0.9, sum by (le, some_label) (rate(a_b_bucket{c_d="e_f"}[$__rate_interval]))) > on (g_h) i_j'
  expect(metricsIn(expr)).toEqual(['a_b', 'i_j'])
})
