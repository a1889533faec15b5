import { describe, expect, test } from 'bun:test'
import { kinds } from '../api/kinds.ts'
import { AGENT_JOB, CHILD_TYPES, childTypes, JOB, LEASE, POD } from '../controller/types.ts'
import type { ResourceType } from '../kube/object.ts'
import { NOTIFICATION_KEY } from '../notify/key.ts'
import { typeOf } from '../references/caches.ts'
import { SIGNING_EPOCHS, SIGNING_SECRET } from '../signing/key.ts'
import { CERTIFICATE_SECRET, controllerRights, type Rights, type Rule, webhookRights } from './rights.ts'
import { WEBHOOK_CONFIGURATION } from './webhookconfiguration.ts'

/** A request as RBAC sees it: `verb resource.group`, with the one name that it may be about. */
interface Need {
  verbs: string[]
  group: string
  resource: string
  name?: string
}
const need = (verbs: string, { group, plural }: Pick<ResourceType, 'group' | 'plural'>, name?: string): Need => ({
  verbs: verbs.split(' '),
  group,
  resource: plural,
  name,
})
const core = (plural: string) => ({ group: '', plural })
const ours = (plural: string) => ({ group: 'agentjob.io', plural })
const type = (kind: string) => CHILD_TYPES[kind] as ResourceType
const LEASES = { group: 'coordination.k8s.io', plural: 'leases' }
const references = kinds.filter(({ expands }) => !expands).map(typeOf)
const { PersistentVolumeClaim, CronJob, ConfigMap } = CHILD_TYPES as Record<string, ResourceType>

/* What the code asks the API server for: found by reading it, and by test/e2e/accounts.test.ts, which runs it. */

const WEBHOOK = {
  cluster: [
    ...references
      .filter(({ plural }) => plural !== 'agentquotas')
      .map((reference) => need('get list watch', reference)),
    need('list watch', ours('agentquotas')),
    need('get', core('configmaps')),
    need('create', { group: 'authorization.k8s.io', plural: 'subjectaccessreviews' }),
  ],
  namespace: [need('get', core('secrets'), SIGNING_SECRET), need('get list watch', core('secrets'), SIGNING_EPOCHS)],
}
const SELF_SIGNED = {
  cluster: [
    need(
      'get list watch patch',
      { group: 'admissionregistration.k8s.io', plural: 'mutatingwebhookconfigurations' },
      WEBHOOK_CONFIGURATION,
    ),
  ],
  namespace: [need('create', core('secrets')), need('get list watch update', core('secrets'), CERTIFICATE_SECRET)],
}
const CONTROLLER = {
  cluster: [
    ...references.map((reference) => need('list watch', reference)),
    need('get list watch patch', AGENT_JOB),
    need('patch', ours('agentjobs/status')),
    need('patch', ours('agentquotas/status')),
    need('get', ours('agentquotas')),
    need('update', ours('agentjobs/finalizers')),
    need('get list watch create patch delete', JOB),
    need('get list watch create patch update delete', CronJob as ResourceType),
    need('list watch patch', POD),
    need('get', core('pods/log')),
    need('get list watch create patch', PersistentVolumeClaim as ResourceType),
    need('get list watch create patch delete', ConfigMap as ResourceType),
    need('list watch create patch', { group: 'events.k8s.io', plural: 'events' }),
  ],
  namespace: [
    need('create', LEASES),
    need('get update', LEASES, LEASE),
    need('create', core('secrets')),
    need('get', core('secrets'), SIGNING_SECRET),
    need('get list watch', core('secrets'), SIGNING_EPOCHS),
    need('get', core('secrets'), NOTIFICATION_KEY),
  ],
}
const CLUSTER_ACCESS = {
  cluster: [
    need('get list watch create patch delete', type('ServiceAccount')),
    ...['Role', 'ClusterRole'].map((kind) => need('get list watch create patch delete escalate bind', type(kind))),
    ...['RoleBinding', 'ClusterRoleBinding'].map((kind) => need('get list watch create patch delete', type(kind))),
  ],
  namespace: [],
}

const POLICY = 'get list watch create patch update delete'
const EGRESS = { cluster: [need(POLICY, type('NetworkPolicy'))], namespace: [] }
const CILIUM = { cluster: [need(POLICY, type('CiliumNetworkPolicy'))], namespace: [] }

type Needs = { cluster: Need[]; namespace: Need[] }
const both = (one: Needs, other: Needs): Needs => ({
  cluster: [...one.cluster, ...other.cluster],
  namespace: [...one.namespace, ...other.namespace],
})
const cases: { name: string; rights: Rights; needs: Needs }[] = [
  { name: 'the webhook with files', rights: webhookRights({ selfSigned: false }), needs: WEBHOOK },
  {
    name: 'the webhook that signs itself',
    rights: webhookRights({ selfSigned: true }),
    needs: both(WEBHOOK, SELF_SIGNED),
  },
  { name: 'the controller', rights: controllerRights({ clusterAccess: false }), needs: CONTROLLER },
  {
    name: 'the controller with ClusterAccess',
    rights: controllerRights({ clusterAccess: true }),
    needs: both(CONTROLLER, CLUSTER_ACCESS),
  },
  {
    name: 'the controller with egress',
    rights: controllerRights({ clusterAccess: false, egress: { enabled: true, hosts: 'Ports' } }),
    needs: both(CONTROLLER, EGRESS),
  },
  {
    name: 'the controller that cleans up',
    rights: controllerRights({ clusterAccess: false, egress: { enabled: false, cleanUp: true, hosts: 'Ports' } }),
    needs: both(CONTROLLER, EGRESS),
  },
  {
    name: 'the controller with Cilium, and ClusterAccess',
    rights: controllerRights({ clusterAccess: true, egress: { enabled: true, hosts: 'Cilium' } }),
    needs: both(both(CONTROLLER, CLUSTER_ACCESS), both(EGRESS, CILIUM)),
  },
]

/** Every right by itself, in words: `get configmaps`, `get secrets NAME`. */
const singly = (rules: (Rule | Need)[]): string[] => {
  const all = rules.flatMap((rule) => {
    const { apiGroups, resources, names } =
      'apiGroups' in rule
        ? { ...rule, names: rule.resourceNames ?? [''] }
        : { apiGroups: [rule.group], resources: [rule.resource], names: [rule.name ?? ''] }
    return apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        names.flatMap((name) => rule.verbs.map((verb) => `${verb} ${resource}.${group} ${name}`.trim())),
      ),
    )
  })
  return [...new Set(all)].sort()
}

describe.each(cases)('$name', ({ rights, needs }) => {
  test('has what it needs in the cluster, and no more', () =>
    expect(singly(rights.cluster)).toEqual(singly(needs.cluster)))
  test('has what it needs in its namespace, and no more', () =>
    expect(singly(rights.namespace)).toEqual(singly(needs.namespace)))
  test('has nothing by a wildcard', () =>
    expect(singly([...rights.cluster, ...rights.namespace]).filter((right) => right.includes('*'))).toEqual([]))
  test('can read no Secret of others', () => {
    expect(singly(rights.cluster).filter((right) => right.includes(' secrets.'))).toEqual([])
    const anyName = singly(rights.namespace).filter((right) => / secrets\.$/.test(right))
    expect(anyName.filter((right) => !right.startsWith('create '))).toEqual([])
  })
  test('never deletes a volume', () =>
    expect(singly(rights.cluster).filter((right) => /^(delete|update)\w* persistentvolumeclaims/.test(right))).toEqual(
      [],
    ))
})

test('the webhook writes nothing where its certificate comes as files', () => {
  const { cluster, namespace } = webhookRights({ selfSigned: false })
  const writes = singly([...cluster, ...namespace]).filter((right) => !/^(get|list|watch) /.test(right))
  // a question, which stores nothing
  expect(writes).toEqual(['create subjectaccessreviews.authorization.k8s.io'])
})

test('without ClusterAccess nobody touches accounts and roles', () => {
  const rights = singly(controllerRights({ clusterAccess: false }).cluster)
  expect(
    rights.filter((right) => / (cluster)?role(binding)?s\.| serviceaccounts\.|^(escalate|bind) /.test(right)),
  ).toEqual([])
})

test('without egress nobody touches policies, whatever else stands in its settings', () => {
  const rights = singly(controllerRights({ clusterAccess: true, egress: { enabled: false, hosts: 'Cilium' } }).cluster)
  expect(rights.filter((right) => right.includes('networkpolicies'))).toEqual([])
})

test.each([
  { clusterAccess: false },
  { clusterAccess: true },
  { clusterAccess: false, egress: { enabled: true, hosts: 'Ports' } as const },
  { clusterAccess: true, egress: { enabled: true, hosts: 'Cilium' } as const },
  { clusterAccess: false, egress: { cleanUp: true, hosts: 'Cilium' } as const },
])('the controller may look at every kind that it looks after (%j)', (looked) => {
  const rights = singly(controllerRights(looked).cluster)
  const wanted = childTypes(looked).flatMap(({ group, plural }) =>
    ['list', 'watch'].map((verb) => `${verb} ${plural}.${group}`),
  )
  expect(wanted.filter((right) => !rights.includes(right))).toEqual([])
})
