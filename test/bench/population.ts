import { CRON_JOB } from '../../src/controller/types.ts'
import { flawless } from './load.ts'
import { agentJob, PLACEHOLDER, schedule } from './objects.ts'
import { each, endPod } from './pods.ts'
import { countPhases, startRuns, untilPhases } from './runs.ts'
import { agentJobs, collection, type World } from './world.ts'

const AT_REST = ['Succeeded', 'Scheduled']

/**
 * Brings the AgentJobs at rest to `size`: half of them schedules with their CronJobs, half one-shots that have
 * succeeded, with their Jobs and pods.
 */
export async function populate(world: World, size: number): Promise<void> {
  const missing = size - (await countPhases(world, AT_REST))
  if (missing <= 0) return
  world.progress(`creating ${missing} AgentJobs`)
  const namespace = await world.namespace()
  const schedules = Math.floor(missing / 2)
  const targets = [{ path: agentJobs(namespace), body: agentJob(PLACEHOLDER, schedule()) }]
  const watch = collection(CRON_JOB, namespace)
  await flawless(world.load({ targets, prefix: 'nightly', count: schedules, clients: 8, attempts: 5, watch }))
  const pods = await startRuns(world, namespace, missing - schedules)
  await each(pods, 8, (pod) => endPod(world.client, namespace, pod))
  await untilPhases(world, AT_REST, missing, namespace)
}
