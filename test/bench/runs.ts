import type { AgentJobStatus } from '../../src/api/agentjobstatus.ts'
import type { CachedPod } from '../../src/controller/caches.ts'
import { AGENT_JOB, POD } from '../../src/controller/types.ts'
import type { PartialObjectMetadata } from '../../src/kube/object.ts'
import { flawless } from './load.ts'
import { agentJob, PLACEHOLDER } from './objects.ts'
import { startWatching } from './watching.ts'
import { agentJobs, type World } from './world.ts'

export type AgentJobObject = PartialObjectMetadata & { status?: AgentJobStatus }

/** Creates so many one-shot AgentJobs, RUN-0 and so on, and gives the names of their pods, which wait for a node. */
export async function startRuns(world: World, namespace: string, count: number): Promise<string[]> {
  const pods = await startWatching<CachedPod>(world.client, POD, namespace)
  const targets = [{ path: agentJobs(namespace), body: agentJob(PLACEHOLDER) }]
  await flawless(world.load({ targets, prefix: 'run', count, clients: 4, attempts: 5 }))
  await pods.until(`${count} pods`, () => pods.objects.size === count)
  pods.stop()
  return [...pods.objects.keys()]
}

/** How many AgentJobs of a namespace, or of all, have one of these phases. */
export async function countPhases({ client }: World, phases: string[], namespace?: string): Promise<number> {
  let count = 0
  for await (const { items } of client.pages<AgentJobObject>(AGENT_JOB, { namespace }))
    count += items.filter(({ status }) => phases.includes(status?.phase ?? '')).length
  return count
}

/** Waits until that many have one of these phases. */
export async function untilPhases(world: World, phases: string[], count: number, namespace?: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    await world.settled()
    const now = await countPhases(world, phases, namespace)
    if (now === count) return
    if (Date.now() > deadline)
      throw new Error(`${now} of ${count} AgentJobs are ${phases.join(' or ')} after 15 minutes`)
  }
}

const PATIENCE_MS = 15 * 60_000
