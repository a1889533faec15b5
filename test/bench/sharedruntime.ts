import { kindOf } from '../../src/api/kinds.ts'
import { CRON_JOB } from '../../src/controller/types.ts'
import type { PartialObjectMetadata } from '../../src/kube/object.ts'
import { typeOf } from '../../src/references/caches.ts'
import type { Benchmark, Measured } from './benchmark.ts'
import { flawless } from './load.ts'
import { agentJob, PLACEHOLDER, schedule } from './objects.ts'
import { startWatching, type Watching } from './watching.ts'
import { agentJobs, collection, type World } from './world.ts'

interface CronJob extends PartialObjectMetadata {
  spec: { jobTemplate: { spec: { template: { spec: { containers: { image: string }[] } } } } }
}

/** From the change of an AgentRuntime that many share until the last of their CronJobs has it. */
export const sharedruntime: Benchmark = {
  name: 'sharedruntime',
  about: 'a shared AgentRuntime changes under scheduled AgentJobs, until the last CronJob has the new image',
  async start(world, effort) {
    const groups: { namespace: string; count: number; cronJobs: Watching<CronJob> }[] = []
    for (const count of effort.quick ? [10, 50] : [10, 100, 300, 1000]) {
      const namespace = await world.namespace()
      const targets = [{ path: agentJobs(namespace), body: agentJob(PLACEHOLDER, schedule()) }]
      const watch = collection(CRON_JOB, namespace)
      await flawless(world.load({ targets, prefix: 'nightly', count, clients: 8, watch }))
      groups.push({ namespace, count, cronJobs: await startWatching<CronJob>(world.client, CRON_JOB, namespace) })
    }
    let version = 1
    return async () => {
      version++
      const measured: Measured[] = []
      for (const { namespace, count, cronJobs } of groups) {
        await world.settled()
        const value = await change(world, namespace, cronJobs, `registry.example.com/claude-code:${version}`)
        measured.push({ name: 'AgentRuntime changed → last CronJob', unit: 's', value, size: count })
      }
      return measured
    }
  },
}

async function change(
  { client }: World,
  namespace: string,
  { objects, until }: Watching<CronJob>,
  image: string,
): Promise<number> {
  const started = performance.now()
  await client.mergePatch(typeOf(kindOf('AgentRuntime')!), { namespace, name: 'claude-code' }, { spec: { image } })
  const has = ({ spec }: CronJob) => spec.jobTemplate.spec.template.spec.containers[0]?.image === image
  const waiting = new Set(objects.keys())
  await until('every CronJob has the new image', () => {
    for (const name of waiting) {
      if (!has(objects.get(name)!)) return false
      waiting.delete(name)
    }
    return true
  })
  return (performance.now() - started) / 1000
}
