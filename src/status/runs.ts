import type { Run } from '../api/agentjobstatus.ts'
import { compact } from './compact.ts'
import { timestamp } from './conditions.ts'
import { isOwed, type Notified, withNotifications } from './notifications.ts'
import type { ObservedRun } from './observed.ts'
import { deriveRun, isTerminal, JOB_GONE } from './run.ts'
import { shortened } from './shortened.ts'

/** How many runs a status remembers. */
const MAX_RUNS = 10
/** How many results are kept as a whole because somebody is still to be told: a status must not outgrow its object. */
const MAX_OWED_RESULTS = 3
/** How many characters are kept of results older than the last one: every cache of AgentJobs holds all of them. */
const MAX_OLD_RESULT = 1024

/**
 * The last ten runs, the newest first: what the Jobs tell, and what the status remembers of Jobs that are gone. A Job
 * that vanished before it had ended is a failed run, ended when that was seen: nobody can say any more how it went.
 */
export function mergeRuns(
  observed: ObservedRun[],
  remembered: Run[] = [],
  now: Date,
  concurrencyPolicy?: string,
  notified: Notified = { notify: undefined, now },
): Run[] {
  const before = new Map(remembered.map((run) => [run.uid ?? run.jobName, run]))
  const there: Run[] = []
  const gone: Run[] = []
  for (const run of observed) {
    const key = run.job.metadata.uid ?? run.job.metadata.name
    const derived = deriveRun(run, before.get(key))
    before.delete(key)
    const list = run.isGone ? gone : there
    list.push(derived)
  }
  const runs = [...there]
  for (const run of [...gone, ...before.values()])
    runs.push(
      isTerminal(run.phase)
        ? run
        : { ...run, ...vanished(run, there, concurrencyPolicy), completionTime: timestamp(now) },
    )
  const last = runs.sort(newestFirst(remembered)).slice(0, MAX_RUNS)
  return withShortWords(withNotifications(last, remembered, notified))
}

/** Under `Replace` Kubernetes deletes the run that the next one replaces; else nobody was meant to. */
function vanished(
  { scheduledAt }: Run,
  runs: Run[],
  concurrencyPolicy: string | undefined,
): Pick<Run, 'phase' | 'reason'> {
  const replaced = concurrencyPolicy === 'Replace' && scheduledAt !== undefined
  const isLater = (other: Run) => other.scheduledAt !== undefined && other.scheduledAt > (scheduledAt ?? '')
  return replaced && runs.some(isLater)
    ? { phase: 'Stopped', reason: 'Replaced' }
    : { phase: 'Failed', reason: JOB_GONE }
}

/**
 * By start, in seconds; a run that is still to start is newer than any that has. Within a second the order that the
 * status remembers stays, and what it does not know yet is newer. What is left in doubt, names decide.
 */
function newestFirst(remembered: Run[]): (a: Run, b: Run) => number {
  const rank = new Map(remembered.map(({ uid, jobName }, index) => [uid ?? jobName, remembered.length - index]))
  const rankOf = ({ uid, jobName }: Run) => rank.get(uid ?? jobName) ?? Number.POSITIVE_INFINITY
  return (a, b) => descending(timeOf(a), timeOf(b)) || descending(rankOf(a), rankOf(b)) || descending(name(a), name(b))
}

const descending = <T extends string | number>(a: T, b: T) => (a < b ? 1 : a > b ? -1 : 0)
const timeOf = ({ phase, startTime, completionTime, scheduledAt }: Run) =>
  `${startTime ?? (isTerminal(phase) ? (completionTime ?? '') : '9999')} ${scheduledAt ?? ''}`
const name = ({ jobName, uid }: Run) => `${jobName} ${uid ?? ''}`

/**
 * What runs have said: of the newest that has said anything all of it, and of the newest that has a log's end, that. So of
 * those whose end is still to be told to somebody, as far as a status has room.
 */
function withShortWords(runs: Run[]): Run[] {
  const hasSaid = ({ result, outputs }: Run) => result !== undefined || outputs !== undefined
  const last = runs.find(hasSaid)
  const lastTail = runs.find(({ logTail }) => logTail !== undefined)
  const owed = runs.filter((run) => hasSaid(run) && isOwed(run)).slice(0, MAX_OWED_RESULTS)
  return runs.map((run) => {
    const isWhole = run === last || owed.includes(run)
    return compact({
      ...run,
      result: isWhole ? run.result : run.result && shortened(run.result, MAX_OLD_RESULT),
      outputs: isWhole ? run.outputs : undefined,
      logTail: run === lastTail ? run.logTail : undefined,
    })
  })
}
