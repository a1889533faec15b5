import { expect, test } from 'bun:test'
import { kinds } from '../api/kinds.ts'
import { AGENT_JOB, CHILD_TYPES, JOB, LEASE, POD } from '../controller/types.ts'
import type { ResourceType } from '../kube/object.ts'
import { NOTIFICATION_KEY } from '../notify/key.ts'
import { typeOf } from '../references/caches.ts'
import { SIGNING_SECRET } from '../signing/key.ts'
import { CERTIFICATE_SECRET, clusterRules, namespaceRules } from './rights.ts'
import { WEBHOOK_CONFIGURATION } from './webhookconfiguration.ts'

interface Rule {
  apiGroups: string[]
  resources: string[]
  resourceNames?: string[]
  verbs: string[]
}
const [everywhere, here]: Rule[][] = [clusterRules(), namespaceRules()]

/** Whether rules give a right, as RBAC reads them. */
const may = (rules: Rule[] | undefined, verb: string, group: string, resource: string, name?: string) =>
  rules?.some(
    (rule) =>
      rule.apiGroups.includes(group) &&
      rule.resources.includes(resource) &&
      rule.verbs.includes(verb) &&
      (!rule.resourceNames || rule.resourceNames.includes(name ?? '')),
  )

const READ = ['get', 'list', 'watch']
const APPLY = [...READ, 'create', 'patch']
const of = ({ group, plural }: ResourceType, verbs: string[], name?: string) => ({
  group,
  resource: plural,
  verbs,
  name,
})
const { PersistentVolumeClaim, ...others } = CHILD_TYPES

const needed: { group: string; resource: string; verbs: string[]; name?: string }[] = [
  ...kinds.map((kind) => of(typeOf(kind), READ)),
  of(AGENT_JOB, ['patch']),
  { group: 'agentjob.io', resource: 'agentjobs/status', verbs: ['patch'] },
  { group: 'agentjob.io', resource: 'agentquotas/status', verbs: ['patch'] },
  // OwnerReferencesPermissionEnforcement: children block the deletion of their owner
  { group: 'agentjob.io', resource: 'agentjobs/finalizers', verbs: ['update'] },
  of(JOB, [...APPLY, 'delete']),
  // replaced as a whole where somebody has added to it
  of(CHILD_TYPES.CronJob as ResourceType, ['update']),
  of(POD, [...READ, 'patch']),
  { group: '', resource: 'pods/log', verbs: ['get'] },
  of(PersistentVolumeClaim as ResourceType, APPLY),
  ...Object.values(others).map((type) => of(type, [...APPLY, 'delete'])),
  ...['roles', 'clusterroles'].map((resource) => ({
    group: 'rbac.authorization.k8s.io',
    resource,
    verbs: ['escalate', 'bind'],
  })),
  { group: 'authorization.k8s.io', resource: 'subjectaccessreviews', verbs: ['create'] },
  { group: 'events.k8s.io', resource: 'events', verbs: [...READ, 'create', 'patch'] },
  {
    group: 'admissionregistration.k8s.io',
    resource: 'mutatingwebhookconfigurations',
    verbs: [...READ, 'patch'],
    name: WEBHOOK_CONFIGURATION,
  },
]

for (const { group, resource, verbs, name } of needed)
  for (const verb of verbs)
    test(`the operator may ${verb} ${resource}${group && `.${group}`}`, () =>
      expect(may(everywhere, verb, group, resource, name)).toBe(true))

const neededHere = [
  { group: 'coordination.k8s.io', resource: 'leases', verbs: ['create'] },
  { group: 'coordination.k8s.io', resource: 'leases', verbs: ['get', 'update'], name: LEASE },
  { group: '', resource: 'secrets', verbs: ['create'] },
  { group: '', resource: 'secrets', verbs: ['get'], name: SIGNING_SECRET },
  { group: '', resource: 'secrets', verbs: ['get'], name: NOTIFICATION_KEY },
  { group: '', resource: 'secrets', verbs: ['get', 'update'], name: CERTIFICATE_SECRET },
]

for (const { group, resource, verbs, name } of neededHere)
  for (const verb of verbs)
    test(`in its own namespace the operator may ${verb} ${resource} ${name ?? ''}`, () =>
      expect(may(here, verb, group, resource, name)).toBe(true))

test('no rule gives more than it names', () => {
  for (const { apiGroups, resources, verbs } of [...clusterRules(), ...namespaceRules()])
    expect([apiGroups, resources, verbs].flat().filter((word) => word.includes('*'))).toEqual([])
})

test('no rule gives what nothing here needs', () => {
  const used = (list: typeof needed, verb: string, group: string, resource: string) =>
    list.some((one) => one.group === group && one.resource === resource && one.verbs.includes(verb))
  const unused = (rules: Rule[], list: typeof needed) =>
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.filter((verb) => !used(list, verb, group, resource)).map((verb) => `${verb} ${resource}`),
        ),
      ),
    )
  expect(unused(clusterRules(), needed)).toEqual([])
  // the certificate's Secret is followed by a watch
  expect(unused(namespaceRules(), neededHere)).toEqual(['list secrets', 'watch secrets'])
})

test('a volume is never deleted', () => {
  for (const verb of ['delete', 'deletecollection', 'update'])
    expect(may(everywhere, verb, '', 'persistentvolumeclaims')).toBe(false)
})

test('no Secret can be read but the three of the operator', () => {
  for (const verb of READ) {
    expect(may(everywhere, verb, '', 'secrets')).toBe(false)
    expect(may(here, verb, '', 'secrets', 'of-somebody-else')).toBe(false)
  }
})
