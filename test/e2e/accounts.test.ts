import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentQuotaStatus } from '../../src/api/agentquota.ts'
import { AGENT_QUOTA } from '../../src/controller/types.ts'
import { nameOf, type Part, userOf } from '../../src/install/names.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { accountKubeconfig, NAMESPACE } from '../operator/install.ts'
import type { Operator } from '../operator/operator.ts'
import { registered, startOperatorAgain, startReplica, stopOperator } from './operators.ts'
import {
  agentJob,
  agentjob,
  apply,
  clusterAccess,
  echoRuntime,
  eventually,
  getAgentJob,
  kubectl,
  namesOf,
  newNamespace,
  patch,
  theWorld,
  told,
  untilPhase,
} from './world.ts'

/*
 * Webhook and controller as the chart runs them: two processes, two accounts, each with its own rights and no others. What
 * one of them lacks is said in its log, or in the status of what it could not do.
 */

let parts: Record<Part, Operator>
let namespace: string

async function startPart(part: Part): Promise<Operator> {
  const { client, cluster } = await theWorld()
  const to = join(cluster.dir, `${part}.kubeconfig`)
  const kubeconfig = await accountKubeconfig(
    client,
    { namespace: NAMESPACE, name: nameOf(part) },
    cluster.kubeconfig,
    to,
  )
  const controllerUser = part === 'webhook' ? userOf('controller', NAMESPACE) : undefined
  return startReplica({ name: `only-${part}-${Date.now()}`, only: part, kubeconfig, controllerUser })
}

beforeAll(async () => {
  await theWorld()
  await stopOperator()
  parts = { webhook: await startPart('webhook'), controller: await startPart('controller') }
  await registered(parts.webhook)
  namespace = await newNamespace()
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'words' }, data: { text: 'a word' } }
  await apply(namespace, [echoRuntime(), config, clusterAccess(), clusterAccess('Cluster')])
})
afterAll(async () => {
  for (const part of Object.values(parts)) await part.stop()
  await startOperatorAgain()
})

describe('webhook and controller under accounts of their own', () => {
  test('a run with a ConfigMap in its context, a volume and rights of its own', async () => {
    const contexts = [{ type: 'ConfigMap', configMap: { name: 'words', key: 'text' } }]
    const spec = { contexts, persist: true, clusterAccessRef: 'namespace', prompt: 'echo: result done' }
    await apply(namespace, agentJob('full', spec))
    if ((await theWorld()).cluster.pods) await told(namespace, 'full')
    else await untilPhase(namespace, 'full', 'Pending')
    expect(await namesOf(namespace, 'persistentvolumeclaims')).toEqual(['full-data'])
    expect(await namesOf(namespace, 'roles')).toEqual(['full-runner'])
  })

  test('a schedule with a prompt that takes a ConfigMap, paused and removed', async () => {
    await apply(namespace, agentJob('nightly', { schedule: '@daily', prompt: 'long '.repeat(8000) }))
    await untilPhase(namespace, 'nightly', 'Scheduled')
    expect((await namesOf(namespace, 'configmaps')).filter((name) => name.startsWith('nightly-'))).toHaveLength(1)
    await patch(namespace, 'nightly', { spec: { suspend: true } })
    await untilPhase(namespace, 'nightly', 'Suspended')
    await kubectl(['delete', 'aj', 'nightly', '-n', namespace])
  })

  test('cluster-scoped rights go with their AgentJob', async () => {
    await apply(namespace, agentJob('wide', { schedule: '@daily', clusterAccessRef: 'cluster' }))
    await untilPhase(namespace, 'wide', 'Scheduled')
    const roles = async () =>
      (await kubectl(['get', 'clusterroles', '-l', 'agentjob.io/agentjob=wide', '-o', 'name'])).stdout
    expect(await roles()).toContain('clusterrole')
    await kubectl(['delete', 'aj', 'wide', '-n', namespace])
    await eventually('the ClusterRole is gone', roles, (names) => names === '')
  })

  test('a run is stopped', async () => {
    if (!(await theWorld()).cluster.pods) return
    await apply(namespace, agentJob('long', { prompt: 'echo: sleep 10m' }))
    await untilPhase(namespace, 'long', 'Running')
    await agentjob(['stop', 'long', '-n', namespace])
    await untilPhase(namespace, 'long', 'Stopped')
  })

  test('the touches of the controller are told from the changes of people', async () => {
    await apply(namespace, agentJob('touched', { schedule: '@weekly' }))
    await untilPhase(namespace, 'touched', 'Scheduled')
    const before = await getAgentJob(namespace, 'touched')
    await apply(namespace, echoRuntime('echo', { env: [{ name: 'NEW', value: '1' }] }))
    const after = await eventually(
      'it is expanded anew',
      () => getAgentJob(namespace, 'touched'),
      ({ expansion }) => expansion?.configHash !== before.expansion?.configHash,
    )
    expect(after.expansion?.requester).toBe(before.expansion?.requester as string)
    // a change that comes with a touch is another webhook's: nobody is taken for its requester, the controller least of all
    const as = ['--as', userOf('controller', NAMESPACE), '--as-group', 'system:masters']
    const change = ['--type=merge', '-p', '{"spec":{"prompt":"other"}}', '--dry-run=server', '-o', 'json']
    const { stdout } = await kubectl(['patch', 'aj', 'touched', '-n', namespace, ...as, ...change])
    expect(JSON.parse(stdout).expansion.requester).toBe('')
  })

  test('runs of a day are counted, also while somebody else writes to the AgentQuota', async () => {
    const { client } = await theWorld()
    const team = await newNamespace()
    const quota = { apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentQuota', metadata: { name: 'day' } }
    await apply(team, [echoRuntime(), { ...quota, spec: { maxRunsPerDay: 20 } }])
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const applied = apply(
      team,
      names.map((name) => agentJob(name)),
    )
    // what is counted is written over the version that it was counted from: some of these come in between
    const at = { namespace: team, name: 'day' }
    const counted = async (edit: number) => {
      const patch = { metadata: { annotations: { edit: `${edit}` } } }
      const { status } = await client.mergePatch<KubeObject>(AGENT_QUOTA, at, patch, { fieldManager: 'test' })
      return (status as AgentQuotaStatus | undefined)?.used?.runsToday
    }
    for (let edit = 0; (await counted(edit)) !== names.length; edit++) if (edit > 10_000) throw new Error('not counted')
    await applied
    await eventually(
      'each has its Job',
      () => namesOf(team, 'jobs'),
      (jobs) => jobs.length === names.length,
    )
  })

  test.each(['webhook', 'controller'] as const)('the %s was refused nothing', async (part) => {
    const lines = (await readFile(parts[part].log, 'utf8')).split('\n').filter((line) => /cannot |orbidden/.test(line))
    expect(lines).toEqual([])
    const { stdout } = await kubectl(['get', 'events,agentjobs', '-n', namespace, '-o', 'json'])
    expect(stdout).not.toContain(`${userOf(part, NAMESPACE)}\\" cannot`)
  })
})
