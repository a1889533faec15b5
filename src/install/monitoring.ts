import type { KubeObject } from '../kube/object.ts'
import { ALERTS } from './alerts.ts'
import DASHBOARD from './dashboard.json' with { type: 'json' }
import { goJson } from './gojson.ts'
import { DASHBOARD_CONFIG_MAP } from './names.ts'
import { metricsService, type Target } from './workloads.ts'

const PROMETHEUS = 'monitoring.coreos.com/v1'

/** The dashboard, as Grafana imports it. */
export const dashboardText = (): string => `${goJson(DASHBOARD)}\n`

/** What the Prometheus operator and Grafana's sidecar are told. */
export function monitoring(target: Target): KubeObject[] {
  const { values, namespace, labels } = target
  const { serviceMonitor, prometheusRule, dashboard } = values.metrics
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
        endpoints: service.spec.ports.map(({ name: port }) => ({
          port,
          path: '/metrics',
          interval: serviceMonitor.interval,
        })),
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
  if (dashboard.enabled)
    objects.push({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: DASHBOARD_CONFIG_MAP, namespace, labels: { ...dashboard.labels, ...labels } },
      data: { 'agentjob.json': dashboardText() },
    })
  return objects
}
