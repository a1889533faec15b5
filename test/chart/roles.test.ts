import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { reviewAccess } from '../../src/kube/access.ts'
import type { Client } from '../../src/kube/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { type Installation, startInstallation, type } from './installation.ts'

/*
 * Who may do what with our kinds by the roles of Kubernetes, at a real API server.
 */

setDefaultTimeout(120_000)

let installation: Installation
let client: Client
beforeAll(async () => {
  installation = await startInstallation('agentjob-roles')
  client = installation.client
})
afterAll(() => installation.stop())

describe('roles that are added to those of Kubernetes', () => {
  const RBAC = 'rbac.authorization.k8s.io'
  const may = async (role: string, verb: string, resource: string) => {
    const attributes = { namespace: 'default', verb, group: 'agentjob.io', resource }
    return (await reviewAccess(client, { username: `has-${role}` }, attributes)).allowed
  }
  beforeAll(async () => {
    await installation.install()
    for (const role of ['view', 'edit', 'admin'])
      await client.apply<KubeObject>(
        type('RoleBinding'),
        {
          apiVersion: `${RBAC}/v1`,
          kind: 'RoleBinding',
          metadata: { name: `has-${role}`, namespace: 'default' },
          roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
          subjects: [{ apiGroup: RBAC, kind: 'User', name: `has-${role}` }],
        },
        { fieldManager: 'test', force: true },
      )
    const deadline = Date.now() + 60_000
    while (!(await may('admin', 'create', 'clusteraccesses')) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 200))
  })

  test.each([
    ['view', 'get', 'agentjobs', true],
    ['view', 'create', 'agentjobs', false],
    ['view', 'get', 'clusteraccesses', false],
    ['edit', 'create', 'agentjobs', true],
    ['edit', 'delete', 'agentruntimes', true],
    ['edit', 'list', 'contexts', true],
    ['edit', 'create', 'clusteraccesses', false],
    ['admin', 'create', 'clusteraccesses', true],
    ['view', 'get', 'agentquotas', true],
    ['edit', 'patch', 'agentquotas', false],
    ['admin', 'delete', 'agentquotas', false],
    ['admin', 'use', 'clusteraccesses', false],
    ['admin', 'patch', 'agentjobs/status', false],
  ] as const)('%s may %s %s: %p', async (role, verb, resource, want) =>
    expect(await may(role, verb, resource)).toBe(want),
  )
})
