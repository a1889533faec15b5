import type { KubeObject } from '../kube/object.ts'
import { ALERTS } from './alerts.ts'
import { metricsService, type Target } from './workloads.ts'

const PROMETHEUS = 'monitoring.coreos.com/v1'

/** What the Prometheus operator is told. */
export function monitoring(target: Target): KubeObject[] {
  const { values, namespace, labels } = target
  const { serviceMonitor, prometheusRule } = values.metrics
  const objects: KubeObject[] = []
  if (serviceMonitor.enabled) {
    const service = metricsService(target)
    const { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': component } = service.metadata.labels ?? {}
    objects.push(service, {
      apiVersion: PROMETHEUS,
      kind: 'ServiceMonitor',
      metadata: { name: 'agentjob', namespace, labels: { ...serviceMonitor.labels, ...labels } },
      spec: {
        selector: { matchLabels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': component } },
        endpoints: [{ port: 'metrics', path: '/metrics', interval: serviceMonitor.interval }],
      },
    })
  }
  if (prometheusRule.enabled)
    objects.push({
      apiVersion: PROMETHEUS,
      kind: 'PrometheusRule',
      metadata: { name: 'agentjob', namespace, labels: { ...prometheusRule.labels, ...labels } },
      spec: { groups: ALERTS },
    })
  return objects
}
