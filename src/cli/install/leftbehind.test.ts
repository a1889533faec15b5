import { expect, test } from 'bun:test'
import { OWNER_UID_LABEL } from '../../controller/types.ts'
import { childNames, JOB_LABEL, MANAGED_BY, NAMESPACE_LABEL } from '../../expand/names.ts'
import type { Client } from '../../kube/client.ts'
import { ApiError } from '../../kube/errors.ts'
import type { PartialObjectMetadata, ResourceType } from '../../kube/object.ts'
import { leftBehind, takeRights } from './leftbehind.ts'

const FORBIDDEN = new ApiError(403, { reason: 'Forbidden', message: 'may not list' })

test('who may not list AgentJobs is told so where all of them are needed, and finds none else', async () => {
  const client = {
    // biome-ignore lint/correctness/useYield: it throws
    async *pages() {
      throw FORBIDDEN
    },
  } as unknown as Client
  expect(await leftBehind(client)).toEqual([])
  await expect(leftBehind(client, { needed: true })).rejects.toBe(FORBIDDEN)
})

/** A role of the AgentJob team/NAME, which has this uid, as the controller labels it. */
const role = (kind: string, name: string, uid: string, called = childNames.clusterRole('team', name)) => ({
  kind,
  metadata: {
    ...{ name: called, uid: `${kind}-${called}` },
    labels: { ...MANAGED_BY, [JOB_LABEL]: name, [NAMESPACE_LABEL]: 'team', [OWNER_UID_LABEL]: uid },
  },
})

test('rights of AgentJobs that are gone are taken away, and of no others', async () => {
  const there = { metadata: { namespace: 'team', name: 'there', uid: '1' } }
  const objects = [
    role('ClusterRole', 'gone', '0'),
    role('ClusterRoleBinding', 'gone', '0'),
    // of an earlier one of the name
    role('ClusterRole', 'there', '0'),
    role('ClusterRoleBinding', 'there', '1'),
    role('ClusterRole', 'gone', '0', 'somebodys'),
  ]
  const deleted: unknown[] = []
  const client = {
    async *pages({ kind }: ResourceType, o: { labelSelector?: string }) {
      expect(o.labelSelector).toContain('managed-by=agentjob')
      yield { items: objects.filter((one) => one.kind === kind) as unknown as PartialObjectMetadata[] }
    },
    get: async (_: ResourceType, { name }: { name: string }) => (name === 'there' ? there : undefined),
    delete: async ({ kind }: ResourceType, { name }: { name: string }, { uid }: { uid: string }) => {
      deleted.push([kind, name, uid])
      return true
    },
  } as unknown as Client
  const told: string[] = []
  await takeRights(client, [], (line) => void told.push(line))
  expect(deleted).toEqual([
    ['ClusterRoleBinding', 'agentjob:team:gone', 'ClusterRoleBinding-agentjob:team:gone'],
    ['ClusterRole', 'agentjob:team:gone', 'ClusterRole-agentjob:team:gone'],
    ['ClusterRole', 'agentjob:team:there', 'ClusterRole-agentjob:team:there'],
  ])
  expect(told).toContain('clusterrole.rbac.authorization.k8s.io/agentjob:team:there deleted')
})
