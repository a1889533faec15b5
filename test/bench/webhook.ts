import type { Benchmark, Measured } from './benchmark.ts'
import { agentJob } from './objects.ts'
import { buildWebhookLoader, reviewOf } from './webhookload.ts'

const CONNECTIONS = [1, 8, 64]

/** The webhook of the running operator, asked straight away, not by the API server. */
export const webhook: Benchmark = {
  name: 'webhook',
  about: 'the webhook alone, from 1, 8 and 64 connections: an AgentJob with four references is created',
  async start(world, effort) {
    const namespace = await world.namespace()
    const object = { ...agentJob('run'), metadata: { name: 'run', namespace } }
    const post = await buildWebhookLoader(world, reviewOf(object))
    await post('-for', effort.quick ? '200ms' : '2s')
    return async () => {
      const measured: Measured[] = []
      for (const connections of CONNECTIONS) {
        const report = await post('-clients', String(connections), '-for', effort.quick ? '300ms' : '3s')
        if (Object.keys(report.errors).length) throw new Error(JSON.stringify(report.errors))
        const from = `from ${connections} connection${connections > 1 ? 's' : ''}`
        measured.push(
          { name: `answers, ${from}`, unit: '/s', value: report.perSecond },
          { name: `p50, ${from}`, unit: 'ms', value: report.p50us / 1000 },
          { name: `p99, ${from}`, unit: 'ms', value: report.p99us / 1000 },
        )
      }
      return measured
    }
  },
}
