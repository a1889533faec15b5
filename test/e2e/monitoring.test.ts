import { expect, test } from 'bun:test'
import { queries, RULES, textOf } from '../monitoring/expressions.ts'
import { prometheusPrograms } from '../monitoring/prometheus.ts'
import { type Prometheus, startPrometheus } from '../monitoring/server.ts'
import { FETCH_IMAGE, fetchImage } from './fetching/image.ts'
import { startOperatorAgain, stopOperator } from './operators.ts'
import { agentJob, apply, eventually, loaded, newNamespace, refusal, theWorld, untilPhase } from './world.ts'

// A real Prometheus looks at the real operator, which is killed in the end.

const programs = await prometheusPrograms()
if ('why' in programs) console.warn(programs.why)
const image = await loaded(fetchImage)
const withPrometheus = test.skipIf('why' in programs || !image)

/** An agent of which its program says what it took; it fails where its prompt says so. */
const SAYS = JSON.stringify({
  ...{ type: 'result', subtype: 'success', is_error: false, result: 'done', session_id: 's1', total_cost_usd: 0.5 },
  usage: { input_tokens: 1000, output_tokens: 20 },
})
const RUNTIME = {
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentRuntime',
  metadata: { name: 'says' },
  spec: {
    image: FETCH_IMAGE,
    dialect: 'claude-code',
    command: ['sh', '-c', `read -r word; echo '${SAYS}'; exit $word`],
  },
}

/** The API server's own count of calls of our webhook that came to nothing. */
async function failedCalls(): Promise<number> {
  const { client } = await theWorld()
  const { body } = await client.transport.request({ method: 'GET', path: '/metrics' })
  const counts = String(body).matchAll(
    /^apiserver_admission_webhook_rejection_count\{(?=.*name="mutate.agentjob.io")(?=.*error_type="calling_webhook_error").*\} (\d+)/gm,
  )
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

const until = (prometheus: Prometheus, expr: string) =>
  eventually(
    expr,
    () => prometheus.query(expr),
    (values) => values.some((value) => value > 0),
    20_000,
  )

withPrometheus('Prometheus has data for every panel, and an alert when the leader is killed', async () => {
  const { operator } = await theWorld()
  // what takes minutes is wanted at once
  const rules = (await textOf(RULES)).replaceAll(/^( +for: ).*$/gm, '$11s')
  const { prometheus: command } = programs as { prometheus: string }
  const prometheus = await startPrometheus(command, { target: new URL(operator.health).host, rules })
  try {
    await until(prometheus, 'leader_election_master_status{name="agentjob-controller"}')
    const namespace = await newNamespace()
    const job = (name: string, code: number) => agentJob(name, { runtimeRef: 'says', prompt: `${code}` })
    await apply(namespace, [RUNTIME, job('works', 0), job('fails', 1)])
    await Promise.all([untilPhase(namespace, 'works', 'Succeeded'), untilPhase(namespace, 'fails', 'Failed')])
    await until(prometheus, 'increase(agentjob_runs_total{result="Succeeded",reason="Completed"}[1h])')
    await until(prometheus, 'increase(agentjob_runs_total{result="Failed",reason="Error"}[1h])')
    await until(prometheus, 'increase(agentjob_tokens_total{type="input"}[1h]) > 500')
    await until(prometheus, 'increase(agentjob_cost_usd_total[1h]) > 0.3')
    for (const { panel, expr } of await queries()) {
      const asked = expr.replaceAll('$job', 'agentjob').replaceAll('$__rate_interval', '1m')
      const values = await prometheus.query(asked)
      if (!values.some(Number.isFinite)) throw new Error(`the panel "${panel}" has no data: ${asked} gives [${values}]`)
    }
    expect(await prometheus.failing()).toEqual([])
    expect(await prometheus.firing()).not.toContain('AgentJobNoLeader')
    const before = await failedCalls()
    try {
      await stopOperator('SIGKILL')
      await eventually(
        'the alert',
        () => prometheus.firing(),
        (alerts) => alerts.includes('AgentJobNoLeader'),
        20_000,
      )
      expect(await refusal(namespace, job('refused', 0))).toContain('mutate.agentjob.io')
      expect(await failedCalls()).toBeGreaterThan(before)
    } finally {
      await startOperatorAgain()
    }
  } finally {
    await prometheus.stop()
  }
})
