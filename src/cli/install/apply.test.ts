import { expect, test } from 'bun:test'
import type { Client } from '../../kube/client.ts'
import { ApiError } from '../../kube/errors.ts'
import type { KubeObject, ResourceType } from '../../kube/object.ts'
import { applyInstallation } from './apply.ts'

const object = (kind: string, name: string, namespace?: string): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace },
})
const OBJECTS = [
  object('Namespace', 'ops'),
  object('ClusterRole', 'a'),
  object('ConfigMap', 'b', 'ops'),
  object('Deployment', 'c', 'ops'),
]

/** A cluster in which the namespace is not there unless said, and which refuses this kind; and what was asked of it. */
function cluster(o: { refused?: string; namespace?: boolean } = {}) {
  const asked: string[] = []
  let isThere = o.namespace ?? false
  const client = {
    get: async ({ kind }: ResourceType) => (isThere && kind === 'Namespace' ? object('Namespace', 'ops') : undefined),
    list: async () => ({ items: [] }),
    async apply({ kind, namespaced }: ResourceType, wanted: KubeObject, { dryRun = false }: { dryRun?: boolean }) {
      asked.push(`${dryRun ? 'tried' : 'applied'} ${kind}`)
      if (namespaced && !isThere) throw new ApiError(404, { reason: 'NotFound', message: 'namespaces "ops" not found' })
      if (kind === o.refused) throw new ApiError(422, { reason: 'Invalid', message: 'is invalid' })
      if (kind === 'Namespace' && !dryRun) isThere = true
      return wanted
    },
  } as unknown as Client
  const told: string[] = []
  return { asked, told, install: () => applyInstallation(client, OBJECTS, 'ops', (line) => void told.push(line)) }
}

test('in a namespace that is new everything is tried before anything else is written', async () => {
  const { asked, told, install } = cluster()
  await install()
  expect(asked).toEqual([
    ...['tried Namespace', 'tried ClusterRole', 'applied Namespace', 'tried ConfigMap', 'tried Deployment'],
    ...['applied ClusterRole', 'applied ConfigMap', 'applied Deployment'],
  ])
  expect(told).toEqual([
    'namespace/ops created',
    'clusterrole.rbac.authorization.k8s.io/a created',
    'configmap/b created',
    'deployment.apps/c created',
  ])
})

const refusals = [
  {
    name: 'in a namespace that is new, nothing but that is left',
    given: { refused: 'Deployment' },
    lines: ['deployment.apps/c: is invalid', 'nothing was written but namespace ops, which is new'],
    written: ['applied Namespace'],
  },
  {
    name: 'outside of it, nothing at all',
    given: { refused: 'ClusterRole' },
    lines: [
      'clusterrole.rbac.authorization.k8s.io/a: is invalid',
      'nothing was written to namespace ops or to the cluster',
    ],
    written: [],
  },
  {
    name: 'in a namespace that is there, nothing at all',
    given: { refused: 'Deployment', namespace: true },
    lines: ['deployment.apps/c: is invalid', 'nothing was written to namespace ops or to the cluster'],
    written: [],
  },
]
test.each(refusals)('what is refused $name', async ({ given, lines, written }) => {
  const { asked, install } = cluster(given)
  expect(await install().catch((error) => error)).toMatchObject({ lines })
  expect(asked.filter((line) => line.startsWith('applied'))).toEqual(written)
})
