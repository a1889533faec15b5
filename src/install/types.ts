import type { PartialObjectMetadata, ResourceType } from '../kube/object.ts'

/** Every kind that an installation can consist of, in the order of their creation. */
const PLURALS: Record<string, { plural: string; namespaced: boolean; apiVersion: string }> = {
  Namespace: { apiVersion: 'v1', plural: 'namespaces', namespaced: false },
  CustomResourceDefinition: {
    apiVersion: 'apiextensions.k8s.io/v1',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
  ServiceAccount: { apiVersion: 'v1', plural: 'serviceaccounts', namespaced: true },
  ClusterRole: { apiVersion: 'rbac.authorization.k8s.io/v1', plural: 'clusterroles', namespaced: false },
  ClusterRoleBinding: { apiVersion: 'rbac.authorization.k8s.io/v1', plural: 'clusterrolebindings', namespaced: false },
  Role: { apiVersion: 'rbac.authorization.k8s.io/v1', plural: 'roles', namespaced: true },
  RoleBinding: { apiVersion: 'rbac.authorization.k8s.io/v1', plural: 'rolebindings', namespaced: true },
  ConfigMap: { apiVersion: 'v1', plural: 'configmaps', namespaced: true },
  Service: { apiVersion: 'v1', plural: 'services', namespaced: true },
  Deployment: { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true },
  PodDisruptionBudget: { apiVersion: 'policy/v1', plural: 'poddisruptionbudgets', namespaced: true },
  NetworkPolicy: { apiVersion: 'networking.k8s.io/v1', plural: 'networkpolicies', namespaced: true },
  Issuer: { apiVersion: 'cert-manager.io/v1', plural: 'issuers', namespaced: true },
  Certificate: { apiVersion: 'cert-manager.io/v1', plural: 'certificates', namespaced: true },
  ServiceMonitor: { apiVersion: 'monitoring.coreos.com/v1', plural: 'servicemonitors', namespaced: true },
  PrometheusRule: { apiVersion: 'monitoring.coreos.com/v1', plural: 'prometheusrules', namespaced: true },
  ValidatingAdmissionPolicy: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    plural: 'validatingadmissionpolicies',
    namespaced: false,
  },
  ValidatingAdmissionPolicyBinding: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    plural: 'validatingadmissionpolicybindings',
    namespaced: false,
  },
  MutatingWebhookConfiguration: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    plural: 'mutatingwebhookconfigurations',
    namespaced: false,
  },
}

function typeNamed(kind: string): ResourceType {
  const known = PLURALS[kind]
  if (!known) throw new Error(`no path is known for ${kind}`)
  const { apiVersion, ...rest } = known
  const [version, group = ''] = apiVersion.split('/').reverse() as [string, string?]
  return { group, version, kind, ...rest }
}

/** Where the kinds of an installation are served. */
export const INSTALLED_TYPES: ResourceType[] = Object.keys(PLURALS).map(typeNamed)

/** Where an object of an installation is served. Throws for a kind that no installation has. */
export const installedType = ({ kind }: PartialObjectMetadata): ResourceType => typeNamed(kind)
