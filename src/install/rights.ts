import { GROUP } from '../api/kind.ts'
import { kinds } from '../api/kinds.ts'
import { LEASE } from '../controller/types.ts'
import { NOTIFICATION_KEY } from '../notify/key.ts'
import { SIGNING_SECRET } from '../signing/key.ts'
import { WEBHOOK_CONFIGURATION } from './webhookconfiguration.ts'

/** Name of the Secret with the self-signed certificate. */
export const CERTIFICATE_SECRET = 'agentjob-webhook-certificate'

const READ = ['get', 'list', 'watch']
const RBAC = 'rbac.authorization.k8s.io'

/** What the operator may do in the whole cluster; each rule says what for. */
export const clusterRules = () => [
  // references and AgentJobs; an AgentJob is touched, gets a finalizer and a status, and owns its children
  { apiGroups: [GROUP], resources: kinds.map(({ plural }) => plural), verbs: READ },
  { apiGroups: [GROUP], resources: ['agentjobs'], verbs: ['patch'] },
  { apiGroups: [GROUP], resources: ['agentjobs/status'], verbs: ['patch'] },
  { apiGroups: [GROUP], resources: ['agentjobs/finalizers'], verbs: ['update'] },
  // what of an AgentQuota is used; its runs of a day are counted there
  { apiGroups: [GROUP], resources: ['agentquotas/status'], verbs: ['patch'] },
  // the runs; a run is ended by its Job's and its pod's deadline
  { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: [...READ, 'create', 'patch', 'delete'] },
  { apiGroups: ['batch'], resources: ['cronjobs'], verbs: ['update'] },
  { apiGroups: [''], resources: ['pods'], verbs: [...READ, 'patch'] },
  // what a vendor's program prints at its end: result, tokens, cost
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  // what the runs need; a volume is never deleted
  { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: [...READ, 'create', 'patch'] },
  { apiGroups: [''], resources: ['configmaps', 'serviceaccounts'], verbs: [...READ, 'create', 'patch', 'delete'] },
  // ClusterAccess: rights that its writer holds, handed on to an agent
  {
    apiGroups: [RBAC],
    resources: ['roles', 'clusterroles'],
    verbs: [...READ, 'create', 'patch', 'delete', 'escalate', 'bind'],
  },
  {
    apiGroups: [RBAC],
    resources: ['rolebindings', 'clusterrolebindings'],
    verbs: [...READ, 'create', 'patch', 'delete'],
  },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  // events are written, and tell why a Job has no pod
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: [...READ, 'create', 'patch'] },
  // caBundle follows the self-signed certificate
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['mutatingwebhookconfigurations'],
    resourceNames: [WEBHOOK_CONFIGURATION],
    verbs: [...READ, 'patch'],
  },
]

/** What the operator may do in its own namespace: the lease, its keys, the self-signed certificate. */
export const namespaceRules = () => [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [LEASE], verbs: ['get', 'update'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
  { apiGroups: [''], resources: ['secrets'], resourceNames: [SIGNING_SECRET, NOTIFICATION_KEY], verbs: ['get'] },
  { apiGroups: [''], resources: ['secrets'], resourceNames: [CERTIFICATE_SECRET], verbs: [...READ, 'update'] },
]

/** What everybody may do there: read the public key of notifications. */
export const publicRules = () => [
  { apiGroups: [''], resources: ['configmaps'], resourceNames: [NOTIFICATION_KEY], verbs: ['get'] },
]
