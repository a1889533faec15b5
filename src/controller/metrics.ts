import type { Phase, Run, SkipReason } from '../api/agentjobstatus.ts'

/** Why an expansion is not ours: there is none, its signature does not hold, or it was made from another spec. */
export type Distrust = 'Missing' | 'Signature' | 'Spec'

/** What the leader counts. */
export interface ControllerMetrics {
  /** So many times of a schedule were skipped (`agentjob_skips_total{reason}`). */
  skipped(reason: SkipReason, times: number): void
  /** The end of a run was told for the first time (`agentjob_runs_total{result,reason}` and more). */
  ended(run: Run): void
  /** A look at an AgentJob found an expansion that is not ours (`agentjob_expansions_refused_total{reason}`). */
  distrusted(reason: Distrust): void
  /** How many AgentJobs are in each phase, to be asked when metrics are; undefined when nobody leads here any more. */
  phases(count: (() => Map<Phase, number>) | undefined): void
}
