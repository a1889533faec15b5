import { expect, test } from 'bun:test'
import type { Operator } from '../operator/operator.ts'
import { admissions, kubeconfigBy, registered, startOperatorAgain, startReplica, stopOperator } from './operators.ts'
import { type SlowProxy, startSlowProxy } from './slowproxy.ts'
import {
  agentJob,
  apply,
  aWhile,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  newNamespace,
  theWorld,
} from './world.ts'

// References that change while somebody who should know of it does not. One after the other: there is one registration.

const versioned = (value: string) => echoRuntime('echo', { env: [{ name: 'VERSION', value }] })

/** The version of the runtime that an expansion was made from. */
async function version(namespace: string): Promise<string | undefined> {
  const { expansion } = await getAgentJob(namespace, 'mine')
  return /"name":"VERSION","value":"(\w+)"/.exec(JSON.stringify(expansion?.resources))?.[1]
}

const untilVersion = (namespace: string, wanted: string) =>
  eventually(
    `version ${wanted}`,
    () => version(namespace),
    (found) => found === wanted,
  )

/** A webhook that knows of the cluster only what a proxy lets through, and is the one that admission asks. */
async function withSlowReplica(work: (slow: Operator, proxy: SlowProxy) => Promise<void>): Promise<void> {
  const { cluster, operator } = await theWorld()
  const proxy = await startSlowProxy(cluster.hostAddress, cluster.server)
  const slow = await startReplica({ name: 'slow', only: 'webhook', kubeconfig: await kubeconfigBy(proxy.url) })
  try {
    await registered(slow)
    await work(slow, proxy)
  } finally {
    proxy.release()
    await registered(operator)
    await slow.stop()
    proxy.close()
  }
}

/** A namespace whose AgentJob was expanded from a runtime that has changed since without the slow replica's knowledge. */
async function behind(slow: Operator, proxy: SlowProxy): Promise<string> {
  const namespace = await newNamespace()
  await apply(namespace, [versioned('old'), agentJob('mine', { suspend: true })])
  await untilVersion(namespace, 'old')
  proxy.hold()
  const before = await admissions(slow)
  await apply(namespace, versioned('new'))
  await eventually(
    'several touches',
    () => admissions(slow),
    (now) => now >= before + 4,
  )
  expect(await version(namespace)).toBe('old')
  return namespace
}

test('an expansion of a webhook that was behind is made anew when it has caught up', () =>
  withSlowReplica(async (slow, proxy) => {
    const namespace = await behind(slow, proxy)
    proxy.release()
    await untilVersion(namespace, 'new')
    await quiet(slow)
  }))

test('an expansion of a webhook that was behind is made anew when another replica is asked', () =>
  withSlowReplica(async (slow, proxy) => {
    const namespace = await behind(slow, proxy)
    await registered((await theWorld()).operator)
    await untilVersion(namespace, 'new')
  }))

test('a reference that changed while the controller was down reaches the expansion when it is back, and runs once', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [versioned('old'), agentJob('mine', { redeploy: 'OnChange' })])
  await eventually(
    'the run',
    () => jobNames(namespace),
    (names) => names.length === 1,
  )
  const webhook = await startReplica({ name: 'webhook', only: 'webhook' })
  try {
    await registered(webhook)
    await stopOperator()
    await apply(namespace, [versioned('new'), agentJob('later')])
    await aWhile()
    expect(await version(namespace)).toBe('old')
    expect(await jobNames(namespace)).toHaveLength(1)
  } finally {
    await startOperatorAgain()
    await webhook.stop()
  }
  await untilVersion(namespace, 'new')
  await eventually(
    'the runs of both',
    () => jobNames(namespace),
    (names) => names.length === 3,
  )
  await aWhile()
  expect(await jobNames(namespace)).toHaveLength(3)
})

/** Nobody asks for anything any more: what is fresh is not touched. */
async function quiet(replica: Operator): Promise<void> {
  await aWhile()
  const before = await admissions(replica)
  await aWhile()
  expect(await admissions(replica)).toBe(before)
}
