import { GROUP } from '../api/kind.ts'
import { kinds } from '../api/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import type { Rule } from './rights.ts'

const READ = ['get', 'list', 'watch']
const WRITE = ['create', 'update', 'patch', 'delete', 'deletecollection']
const CLUSTER_ACCESSES = 'clusteraccesses'
const QUOTAS = 'agentquotas'
const others = kinds.map(({ plural }) => plural).filter((plural) => plural !== CLUSTER_ACCESSES)

/**
 * What is added to Kubernetes' own roles. Who has `edit` may create Pods, read Secrets and use every ServiceAccount of
 * the namespace already, so AgentJobs and what they name give him nothing new. A ClusterAccess is to AgentJob what a Role
 * is to Kubernetes: it goes to `admin` alone, reading included, and admission still asks for each right in it. The verb
 * `use` goes to nobody: whoever has it hands on rights that he need not hold. An AgentQuota is read by all and written by
 * none, as a ResourceQuota is: it is there to hold them. Nobody writes a status.
 */
export const AGGREGATED: Record<'view' | 'edit' | 'admin', Rule[]> = {
  view: [
    { apiGroups: [GROUP], resources: others, verbs: READ },
    { apiGroups: [GROUP], resources: ['agentjobs/status'], verbs: ['get'] },
  ],
  edit: [{ apiGroups: [GROUP], resources: others.filter((plural) => plural !== QUOTAS), verbs: WRITE }],
  admin: [{ apiGroups: [GROUP], resources: [CLUSTER_ACCESSES], verbs: [...READ, ...WRITE] }],
}

/** ClusterRoles that Kubernetes adds to its own; `edit` has what `view` has, and `admin` what `edit` has. */
export const aggregatedRoles = (labels: Record<string, string>): KubeObject[] =>
  Object.entries(AGGREGATED).map(([to, rules]) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {
      name: `agentjob-${to}`,
      labels: { ...labels, [`rbac.authorization.k8s.io/aggregate-to-${to}`]: 'true' },
    },
    rules,
  }))
