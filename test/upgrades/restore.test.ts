import { afterAll, expect, test } from 'bun:test'
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
  patch,
  theWorld,
  untilPhase,
} from '../e2e/world.ts'
import { agentJobsOf, NEVER, NOWHERE, ownNamespace, removeNamespaces, runsOf, SLEEPS } from './snapshot.ts'

// What docs/guides/upgrades.md says of backups: each way of restoring, and what runs then.

const { cluster, client } = await theWorld()
const withPods = test.skipIf(!cluster.pods)

afterAll(removeNamespaces)

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

/** Without its status a one-shot runs again, unless it is suspended; a schedule waits for its time. */
async function withoutStatus(namespace: string): Promise<void> {
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
}

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
    agentJob('under-way', { prompt: SLEEPS }),
    agentJob('nightly', { schedule: NEVER }),
  ])
  await ended(namespace, [...ENDED, 'once'])
  await patch(namespace, 'changed', { spec: { prompt: 'echo: result another' } })
  await agentjob(['rerun', 'again', '-n', namespace])
  const runs = () => runsOf(namespace)
  await eventually('the second runs', runs, ({ changed, again }) => changed === 2 && again === 2)
  await ended(namespace, ENDED)
  await untilPhase(namespace, 'under-way', 'Running')
}

/** Another namespace of the same backup, in which less has happened. */
async function briefHistory(namespace: string): Promise<void> {
  await apply(namespace, [
    echoRuntime(),
    clusterAccess(),
    agentJob('with-rights', { clusterAccessRef: 'namespace' }),
    agentJob('unsigned'),
  ])
  await ended(namespace, BRIEFLY)
  for (const name of BRIEFLY) await agentjob(['rerun', name, '-n', namespace])
  await eventually(
    'the second run',
    () => runsOf(namespace),
    (runs) => BRIEFLY.every((name) => runs[name] === 2),
  )
  await ended(namespace, BRIEFLY)
}

const ENDED = ['changed', 'again', 'on-change', 'with-rights', 'kept']
const BRIEFLY = ['with-rights', 'unsigned']
const ended = (namespace: string, names: string[]) =>
  Promise.all(names.map((name) => untilPhase(namespace, name, 'Succeeded')))

/** What was stored when there were CRDs, and nothing else of us. */
async function stored(namespace: string): Promise<void> {
  await apply(namespace, [
    echoRuntime(),
    clusterAccess(),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'rules' }, data: { text: 'Be kind.' } },
    agentJob('once', NOWHERE),
    agentJob('parked', { suspend: true }),
    agentJob('nightly', { schedule: NEVER }, { annotations: { 'agentjob.io/rerun': 'then' } }),
    agentJob('with-rights', { ...NOWHERE, clusterAccessRef: 'namespace' }),
    agentJob('with-text', { ...NOWHERE, contexts: [{ type: 'ConfigMap', configMap: { name: 'rules' } }] }),
  ])
  expect((await getAgentJob(namespace, 'once')).status).toEqual({ observedGeneration: -1 })
}

/** They have ended, as the backup says, by the revision and the runs that it tells of; nor were they anything else since. */
async function expectAsBefore(namespace: string, objects: KubeObject[], names: string[]): Promise<void> {
  const told = ({ expansion, status }: AgentJobObject) => ({
    revision: expansion?.revision,
    runs: status?.runs,
    since: status?.conditions?.find(({ type }) => type === 'Complete')?.lastTransitionTime,
  })
  for (const name of names) {
    const [before] = objects.filter(({ kind, metadata }) => kind === 'AgentJob' && metadata.name === name)
    const now = await untilPhase(namespace, name, 'Succeeded')
    expect({ name, ...told(now) }).toEqual({ name, ...told(before as unknown as AgentJobObject) })
  }
}

withPods(
  'a backup with its status runs nothing again, one without it everything, and what nobody asked for once',
  async () => {
    const [live, bare, fresh] = [await ownNamespace(), await ownNamespace(), await ownNamespace()]
    await Promise.all([history(live), briefHistory(bare), ownNamespace().then(withoutStatus)])
    const [ofLive, ofBare] = [await backup(live), await backup(bare)]
    const [claim] = (await list(live, 'persistentvolumeclaims')) as [KubeObject]
    await Promise.all([lose(live), lose(bare)])
    await kubectl(['delete', 'pvc', 'kept-data', '-n', live, '--ignore-not-found'])

    // a namespace in a running cluster, in which no controller runs meanwhile
    await stopOperator()
    const webhook = await startReplica({ name: 'webhook', only: 'webhook' })
    await registered(webhook)
    // by the alphabet, as Velero does: AgentJobs before what they name
    await restore(live, ofLive)
    await restoreStatus(live, ofLive)
    await patch(live, 'once', { spec: { prompt: 'echo: result edited since' } })
    // a volume comes back as nobody's
    await apply(live, { ...claim, metadata: { name: 'kept-data', labels: claim.metadata.labels } })
    await webhook.stop()

    // a cluster in which AgentJob is installed last
    await client.delete(WEBHOOK_CONFIGURATIONS, { name: WEBHOOK_CONFIGURATION })
    const dryRun = () => apply(bare, echoRuntime(), ['--dry-run=server']).catch((error: Error) => error.message)
    await eventually('nobody is asked', dryRun, (answer) => typeof answer !== 'string')
    // as where the key that has signed is lost
    const isUnsigned = ({ metadata }: KubeObject) => metadata.name === 'unsigned'
    await restore(
      bare,
      ofBare.map((object) => (isUnsigned(object) ? { ...object, expansion: undefined } : object)),
    )
    await restoreStatus(bare, ofBare)
    await stored(fresh)
    await startOperatorAgain()

    await expectAsBefore(live, ofLive, ENDED)
    await expectAsBefore(bare, ofBare, BRIEFLY)
    expect((await untilPhase(live, 'under-way', 'Failed')).status?.reason).toBe('JobGone')
    await untilPhase(live, 'nightly', 'Scheduled')
    await untilPhase(live, 'once', 'Succeeded')
    await eventually(
      'what was stored before runs',
      () => runsOf(fresh),
      ({ once }) => once === 1,
    )
    await untilPhase(fresh, 'nightly', 'Scheduled')
    await untilPhase(fresh, 'parked', 'Suspended')
    for (const name of ['with-rights', 'with-text'])
      expect((await untilPhase(fresh, name, 'Pending')).status?.reason).toBe('Forbidden')
    for (const job of Object.values(await agentJobsOf(fresh))) expect(job.expansion?.requester).toBe('')
    await aWhile()
    expect(await Promise.all([live, bare, fresh].map(runsOf))).toEqual([{ once: 1 }, {}, { once: 1 }])
    expect((await getAgentJob(bare, 'with-rights')).expansion?.problems).toEqual([])

    // each goes on as ever
    await agentjob(['rerun', 'again', '-n', live])
    await patch(fresh, 'with-text', { spec: { prompt: 'echo: result mine' } })
    const runs = async () => [(await runsOf(live)).again, (await runsOf(fresh))['with-text']]
    await eventually('they run', runs, (found) => found.every((count) => count === 1))
    const conflict = /PersistentVolumeClaim kept-data exists and does not belong to this AgentJob/
    const kept = await getAgentJob(live, 'kept')
    expect(kept.status?.message).toMatch(conflict)
    const owner = { apiVersion: kept.apiVersion, kind: kept.kind, name: 'kept', uid: kept.metadata.uid }
    const body = { metadata: { ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }] } }
    await kubectl(['patch', 'pvc', 'kept-data', '-n', live, '--type=merge', '-p', JSON.stringify(body)])
    await patch(live, 'kept', { metadata: { labels: { looked: 'at' } } })
    const message = async () => (await getAgentJob(live, 'kept')).status?.message ?? ''
    await eventually('the volume is its own', message, (text) => !conflict.test(text))
  },
)
