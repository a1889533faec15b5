import { expect, test } from 'bun:test'
import { GROUP } from '../api/kind.ts'
import { kinds } from '../api/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import { crds, operatorManifests } from './manifests.ts'
import { clusterRules, namespaceRules } from './rights.ts'

const manifests = operatorManifests('operator') as KubeObject[]
const of = (kind: string) => manifests.find((one) => one.kind === kind)

test('there is a CRD of every kind', () =>
  expect(crds().map(({ metadata }) => metadata.name)).toEqual(kinds.map(({ plural }) => `${plural}.${GROUP}`)))

test('what an object needs comes before it', () =>
  expect(manifests.map(({ kind }) => kind)).toEqual([
    'Namespace',
    'ServiceAccount',
    'ClusterRole',
    'ClusterRoleBinding',
    'Role',
    'RoleBinding',
    'Role',
    'RoleBinding',
  ]))

test('everything lies in the namespace that is given, or in none', () => {
  expect(manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? '-'}`)).toEqual([
    'Namespace -',
    'ServiceAccount operator',
    'ClusterRole -',
    'ClusterRoleBinding -',
    'Role operator',
    'RoleBinding operator',
    'Role operator',
    'RoleBinding operator',
  ])
  expect(of('Namespace')?.metadata.name).toBe('operator')
})

for (const [binding, role, rules] of [
  ['ClusterRoleBinding', 'ClusterRole', clusterRules()],
  ['RoleBinding', 'Role', namespaceRules()],
] as const)
  test(`the ${binding} gives the ServiceAccount the rights of the ${role}`, () => {
    const { name } = of(role)?.metadata ?? {}
    const account = of('ServiceAccount')?.metadata.name as string
    expect(of(role)?.rules).toEqual(rules)
    expect(of(binding)).toMatchObject({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role, name: name as string },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'operator' }],
    })
  })

test('everybody who is known may read the public key of notifications, and nothing else', () => {
  const [role, binding] = manifests.slice(-2)
  expect(role).toMatchObject({
    metadata: { name: 'agentjob-notification-key' },
    rules: [
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['agentjob-notification-key'], verbs: ['get'] },
    ],
  })
  expect(binding).toMatchObject({
    roleRef: { kind: 'Role', name: 'agentjob-notification-key' },
    subjects: [{ kind: 'Group', name: 'system:authenticated' }],
  })
})
