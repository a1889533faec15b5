import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { V1PodTemplateSpec } from '@kubernetes/client-node'
import type { ChildResource, Expansion } from '../../src/api/expansion.ts'
import { CHILD_TYPES, JOB, POD } from '../../src/controller/types.ts'
import { type Client, createClient } from '../../src/kube/client.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { status } from '../cluster/cluster.ts'
import { CLUSTER } from '../e2e/world.ts'
import { NAMESPACES } from '../kube/apiserver.ts'
import { cases, documentsOf, outcomeOf } from './case.ts'

/*
 * What the golden cases render, laid before a real API server: a server dry run of every child, with every field
 * known to it, and of every pod in a namespace where Pod Security enforces "restricted".
 */

/** The cluster that AGENTJOB_TEST_KUBECONFIG names, else the one of the tests, else the demo's, if it is up. */
async function kubeconfig(): Promise<string | undefined> {
  if (process.env.AGENTJOB_TEST_KUBECONFIG) return process.env.AGENTJOB_TEST_KUBECONFIG
  for (const name of [CLUSTER, 'agentjob']) {
    const cluster = await status(name)
    if (cluster?.ready) return cluster.kubeconfig
  }
  return undefined
}

async function childrenOf(name: string): Promise<ChildResource[]> {
  const outcome = outcomeOf(await documentsOf(name))
  return 'expansion' in outcome ? (outcome.expansion as Expansion).resources : []
}

/** The pod of a Job or a CronJob as the Job controller would make it, without the objects that are not there. */
function podOf({ kind, spec, metadata }: ChildResource, namespace: string): KubeObject {
  const job = (kind === 'CronJob' ? (spec as { jobTemplate: ChildResource }).jobTemplate.spec : spec) as object
  const { template } = job as { template: V1PodTemplateSpec }
  const { serviceAccountName: _, priorityClassName: __, runtimeClassName: ___, ...pod } = template.spec ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name: metadata.name, namespace } as KubeObject['metadata'],
    spec: pod,
  }
}

const path = await kubeconfig()
const names = await cases()
const title = 'the API server accepts'

if (!path)
  describe.skip(`${title} (needs a cluster: agentjob cluster up, or AGENTJOB_TEST_KUBECONFIG)`, () =>
    test('golden', () => {}))
else
  describe(title, () => {
    const client: Client = createClient(createTransport(loadConnection({ kubeconfig: path })))
    const namespace = `golden-${crypto.randomUUID().slice(0, 8)}`
    const options = { dryRun: true, fieldValidation: 'Strict' as const, fieldManager: 'agentjob' }

    beforeAll(async () => {
      const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
      await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } })
      // a pod is not admitted before its namespace has the account that it runs as
      const type = CHILD_TYPES.ServiceAccount as NonNullable<(typeof CHILD_TYPES)[string]>
      while (!(await client.get(type, { namespace, name: 'default' }))) await Bun.sleep(50)
    })
    afterAll(() => client.delete(NAMESPACES, { name: namespace }))

    /** A server dry run, as the controller writes: a Job is created, everything else applied. */
    function dryRun(child: ChildResource): Promise<unknown> {
      // the namespace of the cases is not there; none of the names in a child depends on it
      const moved = JSON.parse(JSON.stringify(child).replaceAll('"namespace":"agents"', `"namespace":"${namespace}"`))
      if (child.kind === 'Job') return client.create(JOB, moved, options)
      const type = CHILD_TYPES[child.kind]
      if (!type) throw new Error(`no child is of kind ${child.kind}`)
      return client.apply(type, moved, options)
    }

    for (const name of names)
      test(name, async () => {
        for (const child of await childrenOf(name)) {
          // test/e2e/egress.test.ts lays it before the API server by Cilium's own schema
          if (child.kind === 'CiliumNetworkPolicy') continue
          expect(await dryRun(child)).toMatchObject({ kind: child.kind })
          if (child.kind === 'Job' || child.kind === 'CronJob')
            expect(await client.create(POD, podOf(child, namespace), options)).toMatchObject({ kind: 'Pod' })
        }
      })

    test('but not a pod that is not restricted', async () => {
      const [job] = await childrenOf('hello')
      const pod = podOf(job as ChildResource, namespace)
      const spec = { ...(pod.spec as object), hostNetwork: true }
      await expect(client.create(POD, { ...pod, spec }, options)).rejects.toThrow(/PodSecurity "restricted/)
    })
  })
