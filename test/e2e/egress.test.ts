import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { KubeObject } from '../../src/kube/object.ts'
import { CRDS, ciliumCrd } from '../cilium/crd.ts'
import { entitle } from '../operator/install.ts'
import { SETTINGS } from '../operator/operator.ts'
import { startOperatorAgain, stopOperator } from './operators.ts'
import {
  agentJob,
  apply,
  aWhile,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  kubectl,
  list,
  namesOf,
  newNamespace,
  patch,
  theWorld,
  untilPhase,
} from './world.ts'

/*
 * Policies of AgentJobs, on an API server; the cluster of the tests has no network plugin that enforces any. One after the
 * other: each starts the operator with settings of its own.
 */

const { cluster, client } = await theWorld()
const withPods = test.skipIf(!cluster.pods)
const crd = await ciliumCrd()

/** Has the operator go on with these settings of egress, and the rights that the chart gives it for them. */
async function operateWith(egress: object): Promise<void> {
  await stopOperator()
  await entitle(client, { egress })
  await startOperatorAgain({ settings: { ...SETTINGS, egress } })
}

afterAll(async () => {
  await operateWith({})
  if (crd) await client.delete(CRDS, { name: crd.metadata.name as string })
}, 120_000)

const NIGHTLY = { schedule: '30 2 1 1 *' }
const limited = (to: object[] = []) => echoRuntime('echo', { egress: { to } })
const policies = (namespace: string) => list(namespace, 'networkpolicies')
const substance = ({ metadata, spec }: KubeObject) => ({
  ...{ name: metadata.name, labels: metadata.labels, owner: metadata.ownerReferences, spec },
})

/** The condition EgressEnforced, once there is one of this status. */
const enforced = async (namespace: string, name: string, status: string | undefined) => {
  const find = async () =>
    (await getAgentJob(namespace, name)).status?.conditions?.find(({ type }) => type === 'EgressEnforced')
  return eventually(`EgressEnforced of ${name} is ${status}`, find, (found) => found?.status === status)
}

/** The policy of an AgentJob, once it is there, and is not `before`. */
const untilPolicy = (namespace: string, holds: (policy: KubeObject) => boolean = () => true) =>
  eventually(
    'the policy',
    async () => (await policies(namespace))[0],
    (policy) => policy !== undefined && holds(policy),
  ) as Promise<KubeObject>

describe('switched on', () => {
  beforeAll(() => operateWith({ enabled: true }), 60_000)

  test('an AgentJob has one policy, which goes with it', async () => {
    const namespace = await newNamespace()
    await apply(namespace, [limited([{ cidrs: ['192.0.2.0/24'] }]), agentJob('nightly', NIGHTLY)])
    const { status } = await untilPhase(namespace, 'nightly', 'Scheduled')
    expect(status?.ownedResources).toContainEqual({ kind: 'NetworkPolicy', name: 'nightly-egress' })
    const [policy, ...more] = await policies(namespace)
    expect(more).toEqual([])
    expect(policy).toMatchObject({
      metadata: { name: 'nightly-egress', ownerReferences: [{ kind: 'AgentJob', name: 'nightly', controller: true }] },
      spec: {
        podSelector: {
          matchLabels: { 'app.kubernetes.io/managed-by': 'agentjob', 'agentjob.io/agentjob': 'nightly' },
        },
        policyTypes: ['Egress'],
        egress: [{ ports: [{ port: 53 }, { port: 53 }] }, { to: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }],
      },
    })
    await kubectl(['delete', 'aj', 'nightly', '-n', namespace])
    await eventually(
      'no policy',
      () => policies(namespace),
      (left) => !left.length,
    )
  })

  test("nobody is known to enforce it, and that is in nobody's way", async () => {
    const namespace = await newNamespace()
    await apply(namespace, [echoRuntime(), agentJob('nightly', NIGHTLY)])
    await untilPhase(namespace, 'nightly', 'Scheduled')
    expect(await enforced(namespace, 'nightly', 'Unknown')).toMatchObject({ reason: 'NoKnownEnforcer' })
    const wait = await kubectl(['wait', 'aj/nightly', '-n', namespace, '--for=condition=Ready', '--timeout=30s'])
    expect(wait.code).toBe(0)
  })

  test('somebody deletes it, or edits it, and it comes back as it was', async () => {
    const namespace = await newNamespace()
    await apply(namespace, [
      limited([{ cidrs: ['192.0.2.0/24'], ports: [{ port: 443 }] }]),
      agentJob('nightly', NIGHTLY),
    ])
    const before = await untilPolicy(namespace)
    const name = before.metadata.name as string
    await kubectl(['delete', 'networkpolicy', name, '-n', namespace])
    const again = await untilPolicy(namespace, ({ metadata }) => metadata.uid !== before.metadata.uid)
    expect(substance(again)).toEqual(substance(before))
    const edits = [
      [{ op: 'add', path: '/spec/egress/-', value: {} }],
      [{ op: 'remove', path: '/spec/egress/0' }],
      [{ op: 'add', path: '/spec/egress/1/ports/0/endPort', value: 65535 }],
      [{ op: 'add', path: '/spec/podSelector/matchLabels/none', value: 'of-them' }],
      [{ op: 'replace', path: '/spec/policyTypes', value: ['Ingress', 'Egress'] }],
      [{ op: 'add', path: '/spec/ingress', value: [{}] }],
    ]
    for (const edit of edits) {
      const args = ['networkpolicy', name, '-n', namespace, '--type=json', '-p', JSON.stringify(edit)]
      const { stderr, code } = await kubectl(['patch', ...args])
      expect([stderr, code]).toEqual(['', 0])
      const restored = await untilPolicy(
        namespace,
        ({ metadata, spec }) => metadata.generation !== before.metadata.generation && Bun.deepEquals(spec, before.spec),
      )
      expect(substance(restored)).toEqual(substance(before))
    }
  })

  test('what an AgentRuntime asks for reaches it at once, and runs nothing again', async () => {
    const namespace = await newNamespace()
    const once = agentJob('once', { redeploy: 'OnChange', podTemplate: { spec: { nodeSelector: { no: 'node' } } } })
    await apply(namespace, [limited(), once])
    await eventually(
      'the Job',
      () => jobNames(namespace),
      ({ length }) => length === 1,
    )
    const [before, jobs] = [await untilPolicy(namespace), await jobNames(namespace)]
    await apply(namespace, limited([{ cidrs: ['198.51.100.0/24'] }]))
    await untilPolicy(namespace, ({ spec }) => JSON.stringify(spec).includes('198.51.100.0/24'))
    await aWhile()
    expect((await policies(namespace)).map(({ metadata }) => metadata.uid)).toEqual([before.metadata.uid])
    expect(await jobNames(namespace)).toEqual(jobs)
    expect((await getAgentJob(namespace, 'once')).status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'UpToDate', status: 'True' }),
    )
  })

  test("somebody else's policy of its name is left alone, and nothing runs until it has gone", async () => {
    const namespace = await newNamespace()
    const stranger = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'once-egress' },
      spec: { podSelector: { matchLabels: { app: 'mine' } }, policyTypes: ['Egress'], egress: [{}] },
    }
    await apply(namespace, [stranger, echoRuntime()])
    const [before] = await policies(namespace)
    await apply(namespace, agentJob('once'))
    const { status } = await eventually(
      'once is stalled',
      () => getAgentJob(namespace, 'once'),
      ({ status }) => status?.conditions?.find(({ type }) => type === 'Stalled')?.status === 'True',
    )
    expect(status).toMatchObject({ reason: 'NameConflict' })
    expect(status?.message).toContain('NetworkPolicy once-egress exists and does not belong to this AgentJob')
    expect(await enforced(namespace, 'once', 'False')).toMatchObject({ reason: 'NotInPlace' })
    await aWhile()
    expect(await policies(namespace)).toEqual([before as KubeObject])
    expect(await jobNames(namespace)).toEqual([])
    await kubectl(['delete', 'networkpolicy', 'once-egress', '-n', namespace])
    await eventually(
      'the Job',
      () => jobNames(namespace),
      ({ length }) => length === 1,
    )
    await enforced(namespace, 'once', 'Unknown')
  })
})

withPods(
  'switched off and on, policies come and go, and nothing runs again',
  async () => {
    const namespace = await newNamespace()
    await operateWith({})
    await apply(namespace, [
      limited(),
      agentJob('done', { redeploy: 'OnChange' }),
      agentJob('running', { prompt: 'echo: sleep 10m' }),
      agentJob('nightly', NIGHTLY),
    ])
    await untilPhase(namespace, 'done', 'Succeeded')
    await untilPhase(namespace, 'running', 'Running')
    const jobs = await jobNames(namespace)
    const names = (...of: string[]) =>
      eventually(
        `policies of ${of}`,
        () => namesOf(namespace, 'networkpolicies'),
        (found) =>
          Bun.deepEquals(
            found,
            of.map((name) => `${name}-egress`),
          ),
      )
    // not silently
    const { stderr } = await apply(namespace, agentJob('nightly', { ...NIGHTLY, model: 'other' }))
    expect(stderr).toContain(
      'Warning: spec.runtimeRef: AgentRuntime "echo" has egress, and nothing limits where its pods go',
    )
    expect(await enforced(namespace, 'nightly', 'False')).toMatchObject({ reason: 'EgressDisabled' })

    await operateWith({ enabled: true, enforcedBy: 'calico' })
    await names('done', 'nightly', 'running')
    for (const name of ['done', 'nightly', 'running'])
      expect((await enforced(namespace, name, 'True'))?.message).toContain('enforced by calico')

    // who may not look at policies any more leaves them
    await operateWith({})
    expect(await enforced(namespace, 'done', 'False')).toMatchObject({ reason: 'EgressDisabled' })
    await names('done', 'nightly', 'running')

    // under a run that goes on stays what limits it
    await operateWith({ cleanUp: true })
    await names('running')
    await aWhile()
    await names('running')
    await kubectl(['delete', 'job', '--all', '-n', namespace, '--wait=false'])
    await names()

    await operateWith({ enabled: true })
    await names('done', 'nightly', 'running')
    await aWhile()
    expect((await jobNames(namespace)).filter((name) => !jobs.includes(name))).toEqual([])
    await patch(namespace, 'running', { spec: { suspend: true } })
  },
  240_000,
)

test('a schedule pauses for as long as its policy cannot be there', async () => {
  const namespace = await newNamespace()
  await operateWith({})
  const stranger = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'nightly-egress' },
    spec: { podSelector: { matchLabels: { app: 'mine' } }, policyTypes: ['Egress'], egress: [{}] },
  }
  await apply(namespace, [stranger, echoRuntime(), agentJob('nightly', NIGHTLY)])
  await untilPhase(namespace, 'nightly', 'Scheduled')
  const untilPaused = (wanted: boolean) =>
    eventually(
      `the CronJob is ${wanted ? '' : 'not '}suspended`,
      async () => (await list(namespace, 'cronjobs'))[0]?.spec as { suspend: boolean },
      ({ suspend }) => suspend === wanted,
    )
  await untilPaused(false)
  await operateWith({ enabled: true, enforcedBy: 'calico' })
  await untilPaused(true)
  const { status } = await untilPhase(namespace, 'nightly', 'Pending')
  expect(status?.reason).toBe('NameConflict')
  await kubectl(['delete', 'networkpolicy', 'nightly-egress', '-n', namespace])
  await untilPaused(false)
  await enforced(namespace, 'nightly', 'True')
}, 120_000)

describe.skipIf(!crd)('Cilium, by its own schema (skipped where its module is not to be had)', () => {
  beforeAll(async () => {
    await client.apply(CRDS, crd as KubeObject, { fieldManager: 'test', force: true })
    await eventually(
      'CiliumNetworkPolicies are served',
      () => kubectl(['get', 'ciliumnetworkpolicies', '-A']),
      ({ code }) => code === 0,
    )
    await operateWith({ enabled: true, hosts: 'Cilium', dns: ['169.254.20.10/32'] })
  }, 120_000)

  test('names stand in a CiliumNetworkPolicy, which comes back as it was', async () => {
    const namespace = await newNamespace()
    const to = [
      { hosts: ['api.example.com', '*.example.org'] },
      { hosts: ['db.example.com'], ports: [{ port: 5432 }, { port: 6000, endPort: 6010, protocol: 'UDP' }] },
    ]
    const access = {
      apiVersion: 'agentjob.io/v1alpha1',
      kind: 'ClusterAccess',
      metadata: { name: 'reader' },
      spec: { rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }] },
    }
    await apply(namespace, [limited(to), access, agentJob('nightly', { ...NIGHTLY, clusterAccessRef: 'reader' })])
    await untilPhase(namespace, 'nightly', 'Scheduled')
    expect((await enforced(namespace, 'nightly', 'True'))?.message).toContain('enforced by Cilium')
    const [wanted] = ((await getAgentJob(namespace, 'nightly')).expansion?.resources ?? []).filter(
      ({ kind }) => kind === 'CiliumNetworkPolicy',
    )
    const [before] = await list(namespace, 'ciliumnetworkpolicies')
    // nothing was pruned from it, and nothing filled in
    expect(before?.spec).toEqual(wanted?.spec as object)
    const everywhere = { egress: [{ toEntities: ['all'] }] }
    const patched = { spec: { ...everywhere, ingress: [{}] }, specs: [{ endpointSelector: {}, ...everywhere }] }
    const args = ['patch', 'ciliumnetworkpolicy', 'nightly-egress', '-n', namespace, '--type=merge']
    const { stderr, code } = await kubectl([...args, '-p', JSON.stringify(patched)])
    expect([stderr, code]).toEqual(['', 0])
    await eventually(
      'the policy as it was',
      async () => (await list(namespace, 'ciliumnetworkpolicies'))[0],
      (policy) => Bun.deepEquals(policy?.spec, before?.spec) && !('specs' in (policy ?? {})),
    )
    await kubectl(['delete', 'aj', 'nightly', '-n', namespace])
    for (const plural of ['ciliumnetworkpolicies', 'networkpolicies'])
      await eventually(
        `no ${plural}`,
        () => list(namespace, plural),
        (left) => !left.length,
      )
  })
})
