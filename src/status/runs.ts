import type { Run } from '../api/agentjobstatus.ts'
import { timestamp } from './conditions.ts'
import type { ObservedRun } from './observed.ts'
import { deriveRun, isTerminal, JOB_GONE } from './run.ts'
import { shortened } from './shortened.ts'

/** How many runs a status remembers. */
const MAX_RUNS = 10
/** How many characters are kept of results older than the last one: every cache of AgentJobs holds all of them. */
const MAX_OLD_RESULT = 1024

/**
 * The last ten runs, the newest first: what the Jobs tell, and what the status remembers of Jobs that are gone. A Job
 * that vanished before it had ended is a failed run, ended when that was seen: nobody can say any more how it went.
 */
export function mergeRuns(observed: ObservedRun[], remembered: Run[] = [], now: Date): Run[] {
  const before = new Map(remembered.map((run) => [run.uid ?? run.jobName, run]))
  const runs = observed.map((run) => {
    const key = run.job.metadata.uid ?? run.job.metadata.name
    const derived = deriveRun(run, before.get(key))
    before.delete(key)
    return derived
  })
  for (const run of before.values())
    runs.push(
      isTerminal(run.phase) ? run : { ...run, phase: 'Failed', reason: JOB_GONE, completionTime: timestamp(now) },
    )
  return withShortResults(runs.sort(newestFirst).slice(0, MAX_RUNS))
}

function newestFirst(a: Run, b: Run): number {
  const [one, other] = [sortKey(a), sortKey(b)]
  return one < other ? 1 : one > other ? -1 : 0
}

/** By start; a run that is still to start is newer than any that has. What is left in doubt, names decide. */
function sortKey({ phase, startTime, completionTime, scheduledAt, jobName, uid }: Run): string {
  const started = startTime ?? (isTerminal(phase) ? (completionTime ?? '') : '9999')
  return [started, scheduledAt ?? '', jobName, uid ?? ''].join(' ')
}

function withShortResults(runs: Run[]): Run[] {
  const last = runs.findIndex(({ result }) => result !== undefined)
  return runs.map((run, index) =>
    run.result === undefined || index === last ? run : { ...run, result: shortened(run.result, MAX_OLD_RESULT) },
  )
}
