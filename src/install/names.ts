/*
 * Names are the same in every installation: there is one a cluster, because the CRDs and the webhook's registration are
 * the cluster's.
 */

/** Webhook and controller: two programs, two accounts, two sets of rights. */
export type Part = 'webhook' | 'controller'

/** Name of a part's Deployment, ServiceAccount, roles and bindings. */
export const nameOf = (part: Part): string => `agentjob-${part}`

/** Name of the Service by which the API server reaches the webhook. */
export const WEBHOOK_SERVICE = nameOf('webhook')
/** Port of /healthz, /readyz and /metrics; of a pod's further processes the next ones. */
export const HEALTH_PORT = 8080
/** How many processes a pod has at most. */
export const MOST_PROCESSES = 4
/** Name of the headless Service whose endpoints are the metrics of all replicas. */
export const METRICS_SERVICE = 'agentjob-metrics'
/** Name of the ConfigMap with the operator's settings. */
export const SETTINGS_CONFIG_MAP = 'agentjob-settings'
/** Name of the ConfigMap with Grafana's dashboard. */
export const DASHBOARD_CONFIG_MAP = 'agentjob-dashboard'
/** Name of cert-manager's Issuer and Certificate, and of the Secret that comes of them. */
export const CERT_MANAGER_NAME = 'agentjob-webhook-tls'

/** The name under which the API server knows a part. */
export const userOf = (part: Part, namespace: string): string => `system:serviceaccount:${namespace}:${nameOf(part)}`
