import { describe, expect, test } from 'bun:test'
import { clusterAccess } from './clusteraccess.ts'
import { formatFinding } from './finding.ts'
import { API_VERSION } from './kind.ts'
import { validate } from './validate.ts'

const NEEDS = "needs apiGroups and resources ('' is the core group), or nonResourceURLs"
const pods = { apiGroups: [''], resources: ['pods'], verbs: ['get'] }

const cases: { name: string; given: unknown; want: string[] }[] = [
  { name: 'a rule', given: { rules: [pods] }, want: [] },
  {
    name: 'paths of a cluster',
    given: { scope: 'Cluster', rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }] },
    want: [],
  },
  { name: 'no rules', given: { rules: [] }, want: ['spec.rules: must not be empty'] },
  { name: 'no verbs', given: { rules: [{ ...pods, verbs: [] }] }, want: ['spec.rules[0].verbs: must not be empty'] },
  { name: 'nothing to do it to', given: { rules: [pods, { verbs: ['get'] }] }, want: [`spec.rules[1]: ${NEEDS}`] },
  { name: 'no resources', given: { rules: [{ apiGroups: [''], verbs: ['get'] }] }, want: [`spec.rules[0]: ${NEEDS}`] },
  { name: 'no group', given: { rules: [{ resources: ['pods'], verbs: ['get'] }] }, want: [`spec.rules[0]: ${NEEDS}`] },
  {
    name: 'paths in a namespace',
    given: { rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }] },
    want: ['spec: nonResourceURLs needs scope: Cluster, because these paths lie in no namespace'],
  },
  {
    name: 'paths and resources in one rule',
    given: { scope: 'Cluster', rules: [{ ...pods, nonResourceURLs: ['/x'] }] },
    want: ['spec.rules[0]: nonResourceURLs stand in a rule of their own, without apiGroups and resources'],
  },
  {
    name: 'another scope',
    given: { scope: 'World', rules: [pods] },
    want: ['spec.scope: must be Namespace or Cluster, not "World"'],
  },
]

describe('ClusterAccess', () => {
  for (const { name, given, want } of cases)
    test(name, () => {
      const object = { apiVersion: API_VERSION, kind: 'ClusterAccess', metadata: { name: 'reader' }, spec: given }
      expect(validate(clusterAccess, object).errors.map(formatFinding)).toEqual(want)
    })
})
