import { agentJob } from '../api/agentjob.ts'
import { agentQuota } from '../api/agentquota.ts'
import { type EgressSettings, policyKinds } from '../expand/egress/settings.ts'
import type { OwnerReference, PartialObjectMetadata, ResourceType } from '../kube/object.ts'
import { typeOf } from '../references/caches.ts'

const RBAC = 'rbac.authorization.k8s.io'
const type = (group: string, kind: string, plural: string, namespaced = true): ResourceType => ({
  group,
  version: 'v1',
  kind,
  plural,
  namespaced,
})

export const AGENT_JOB = typeOf(agentJob)
export const AGENT_QUOTA = typeOf(agentQuota)
export const JOB = type('batch', 'Job', 'jobs')
export const CRON_JOB = type('batch', 'CronJob', 'cronjobs')
export const POD = type('', 'Pod', 'pods')

/** What an expansion may hold beside Jobs, by kind. The list is closed: nothing else is ever created from one. */
export const CHILD_TYPES: Record<string, ResourceType> = {
  CronJob: CRON_JOB,
  PersistentVolumeClaim: type('', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  ServiceAccount: type('', 'ServiceAccount', 'serviceaccounts'),
  ConfigMap: type('', 'ConfigMap', 'configmaps'),
  Role: type(RBAC, 'Role', 'roles'),
  RoleBinding: type(RBAC, 'RoleBinding', 'rolebindings'),
  ClusterRole: type(RBAC, 'ClusterRole', 'clusterroles', false),
  ClusterRoleBinding: type(RBAC, 'ClusterRoleBinding', 'clusterrolebindings', false),
  NetworkPolicy: type('networking.k8s.io', 'NetworkPolicy', 'networkpolicies'),
  CiliumNetworkPolicy: { ...type('cilium.io', 'CiliumNetworkPolicy', 'ciliumnetworkpolicies'), version: 'v2' },
}

/** Those that only ClusterAccess brings about; where it is switched off, the operator may not even look at them. */
const OF_CLUSTER_ACCESS = ['ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding']

/** Those that only egress brings about. */
const OF_EGRESS = ['NetworkPolicy', 'CiliumNetworkPolicy']

/** What of a cluster an operator is there for. */
export interface Looked {
  clusterAccess: boolean
  egress?: Partial<EgressSettings>
}

/** The kinds that an operator looks after. */
export function childTypes({ clusterAccess, egress }: Looked): ResourceType[] {
  const policies = policyKinds(egress)
  return Object.values(CHILD_TYPES).filter(
    ({ kind }) =>
      (clusterAccess || !OF_CLUSTER_ACCESS.includes(kind)) && (!OF_EGRESS.includes(kind) || policies.includes(kind)),
  )
}

/** Label of cluster-scoped children in place of an owner reference, which cannot lead into a namespace. */
export const OWNER_UID_LABEL = 'agentjob.io/owner-uid'
/** Who applies our fields. */
export const FIELD_MANAGER = 'agentjob'

/** The reference that makes an AgentJob the controller of a child. */
export const ownerReference = ({ apiVersion, kind, metadata }: PartialObjectMetadata): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name as string,
  uid: metadata.uid as string,
  controller: true,
  blockOwnerDeletion: true,
})

/** The owner reference of whoever controls an object. */
export const controllerOf = ({ metadata }: PartialObjectMetadata): OwnerReference | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller)

/** The uid of whoever an object of ours belongs to; a label says so of cluster-scoped ones alone. */
export const ownerUid = (object: PartialObjectMetadata): string | undefined =>
  object.metadata.namespace ? controllerOf(object)?.uid : object.metadata.labels?.[OWNER_UID_LABEL]

/** Name of the Lease in the operator's namespace. */
export const LEASE = 'agentjob-controller'
