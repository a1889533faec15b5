import { collectDefaultMetrics, Registry } from 'prom-client'
import type { CertificateMetrics } from '../../certs/metrics.ts'
import type { WebhookMetrics } from '../../webhook/app.ts'
import type { ControllerMetrics } from '../controller/metrics.ts'
import type { QueueMetrics } from '../controller/queue.ts'
import type { KubeMetrics } from '../kube/metrics.ts'
import type { OutboxMetrics } from '../notify/outbox.ts'
import type { SigningMetrics } from '../signing/metrics.ts'
import { certificateMetrics } from './metrics/certificates.ts'
import { kubeMetrics } from './metrics/kube.ts'
import { notificationMetrics } from './metrics/notifications.ts'
import { queueMetrics } from './metrics/queue.ts'
import { runMetrics } from './metrics/runs.ts'
import { signingMetrics } from './metrics/signing.ts'
import { webhookMetrics } from './metrics/webhook.ts'

/** Everything that the process reports of itself. */
export type Metrics = KubeMetrics &
  QueueMetrics &
  ControllerMetrics &
  OutboxMetrics &
  WebhookMetrics &
  CertificateMetrics &
  SigningMetrics & { registry: Registry }

/**
 * Metrics under the names of controller-runtime and client-go, which existing dashboards and alerts know, and our own
 * under `agentjob_`. docs/metrics.md is made from the registry.
 */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  // Bun goes over its whole heap for them: with ten thousand AgentJobs no admission is answered for a tenth of a second
  for (const what of ['total', 'used', 'available']) registry.removeSingleMetric(`nodejs_heap_space_size_${what}_bytes`)
  const registers = [registry]
  return {
    registry,
    ...kubeMetrics(registers),
    ...queueMetrics(registers),
    ...runMetrics(registers),
    ...notificationMetrics(registers),
    ...webhookMetrics(registers),
    ...certificateMetrics(registers),
    ...signingMetrics(registers),
  }
}
