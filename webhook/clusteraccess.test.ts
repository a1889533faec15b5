import { expect, test } from 'bun:test'
import { API_VERSION } from '../src/api/kind.ts'
import { type Given, request, rights, webhook } from './testdata/webhook.ts'

const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'delete'] }
const access = (spec: object = {}, namespace = 'agents') => ({
  apiVersion: API_VERSION,
  kind: 'ClusterAccess',
  metadata: { name: 'reader', namespace },
  spec: { rules: [rule], ...spec },
})

interface Case {
  name: string
  given: ReturnType<typeof access>
  old?: object
  may?: Given['may']
  settings?: object
  want: string | true
  asked?: string[]
}

const cases: Case[] = [
  {
    name: 'every right held in the namespace',
    given: access(),
    may: rights('get pods in namespace agents', 'delete pods in namespace agents'),
    want: true,
  },
  {
    name: 'one right missing',
    given: access(),
    may: rights('get pods in namespace agents'),
    want: 'spec.rules: alice cannot grant rights that are not held: delete pods in namespace agents',
  },
  {
    name: 'every missing right is named',
    given: access({ rules: [rule, { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['patch'] }] }),
    want: 'spec.rules: alice cannot grant rights that are not held: get pods in namespace agents, delete pods in namespace agents, patch deployments/scale.apps in namespace agents',
  },
  {
    name: 'everything takes somebody who holds everything',
    given: access({ rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }),
    may: rights('get pods in namespace agents'),
    want: 'spec.rules: alice cannot grant rights that are not held: * *.* in namespace agents',
  },
  {
    name: 'scope Cluster: rights in the namespace are not enough',
    given: access({ scope: 'Cluster', rules: [{ ...rule, verbs: ['get'] }] }),
    may: rights('get pods in namespace agents'),
    want: 'spec.rules: alice cannot grant rights that are not held: get pods in all namespaces',
  },
  {
    name: 'paths outside of the resources',
    given: access({ scope: 'Cluster', rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }] }),
    want: 'spec.rules: alice cannot grant rights that are not held: get /metrics',
  },
  {
    name: 'in the library namespace it holds in every namespace',
    given: access({ rules: [{ ...rule, verbs: ['get'] }] }, 'library'),
    settings: { libraryNamespace: 'library' },
    may: rights('get pods in namespace library'),
    want: 'spec.rules: alice cannot grant rights that are not held: get pods in all namespaces',
  },
  {
    name: 'a namespace is no library unless the settings say so',
    given: access({ rules: [{ ...rule, verbs: ['get'] }] }, 'library'),
    may: rights('get pods in namespace library'),
    want: true,
  },
  {
    name: 'too many rights to be asked for',
    given: access({ rules: [{ ...rule, resourceNames: [...Array(33).keys()].map((index) => `pod-${index}`) }] }),
    may: () => true,
    want: 'spec.rules: needs more than 64 access checks; use fewer or wider rules',
    asked: [],
  },
  { name: 'a label changes no right', given: access(), old: access(), want: true, asked: [] },
  {
    name: 'a change of the rules takes all rights of whoever makes it',
    given: access(),
    old: access({ rules: [{ ...rule, verbs: ['get'] }] }),
    may: rights('delete pods in namespace agents'),
    want: 'spec.rules: alice cannot grant rights that are not held: get pods in namespace agents',
  },
  {
    name: 'a change of the scope, too',
    given: access({ scope: 'Cluster', rules: [{ ...rule, verbs: ['get'] }] }),
    old: access({ rules: [{ ...rule, verbs: ['get'] }] }),
    want: 'spec.rules: alice cannot grant rights that are not held: get pods in all namespaces',
  },
  {
    name: 'an invalid one is not asked about',
    given: access({ rules: [] }),
    may: () => true,
    want: 'spec.rules: must not be empty',
    asked: [],
  },
]

for (const { name, given, old, may, settings, want, asked } of cases)
  test(`a ClusterAccess: ${name}`, async () => {
    const { admit, seen } = webhook({ may, settings })
    const { namespace } = given.metadata
    const { allowed, status, patch } = await admit(request(given, { namespace, ...(old ? { oldObject: old } : {}) }))
    expect(allowed || status?.message).toBe(want)
    expect(patch).toEqual([])
    if (asked) expect(seen.asked).toEqual(asked)
    if (status) expect(status.code).toBe(/cannot grant/.test(String(want)) ? 403 : 422)
  })

test('a ClusterAccess: where they are switched off, a warning says so', async () => {
  const { admit } = webhook({ may: () => true, settings: { clusterAccess: false } })
  const { allowed, warnings } = await admit(request(access()))
  expect(allowed).toBe(true)
  expect(warnings).toEqual(['ClusterAccess is switched off in this cluster, and no AgentJob gets these rights'])
})

test('a ClusterAccess: when nobody can say who may what, the answer is no, and not why', async () => {
  const { admit, seen } = webhook({
    may: () => {
      throw new Error('dial tcp 10.0.0.1:443: connection refused')
    },
  })
  const { allowed, status } = await admit(request(access()))
  expect(allowed).toBe(false)
  expect(status).toMatchObject({
    code: 500,
    message: 'agentjob could not decide on this request; its log says why',
  })
  expect(JSON.stringify(status)).not.toContain('10.0.0.1')
  expect(seen.logged).toMatchObject([{ kind: 'ClusterAccess', uid: '0d4c7a8e-1b2c-4d3e-8f90-a1b2c3d4e5f6' }])
})
