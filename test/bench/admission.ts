import { setTimeout as sleep } from 'node:timers/promises'
import { WEBHOOK_CONFIGURATIONS } from '../../certs/cabundle.ts'
import { AGENT_JOB } from '../../src/controller/types.ts'
import { WEBHOOK_CONFIGURATION } from '../../src/install/webhookconfiguration.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { Benchmark, Measured } from './benchmark.ts'
import { flawless, p50, p99 } from './load.ts'
import { agentJob, PLACEHOLDER } from './objects.ts'
import { whileRotating } from './rotation.ts'
import { buildWebhookLoader, reviewOf } from './webhookload.ts'
import { agentJobs, type World } from './world.ts'

/**
 * A server-side dry run in a namespace for which the webhook is registered and in one for which it is not, one by one
 * in turn; then certificates rotate in the very same listener, while it is asked on kept and on new connections.
 */
export const admission: Benchmark = {
  name: 'admission',
  about: 'a server-side dry run with and without the webhook; then its certificate rotates under load',
  async start(world, effort) {
    const [without, within] = [await world.namespace(), await world.namespace()]
    await exempt(world, without)
    const object = { ...agentJob('run'), metadata: { name: 'run', namespace: within } }
    const post = await buildWebhookLoader(world, reviewOf(object))
    const [count, seconds] = effort.quick ? [40, 2] : [400, 10]
    return async () => {
      await world.settled()
      return [
        ...(await oneByOne(world, without, within, count)),
        ...(await underRotation(world, within, count * 8, () => post('-new', '-clients', '2', '-for', `${seconds}s`))),
      ]
    }
  },
}

const dryRun = (namespace: string) => ({ path: `${agentJobs(namespace)}?dryRun=All`, body: agentJob(PLACEHOLDER) })

async function oneByOne(world: World, without: string, within: string, count: number): Promise<Measured[]> {
  const targets = [dryRun(without), dryRun(within)]
  const { answered } = await flawless(world.load({ targets, prefix: 'run', count: count * 2, clients: 1 }))
  const [bare, ours] = answered as [number[], number[]]
  const ms = (name: string, value: number): Measured => ({ name, unit: 'ms', value })
  return [
    ms('dry run without the webhook, p50', p50(bare)),
    ms('dry run without the webhook, p99', p99(bare)),
    ms('dry run, p50', p50(ours)),
    ms('dry run, p99', p99(ours)),
    ms('added by the webhook, p50', p50(ours) - p50(bare)),
  ]
}

async function underRotation(
  world: World,
  namespace: string,
  count: number,
  connectAnew: () => Promise<{ errors: Record<string, number>; certificates: number }>,
): Promise<Measured[]> {
  const [fresh, kept] = await whileRotating(world, () =>
    Promise.all([connectAnew(), world.load({ targets: [dryRun(namespace)], prefix: 'run', count, clients: 4 })]),
  )
  const all = [fresh, kept].flatMap(({ errors }) => Object.entries(errors))
  for (const [error, times] of all) world.progress(`${times} ×: ${error}`)
  return [
    { name: 'certificates served meanwhile', unit: 'certificates', value: fresh.certificates },
    {
      name: 'errors while certificates rotate',
      unit: 'errors',
      value: all.reduce((sum, [, times]) => sum + times, 0),
    },
  ]
}

/** Has the API server ask nobody about one namespace. */
async function exempt({ client }: World, namespace: string): Promise<void> {
  const selector = {
    matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [namespace] }],
  }
  await client.jsonPatch(WEBHOOK_CONFIGURATIONS, { name: WEBHOOK_CONFIGURATION }, [
    { op: 'add', path: '/webhooks/0/namespaceSelector', value: selector },
  ])
  const probe = { ...agentJob('probe'), metadata: { name: 'probe', namespace } }
  while ((await client.create<KubeObject>(AGENT_JOB, probe, { dryRun: true })).expansion) await sleep(50)
}
