import { GROUP } from '../api/kind.ts'
import { kinds } from '../api/kinds.ts'
import { LEASE, type Looked } from '../controller/types.ts'
import { policyKinds } from '../expand/egress/settings.ts'
import { NOTIFICATION_KEY } from '../notify/key.ts'
import { SIGNING_EPOCHS, SIGNING_SECRET } from '../signing/key.ts'
import { WEBHOOK_CONFIGURATION } from './webhookconfiguration.ts'

/** Name of the Secret with the self-signed certificate. */
export const CERTIFICATE_SECRET = 'agentjob-webhook-certificate'

/** A rule of a Role or ClusterRole. */
export interface Rule {
  apiGroups: string[]
  resources: string[]
  resourceNames?: string[]
  verbs: string[]
}

/** What somebody may do in the whole cluster, and in the operator's own namespace. */
export interface Rights {
  cluster: Rule[]
  namespace: Rule[]
}

const READ = ['get', 'list', 'watch']
const FOLLOW = ['list', 'watch']
const RBAC = 'rbac.authorization.k8s.io'
/** The kinds that AgentJobs refer to. */
const REFERENCES = kinds.filter(({ expands }) => !expands).map(({ plural }) => plural)
const QUOTAS = 'agentquotas'

/*
 * Each rule says what for; nothing here asks for more than one of the two really sends to the API server. Of Secrets the
 * operator reads its own alone. The chart takes these sections as they are.
 */

/** `agentjob serve --only webhook`. It reads and asks, and writes nothing. */
const webhook: Rights = {
  cluster: [
    // what AgentJobs refer to: followed, and read where the cache is behind
    { apiGroups: [GROUP], resources: REFERENCES.filter((plural) => plural !== QUOTAS), verbs: READ },
    // what they are held to: followed alone
    { apiGroups: [GROUP], resources: [QUOTAS], verbs: FOLLOW },
    // the texts of contexts, of ConfigMaps that are named
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
    // what the requester may do
    { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  ],
  namespace: [
    { apiGroups: [''], resources: ['secrets'], resourceNames: [SIGNING_SECRET], verbs: ['get'] },
    // a key that is to be known before it signs
    { apiGroups: [''], resources: ['secrets'], resourceNames: [SIGNING_EPOCHS], verbs: READ },
  ],
}

/** The same, where it makes its certificate itself. */
const selfSigned: Rights = {
  cluster: [
    // caBundle follows the certificate
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['mutatingwebhookconfigurations'],
      resourceNames: [WEBHOOK_CONFIGURATION],
      verbs: [...READ, 'patch'],
    },
  ],
  namespace: [
    // the name of what is created cannot be told to RBAC
    { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
    { apiGroups: [''], resources: ['secrets'], resourceNames: [CERTIFICATE_SECRET], verbs: [...READ, 'update'] },
  ],
}

/** `agentjob serve --only controller`. */
const controller: Rights = {
  cluster: [
    // an AgentJob is touched, gets a finalizer and a status, and owns its children
    { apiGroups: [GROUP], resources: ['agentjobs'], verbs: [...READ, 'patch'] },
    { apiGroups: [GROUP], resources: ['agentjobs/status'], verbs: ['patch'] },
    // what of them is used; read where somebody else has written to one meanwhile
    { apiGroups: [GROUP], resources: [`${QUOTAS}/status`], verbs: ['patch'] },
    { apiGroups: [GROUP], resources: [QUOTAS], verbs: ['get'] },
    // OwnerReferencesPermissionEnforcement: children block the deletion of their owner
    { apiGroups: [GROUP], resources: ['agentjobs/finalizers'], verbs: ['update'] },
    // whose expansion is out of date
    { apiGroups: [GROUP], resources: REFERENCES, verbs: FOLLOW },
    // the runs; a run is ended by its Job's and its pod's deadline
    { apiGroups: ['batch'], resources: ['jobs'], verbs: [...READ, 'create', 'patch', 'delete'] },
    // replaced as a whole where somebody has added to it
    { apiGroups: ['batch'], resources: ['cronjobs'], verbs: [...READ, 'create', 'patch', 'update', 'delete'] },
    { apiGroups: [''], resources: ['pods'], verbs: [...FOLLOW, 'patch'] },
    // what a vendor's program prints at its end: result, tokens, cost
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    // what the runs need; a volume is never deleted
    { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: [...READ, 'create', 'patch'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: [...READ, 'create', 'patch', 'delete'] },
    // events are written, and tell why a Job has no pod, or a pod does not start
    { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: [...FOLLOW, 'create', 'patch'] },
  ],
  namespace: [
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [LEASE], verbs: ['get', 'update'] },
    // the first signing key and the one of notifications are made by the first controller that starts
    { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
    {
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: [SIGNING_SECRET, NOTIFICATION_KEY],
      verbs: ['get'],
    },
    // later ones are followed
    { apiGroups: [''], resources: ['secrets'], resourceNames: [SIGNING_EPOCHS], verbs: READ },
  ],
}

/** The same, where ClusterAccess is switched on: rights that its writer holds, handed on to an agent. */
const clusterAccess: Rights = {
  cluster: [
    { apiGroups: [''], resources: ['serviceaccounts'], verbs: [...READ, 'create', 'patch', 'delete'] },
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
  ],
  namespace: [],
}

const policies = (apiGroup: string, resource: string): Rights => ({
  // replaced as a whole where somebody has written to it
  cluster: [{ apiGroups: [apiGroup], resources: [resource], verbs: [...READ, 'create', 'patch', 'update', 'delete'] }],
  namespace: [],
})

/** The same, where egress is switched on: a policy for each AgentJob. */
const egress = policies('networking.k8s.io', 'networkpolicies')
/** The same, where Cilium holds it to names. */
const cilium = policies('cilium.io', 'ciliumnetworkpolicies')

/** Everybody who is known to the API server: receivers of notifications check signatures. */
const everybody: Rights = {
  cluster: [],
  namespace: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [NOTIFICATION_KEY], verbs: ['get'] }],
}

/** All of it by what it is for. */
export const RIGHTS = { webhook, selfSigned, controller, clusterAccess, egress, cilium, everybody }

/** The rights of the webhook's account. */
export const webhookRights = (o: { selfSigned: boolean }): Rights =>
  o.selfSigned ? together(webhook, selfSigned) : webhook

/** The rights of the controller's account. */
export function controllerRights(o: Looked): Rights {
  const kinds = policyKinds(o.egress)
  const more = [
    ...(o.clusterAccess ? [clusterAccess] : []),
    ...(kinds.includes('NetworkPolicy') ? [egress] : []),
    ...(kinds.includes('CiliumNetworkPolicy') ? [cilium] : []),
  ]
  return more.reduce(together, controller)
}

const together = (one: Rights, other: Rights): Rights => ({
  cluster: [...one.cluster, ...other.cluster],
  namespace: [...one.namespace, ...other.namespace],
})
