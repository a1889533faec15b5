import { expect, test } from 'bun:test'
import { WEBHOOK_CONFIGURATIONS } from '../../certs/cabundle.ts'
import { WEBHOOK_CONFIGURATION } from '../../src/install/webhookconfiguration.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { registered, startOperatorAgain, startReplica, stopOperator } from '../e2e/operators.ts'
import {
  type AgentJobObject,
  agentJob,
  agentjob,
  apply,
  aWhile,
  clusterAccess,
  echoRuntime,
  eventually,
  getAgentJob,
  kubectl,
  list,
  newNamespace,
  patch,
  theWorld,
  untilPhase,
} from '../e2e/world.ts'
import { NEVER, runsOf } from './snapshot.ts'

// What docs/guides/upgrades.md says of backups: each way of restoring, and what runs then.

const { cluster, client } = await theWorld()
const withPods = test.skipIf(!cluster.pods)

/** Fields that belong to an object and not to what somebody wants; whoever restores drops them. */
const OWN = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields']

/** Everything of ours in a namespace, as a backup holds it. */
async function backup(namespace: string): Promise<KubeObject[]> {
  const { stdout } = await kubectl(['get', 'agents', '-n', namespace, '-o', 'json'])
  const { items } = JSON.parse(stdout) as { items: KubeObject[] }
  return items.map((item) => ({
    ...item,
    metadata: Object.fromEntries(Object.entries(item.metadata).filter(([field]) => !OWN.includes(field))),
  }))
}

/** Takes a namespace's objects away, and the Jobs that they own. */
async function lose(namespace: string): Promise<void> {
  await kubectl(['delete', 'agentjobs', '--all', '-n', namespace])
  await kubectl(['delete', 'agents', '--all', '-n', namespace])
  // the garbage collector's turn, which nobody waits for here
  await kubectl(['delete', 'jobs,cronjobs', '--all', '-n', namespace])
}

const restore = async (namespace: string, objects: object[]) => {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  const { code, stderr } = await kubectl(['create', '-n', namespace, '-f', '-'], list)
  if (code !== 0) throw new Error(stderr)
}

const restoreStatus = async (namespace: string, objects: KubeObject[]) => {
  const items = objects.filter(({ status }) => status)
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  const { code, stderr } = await kubectl(['replace', '--subresource=status', '-n', namespace, '-f', '-'], list)
  if (code !== 0) throw new Error(stderr)
}

const suspended = (object: KubeObject) =>
  object.kind === 'AgentJob' ? { ...object, spec: { ...(object.spec as object), suspend: true } } : object

withPods(
  'restored without its status a one-shot runs again, unless it is suspended; a schedule waits for its time',
  async () => {
    const namespace = await newNamespace()
    await apply(namespace, [echoRuntime(), agentJob('done'), agentJob('nightly', { schedule: NEVER })])
    await agentjob(['rerun', 'nightly', '-n', namespace])
    await untilPhase(namespace, 'done', 'Succeeded')
    const objects = await backup(namespace)
    await lose(namespace)
    await restore(namespace, objects.map(suspended))
    await untilPhase(namespace, 'done', 'Suspended')
    await aWhile()
    expect(await runsOf(namespace)).toEqual({})
    await lose(namespace)
    await restore(namespace, objects)
    await untilPhase(namespace, 'done', 'Succeeded')
    await untilPhase(namespace, 'nightly', 'Scheduled')
    expect(await runsOf(namespace)).toEqual({ done: 1 })
  },
)

/** One-shots that have run: once, after a change, and once more on request. */
async function history(namespace: string): Promise<void> {
  await apply(namespace, [
    echoRuntime(),
    clusterAccess(),
    agentJob('once'),
    agentJob('changed'),
    agentJob('again'),
    agentJob('on-change', { redeploy: 'OnChange' }),
    agentJob('with-rights', { clusterAccessRef: 'namespace' }),
    agentJob('kept', { persist: true }),
    agentJob('under-way', { prompt: 'echo: sleep 10m' }),
    agentJob('nightly', { schedule: NEVER }),
  ])
  const names = ['once', 'changed', 'again', 'on-change', 'with-rights', 'kept']
  await Promise.all(names.map((name) => untilPhase(namespace, name, 'Succeeded')))
  await patch(namespace, 'changed', { spec: { prompt: 'echo: result another' } })
  await agentjob(['rerun', 'again', '-n', namespace])
  await eventually(
    'the second runs',
    () => runsOf(namespace),
    ({ changed, again }) => changed === 2 && again === 2,
  )
  await Promise.all(names.map((name) => untilPhase(namespace, name, 'Succeeded')))
  await untilPhase(namespace, 'under-way', 'Running')
}

withPods(
  'restored with its status nothing runs again: while no controller runs, or before AgentJob is installed',
  async () => {
    const [live, bare] = [await newNamespace(), await newNamespace()]
    await Promise.all([history(live), history(bare)])
    const [ofLive, ofBare] = [await backup(live), await backup(bare)]
    const [claim] = (await list(live, 'persistentvolumeclaims')) as [KubeObject]
    await Promise.all([lose(live), lose(bare)])
    await kubectl(['delete', 'pvc', 'kept-data', '-n', live, '--ignore-not-found'])
    await stopOperator()
    const webhook = await startReplica({ name: 'webhook', only: 'webhook' })
    await registered(webhook)
    // the order of the alphabet, in which Velero restores: AgentJobs before what they name
    await restore(live, ofLive)
    await restoreStatus(live, ofLive)
    await patch(live, 'once', { spec: { prompt: 'echo: result edited since' } })
    // a volume comes back as nobody's
    const volume = { ...claim, metadata: { name: 'kept-data', labels: claim.metadata.labels } }
    await apply(live, volume)
    await webhook.stop()
    await client.delete(WEBHOOK_CONFIGURATIONS, { name: WEBHOOK_CONFIGURATION })
    const created = () => restore(bare, ofBare).catch((error: Error) => error)
    await eventually('nobody is asked', created, (error) => error === undefined)
    await restoreStatus(bare, ofBare)
    await startOperatorAgain()

    for (const [namespace, objects] of [
      [live, ofLive],
      [bare, ofBare],
    ] as const) {
      for (const name of ['changed', 'again', 'on-change', 'with-rights', 'kept']) {
        const { status, expansion } = await untilPhase(namespace, name, 'Succeeded')
        const before = objects.find(
          ({ kind, metadata }) => kind === 'AgentJob' && metadata.name === name,
        ) as unknown as AgentJobObject
        expect([name, expansion?.revision, status?.runs]).toEqual([
          name,
          before.expansion?.revision as string,
          before.status?.runs as never,
        ])
      }
      const { status } = await untilPhase(namespace, 'under-way', 'Failed')
      expect(status?.reason).toBe('JobGone')
      await untilPhase(namespace, 'nightly', 'Scheduled')
    }
    await untilPhase(live, 'once', 'Succeeded')
    await aWhile()
    expect(await runsOf(live)).toEqual({ once: 1 })
    expect(await runsOf(bare)).toEqual({})
    expect((await getAgentJob(bare, 'with-rights')).expansion).toMatchObject({ problems: [] })
    await agentjob(['rerun', 'again', '-n', live])
    await eventually(
      'it runs on request',
      () => runsOf(live),
      ({ again }) => again === 1,
    )

    const kept = await getAgentJob(live, 'kept')
    console.error(JSON.stringify(kept.status?.conditions), kept.status?.message)
    const owner = { apiVersion: kept.apiVersion, kind: kept.kind, name: 'kept', uid: kept.metadata.uid }
    const body = { metadata: { ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }] } }
    console.error(await kubectl(['patch', 'pvc', 'kept-data', '-n', live, '--type=merge', '-p', JSON.stringify(body)]))
    await new Promise((r) => setTimeout(r, 8000))
    console.error(JSON.stringify((await getAgentJob(live, 'kept')).status?.conditions))
  },
)
