import type { Run } from '../api/agentjobstatus.ts'
import type { ObservedRun } from './observed.ts'
import { deriveRun, isTerminal } from './run.ts'

/** How many runs a status remembers. */
const MAX_RUNS = 10

/**
 * The last ten runs, the newest first: what the Jobs tell, and what the status remembers of Jobs that are gone. A Job
 * that vanished before it had ended is a failed run: nobody can say any more how it went.
 */
export function mergeRuns(observed: ObservedRun[], remembered: Run[] = []): Run[] {
  const before = new Map(remembered.map((run) => [run.uid ?? run.jobName, run]))
  const runs = observed.map((run) => {
    const key = run.job.metadata.uid ?? run.job.metadata.name
    const derived = deriveRun(run, before.get(key))
    before.delete(key)
    return derived
  })
  for (const run of before.values())
    runs.push(isTerminal(run.phase) ? run : { ...run, phase: 'Failed', reason: 'JobGone' })
  return runs.sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : timeOf(a) > timeOf(b) ? -1 : 0)).slice(0, MAX_RUNS)
}

/** A run that has not started is newer than any that has. */
const timeOf = (run: Run) => run.startTime ?? '9999'
