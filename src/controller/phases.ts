import { Phase } from '../api/agentjobstatus.ts'
import type { Caches } from './caches.ts'
import { isAsleep } from './outline.ts'

/** How many AgentJobs are in each phase, by the cache. One without a status is Pending: nobody has looked at it yet. */
export function phasesOf({ agentJobs }: Pick<Caches, 'agentJobs'>): Map<Phase, number> {
  const counts = new Map<Phase, number>(Phase.options.map((phase) => [phase, 0]))
  for (const job of agentJobs.values()) {
    const phase = (isAsleep(job) ? job.phase : job.status?.phase) ?? 'Pending'
    counts.set(phase, (counts.get(phase) ?? 0) + 1)
  }
  return counts
}
