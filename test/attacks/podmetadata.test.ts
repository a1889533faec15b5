import { expect, test } from 'bun:test'
import { fieldPath } from '../../src/api/finding.ts'
import { expectRestricted } from './restricted.ts'
import { asksFor, denied, podOf, theTenant } from './tenant.ts'

/*
 * Wanted: annotations and labels that somebody else of the cluster goes by.
 */

const RESERVED = 'is reserved for what the operator and Kubernetes write'
const HARDENED = "cannot be set; an agent's pod is hardened"
const KEYS: [string, string][] = [
  ['container.apparmor.security.beta.kubernetes.io/agent', HARDENED],
  ['seccomp.security.alpha.kubernetes.io/pod', HARDENED],
  ['container.seccomp.security.alpha.kubernetes.io/agent', HARDENED],
  ['agentjob.io/agent.json', RESERVED],
  ['agentjob.io/revision', RESERVED],
  ['agentjob.io/runtime', RESERVED],
  ['AgentJob.io/agent.json', RESERVED],
  ['x.agentjob.io/agent.json', RESERVED],
  ['app.kubernetes.io/managed-by', RESERVED],
  ['batch.kubernetes.io/job-name', RESERVED],
  ['kueue.x-k8s.io/queue-name', RESERVED],
  ['job-name', RESERVED],
  ['controller-uid', RESERVED],
]
for (const [key, words] of KEYS)
  for (const list of ['annotations', 'labels'])
    test.concurrent(`${list} of a podTemplate: ${key} is refused`, async () => {
      const { refused } = await asksFor(await theTenant(), { podTemplate: { metadata: { [list]: { [key]: 'mine' } } } })
      expect(refused).toBe(denied(`${fieldPath([key], `spec.podTemplate.metadata.${list}`)}: ${words}`))
    })

/** What others of the cluster read: they may put something into the pod, which has no account that could be worth it. */
const INJECTORS = {
  'sidecar.istio.io/inject': 'true',
  'vault.hashicorp.com/agent-inject': 'true',
  'vault.hashicorp.com/role': 'admin',
  'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
  'iam.amazonaws.com/role': 'admin',
  'k8s.v1.cni.cncf.io/networks': 'kube-system/node',
}
test.concurrent('annotations for injectors come to a pod without an account of its own and without a token', async () => {
  const { object, refused } = await asksFor(await theTenant(), {
    podTemplate: { metadata: { annotations: INJECTORS } },
  })
  expect(refused).toBeUndefined()
  const { metadata, spec } = podOf(object)
  expect(metadata.annotations).toMatchObject(INJECTORS)
  expect([spec.serviceAccountName, spec.automountServiceAccountToken]).toEqual([undefined, false])
  // and what an injector adds, Pod Security looks at afterwards, as at every pod
  await expectRestricted({})
})
