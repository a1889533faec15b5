import { setTimeout as sleep } from 'node:timers/promises'
import type { CachedJob } from '../../src/controller/caches.ts'
import { isFinished } from '../../src/controller/outline.ts'
import { AGENT_JOB, JOB } from '../../src/controller/types.ts'
import type { Benchmark, Measured } from './benchmark.ts'
import { p50, p99 } from './load.ts'
import { each, endPod, runPod } from './pods.ts'
import { type AgentJobObject, startRuns } from './runs.ts'
import { startWatching } from './watching.ts'
import type { World } from './world.ts'

/** So far apart do runs end: each on its own, although the Job controller lets a second pass before it looks. */
const APART_MS = 50

/** From the Job's last condition to the AgentJob's last phase, both on watches of this process. */
export const terminal: Benchmark = {
  name: 'terminal',
  about: 'from Job finished to AgentJob Succeeded; the pods end because their status is written by hand',
  async start(world, effort) {
    return () => round(world, effort.quick ? 10 : 100)
  },
}

async function round(world: World, count: number): Promise<Measured[]> {
  const { client } = world
  const namespace = await world.namespace()
  const finished = new Map<string, number>()
  const ended = new Map<string, number>()
  const note = (times: Map<string, number>, name: string) =>
    void (times.has(name) || times.set(name, performance.now()))
  const watches = [
    await startWatching<CachedJob>(client, JOB, namespace, (job) => {
      if (isFinished(job)) note(finished, job.metadata.ownerReferences?.[0]?.name as string)
    }),
    await startWatching<AgentJobObject>(client, AGENT_JOB, namespace, (job) => {
      if (job.status?.phase === 'Succeeded') note(ended, job.metadata.name as string)
    }),
  ]
  const pods = await startRuns(world, namespace, count)
  await each(pods, 4, (pod) => runPod(client, namespace, pod))
  await world.settled()
  for (const pod of pods) {
    void endPod(client, namespace, pod)
    await sleep(APART_MS)
  }
  for (const watch of watches) await watch.until('ends', () => finished.size === count && ended.size === count)
  for (const watch of watches) watch.stop()
  const took = [...ended].map(([name, at]) => at - (finished.get(name) as number))
  return [
    { name: 'Job finished → AgentJob terminal, p50', unit: 'ms', value: p50(took) },
    { name: 'Job finished → AgentJob terminal, p99', unit: 'ms', value: p99(took) },
  ]
}
