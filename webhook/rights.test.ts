import { expect, test } from 'bun:test'
import type { PolicyRule } from '../src/api/clusteraccess.ts'
import { type Attributes, describeRight, rightsOf } from './rights.ts'

const right = (verb: string, group: string, resource: string, more: object = {}): Attributes => ({
  verb,
  group,
  resource,
  subresource: undefined,
  name: undefined,
  namespace: 'agents',
  ...more,
})

const cases: { name: string; given: PolicyRule[]; namespace?: string | null; want: Attributes[] }[] = [
  { name: 'none', given: [], want: [] },
  {
    name: 'each verb of each resource of each group',
    given: [{ apiGroups: ['', 'apps'], resources: ['pods', 'secrets'], verbs: ['get', 'list'] }],
    want: [
      right('get', '', 'pods'),
      right('list', '', 'pods'),
      right('get', '', 'secrets'),
      right('list', '', 'secrets'),
      right('get', 'apps', 'pods'),
      right('list', 'apps', 'pods'),
      right('get', 'apps', 'secrets'),
      right('list', 'apps', 'secrets'),
    ],
  },
  {
    name: 'each rule',
    given: [
      { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
    ],
    want: [right('get', '', 'pods'), right('get', '', 'pods')],
  },
  {
    name: 'a subresource',
    given: [{ apiGroups: [''], resources: ['pods/exec', '*/scale'], verbs: ['create'] }],
    want: [right('create', '', 'pods', { subresource: 'exec' }), right('create', '', '*', { subresource: 'scale' })],
  },
  {
    name: 'names',
    given: [{ apiGroups: [''], resources: ['secrets'], resourceNames: ['a', 'b'], verbs: ['get'] }],
    want: [right('get', '', 'secrets', { name: 'a' }), right('get', '', 'secrets', { name: 'b' })],
  },
  {
    name: 'an empty list of names is all of them',
    given: [{ apiGroups: [''], resources: ['secrets'], resourceNames: [], verbs: ['get'] }],
    want: [right('get', '', 'secrets')],
  },
  {
    name: 'everything is asked for as everything',
    given: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    want: [right('*', '*', '*')],
  },
  {
    name: 'in all namespaces',
    given: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }],
    namespace: null,
    want: [right('get', '', 'nodes', { namespace: undefined })],
  },
  {
    name: 'paths',
    given: [{ nonResourceURLs: ['/metrics', '/logs/*'], verbs: ['get', 'post'] }],
    want: [
      { verb: 'get', path: '/metrics' },
      { verb: 'post', path: '/metrics' },
      { verb: 'get', path: '/logs/*' },
      { verb: 'post', path: '/logs/*' },
    ],
  },
]

for (const { name, given, namespace = 'agents', want } of cases)
  test(`rights: ${name}`, () =>
    expect([...rightsOf({ scope: 'Namespace', rules: given }, namespace ?? undefined)]).toStrictEqual(want))

test('rights: the largest lists are not written out', () => {
  const list = (length: number) => [...Array(length).keys()].map(String)
  const rule = { apiGroups: list(32), resources: list(64), resourceNames: list(64), verbs: list(32) }
  const rights = rightsOf({ scope: 'Namespace', rules: Array(64).fill(rule) }, 'agents')
  expect(rights.take(3).toArray()).toHaveLength(3)
})

const words: { given: Attributes; want: string }[] = [
  { given: right('get', '', 'pods'), want: 'get pods in namespace agents' },
  { given: right('get', '', 'pods', { namespace: undefined }), want: 'get pods in all namespaces' },
  {
    given: right('create', '', 'pods', { subresource: 'exec' }),
    want: 'create pods/exec in namespace agents',
  },
  {
    given: right('patch', 'apps', 'deployments', { name: 'web', subresource: 'scale' }),
    want: 'patch deployments/scale.apps "web" in namespace agents',
  },
  { given: { verb: 'get', path: '/metrics' }, want: 'get /metrics' },
]

for (const { given, want } of words) test(`a right in words: ${want}`, () => expect(describeRight(given)).toBe(want))
