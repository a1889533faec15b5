import type { ChildResource, Expansion } from '../../src/api/expansion.ts'

/** Everything that somebody might like to have created on his behalf. */
const loot = (namespace: string): ChildResource[] => [
  {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'forged', namespace, annotations: { 'agentjob.io/revision': 'forged' } },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'forged' }] } } },
  },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'forged', namespace } },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: `agentjob:${namespace}:mallory` },
    rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
  } as ChildResource,
]

/** A hash of a forged expansion: one that could be ours. */
export const FORGED = 'f0f0f0f0f0f0f0f0'

/** An expansion with other children, everything else as it was: the signature, too. */
export const forged = (namespace: string, expansion: Expansion | undefined): Expansion =>
  ({ ...expansion, configHash: FORGED, problems: [], resources: loot(namespace) }) as Expansion

/** Forms that an expansion can have where nobody overwrites it. */
export const MALFORMED = [
  { references: [null] },
  { references: [{ kind: {}, namespace: [], name: 1 }] },
  { references: {}, resources: 'none', problems: 7 },
  { problems: [null], resources: [null] },
  // no text can be made of these
  { references: [{ kind: { toString: 1 }, namespace: 'a', name: 'b', hash: '' }], problems: [], resources: [] },
  { references: [], problems: [], resources: [{ kind: 'Job', metadata: { name: { toString: 1 } } }] },
  { signature: {}, resources: [{ metadata: null }] },
]
