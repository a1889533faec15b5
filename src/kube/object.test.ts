import { expect, test } from 'bun:test'
import { apiVersionOf, objectKey, resourcePath } from './object.ts'

const pods = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true }
const jobs = { group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', namespaced: true }
const roles = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
}

const paths = [
  { name: 'core', given: [pods, { namespace: 'a', name: 'b' }], want: '/api/v1/namespaces/a/pods/b' },
  { name: 'a group', given: [jobs, { namespace: 'a' }], want: '/apis/batch/v1/namespaces/a/jobs' },
  { name: 'all namespaces', given: [jobs, {}], want: '/apis/batch/v1/jobs' },
  {
    name: 'cluster-scoped, whatever the namespace',
    given: [roles, { namespace: 'a', name: 'system:x' }],
    want: '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Ax',
  },
  {
    name: 'a subresource',
    given: [jobs, { namespace: 'a', name: 'b', subresource: 'status' }],
    want: '/apis/batch/v1/namespaces/a/jobs/b/status',
  },
  {
    name: 'nothing breaks out of its part',
    given: [pods, { namespace: 'a/../b', name: 'c?d#e' }],
    want: '/api/v1/namespaces/a%2F..%2Fb/pods/c%3Fd%23e',
  },
] as const

for (const { name, given, want } of paths) {
  test(`path: ${name}`, () => expect(resourcePath(given[0], given[1])).toBe(want))
}

const refused = [
  { name: 'a name without its namespace', given: { name: 'a' }, want: 'Pod a: a namespace is needed' },
  { name: 'two dots', given: { namespace: '..', name: 'a' }, want: '".." is no part of a path' },
  { name: 'an empty name', given: { namespace: 'a', name: '' }, want: '"" is no part of a path' },
]

for (const { name, given, want } of refused) {
  test(`path: ${name} is refused`, () => expect(() => resourcePath(pods, given)).toThrow(want))
}

test('keys', () => {
  expect(objectKey({ metadata: { namespace: 'a', name: 'b' } })).toBe('a/b')
  expect(objectKey({ namespace: 'a', name: 'b' })).toBe('a/b')
  expect(objectKey({ name: 'b' })).toBe('/b')
})

test('apiVersion', () => expect([pods, jobs].map(apiVersionOf)).toEqual(['v1', 'batch/v1']))
