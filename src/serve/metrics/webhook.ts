import { Counter, Histogram, type Registry } from 'prom-client'
import { MUTATE, type WebhookMetrics } from '../../../webhook/app.ts'
import { kinds } from '../../api/kinds.ts'
import { SECONDS } from './buckets.ts'

/**
 * What the webhook reports, under controller-runtime's names. HTTP answers are always 200: what was decided stands in
 * the admission's own code.
 */
export function webhookMetrics(registers: Registry[]): WebhookMetrics {
  const webhook = MUTATE
  const requests = new Counter({
    name: 'controller_runtime_webhook_requests_total',
    help: 'Answers to admission requests by HTTP status; a refusal is a 200, as Kubernetes wants it.',
    labelNames: ['webhook', 'code'],
    registers,
  })
  const responses = new Counter({
    name: 'controller_runtime_webhook_admission_responses_total',
    help: 'Answers to admission requests by what was decided.',
    labelNames: ['webhook', 'allowed', 'admission_code'],
    registers,
  })
  const seconds = new Histogram({
    name: 'controller_runtime_webhook_latency_seconds',
    help: 'How long an answer to an admission request takes.',
    labelNames: ['webhook'],
    buckets: SECONDS,
    registers,
  })
  const admissions = new Counter({
    name: 'agentjob_admissions_total',
    help: 'Answers to admission requests by the object that was to be written.',
    labelNames: ['kind', 'operation', 'code'],
    registers,
  })
  for (const code of [200, 400, 403, 413, 422, 500])
    responses.inc({ webhook, allowed: String(code === 200), admission_code: code }, 0)
  // what begins with its first event shows no increase
  seconds.zero({ webhook })
  for (const { kind } of kinds)
    for (const operation of ['CREATE', 'UPDATE']) admissions.inc({ kind, operation, code: 500 }, 0)
  return {
    admitted(kind, operation, code, after) {
      requests.inc({ webhook, code: 200 })
      responses.inc({ webhook, allowed: String(code === 200), admission_code: code })
      admissions.inc({ kind, operation, code })
      seconds.observe({ webhook }, after)
    },
  }
}
