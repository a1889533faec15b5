import { expect } from 'bun:test'
import type { KubeObject } from '../../src/kube/object.ts'
import { theWorld } from '../e2e/world.ts'
import { asksFor, podOf, served, theTenant } from './tenant.ts'

/** The pod of an AgentJob with this podTemplate passes Pod Security "restricted", has no token, and all that hardens it. */
export async function expectRestricted(spec: object): Promise<void> {
  const { client } = await theWorld()
  const { namespace } = await theTenant()
  const { object, refused } = await asksFor(await theTenant(), { podTemplate: { spec } })
  expect(refused).toBeUndefined()
  const pod = podOf(object)
  // a class that is not there is another plugin's reason to refuse it
  const { runtimeClassName: _, ...rest } = pod.spec
  const made: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...pod.metadata, name: 'mine', namespace },
    spec: rest,
  }
  const stored = await client.create<KubeObject>(served('Pod'), made, { dryRun: true })
  const { containers, initContainers = [], volumes, ...of } = stored.spec as Record<string, unknown[]>
  expect([of.hostNetwork, of.hostPID, of.hostIPC, of.automountServiceAccountToken]).toEqual([
    undefined,
    undefined,
    undefined,
    false,
  ] as never)
  expect(JSON.stringify(volumes)).not.toContain('serviceAccountToken')
  for (const container of [...(containers ?? []), ...initContainers])
    expect(container).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
      },
    })
}
