import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { type Run, SkipReason } from '../../api/agentjobstatus.ts'
import type { ControllerMetrics, Distrust } from '../../controller/metrics.ts'
import { RUN_SECONDS } from './buckets.ts'

/**
 * What a run can end with, and why, by the words of its status. Words of kubelets and container runtimes are their own
 * business: those that are not here are Other, so that no agent and no node decides how many series there are.
 */
export const RUN_REASONS: Record<string, readonly string[]> = {
  // a status gives no reason for it
  Succeeded: ['Completed'],
  Failed: [
    ...['Error', 'AgentError', 'OOMKilled', 'StartError', 'ContainerCannotRun', 'BackoffLimitExceeded', 'Failed'],
    ...['PodFailurePolicy', 'ContextFailed', 'SkillFailed', 'PrecheckFailed', 'InitContainerFailed'],
    ...['JobGone', 'PodDeleted', 'Evicted', 'DisruptionTarget', 'EvictionByEvictionAPI', 'PreemptionByScheduler'],
    ...['DeletionByTaintManager', 'DeletionByPodGC', 'TerminationByKubelet', 'NodeLost', 'NodeShutdown', 'Terminated'],
    ...['Preempting', 'UnexpectedAdmissionError', 'Other'],
  ],
  TimedOut: ['DeadlineExceeded', 'Other'],
  Stopped: ['Stopped', 'Superseded', 'Replaced', 'Other'],
  Skipped: ['PrecheckSkipped', 'Other'],
}

/** Result and reason of a run that has ended, as labels. */
export function labelsOf({ phase, reason }: Pick<Run, 'phase' | 'reason'>): { result: string; reason: string } {
  const reasons = RUN_REASONS[phase] ?? []
  if (!reason && phase === 'Succeeded') return { result: phase, reason: 'Completed' }
  return { result: phase, reason: reason && reasons.includes(reason) ? reason : 'Other' }
}

const TOKENS = {
  input: 'inputTokens',
  output: 'outputTokens',
  cacheRead: 'cacheReadTokens',
  cacheWrite: 'cacheWriteTokens',
} as const

/**
 * What one run can have taken, at most. Programs say it themselves, and their agents may print what they like: one of
 * them must not spoil the sum of all for good.
 */
const MOST = { tokens: 1e9, usd: 10_000 }

/** What the leader counts of AgentJobs and their runs. No label is of somebody's choosing. */
export function runMetrics(registers: Registry[]): ControllerMetrics {
  let count: Parameters<ControllerMetrics['phases']>[0]
  new Gauge({
    name: 'agentjob_phase',
    help: 'How many AgentJobs are in a phase; told by the leader alone.',
    labelNames: ['phase'],
    registers,
    collect() {
      this.reset()
      for (const [phase, jobs] of count?.() ?? []) this.set({ phase }, jobs)
    },
  })
  const runs = new Counter({
    name: 'agentjob_runs_total',
    help: 'Runs that have ended, counted when their end is first written into a status.',
    labelNames: ['result', 'reason'],
    registers,
  })
  const seconds = new Histogram({
    name: 'agentjob_run_duration_seconds',
    help: 'How long runs took that have ended, from the start of their Job to its end; left out where they never started.',
    labelNames: ['result'],
    buckets: RUN_SECONDS,
    registers,
  })
  const tokens = new Counter({
    name: 'agentjob_tokens_total',
    help: 'Tokens that runs took that have ended, as far as their programs tell.',
    labelNames: ['type'],
    registers,
  })
  const cost = new Counter({
    name: 'agentjob_cost_usd_total',
    help: "What runs cost that have ended, in US dollars, by the price lists of the programs that tell it; nobody's bill.",
    registers,
  })
  const skips = new Counter({
    name: 'agentjob_skips_total',
    help: 'Times at which a schedule was due and no run started, counted when they are first told in a status.',
    labelNames: ['reason'],
    registers,
  })
  const refused = new Counter({
    name: 'agentjob_expansions_refused_total',
    help: 'Looks at an AgentJob whose expansion is not ours, so that nothing was created from it.',
    labelNames: ['reason'],
    registers,
  })
  // a counter that begins with its first event shows no increase
  for (const [result, reasons] of Object.entries(RUN_REASONS))
    for (const reason of reasons) runs.inc({ result, reason }, 0)
  for (const result of Object.keys(RUN_REASONS)) seconds.zero({ result })
  for (const type of Object.keys(TOKENS)) tokens.inc({ type }, 0)
  for (const reason of SkipReason.options) skips.inc({ reason }, 0)
  for (const reason of ['Missing', 'Signature', 'Spec'] satisfies Distrust[]) refused.inc({ reason }, 0)
  return {
    phases(look) {
      count = look
    },
    ended(run) {
      runs.inc(labelsOf(run))
      const took = (Date.parse(run.completionTime ?? '') - Date.parse(run.startTime ?? '')) / 1000
      if (took >= 0) seconds.observe({ result: run.phase }, took)
      for (const [type, member] of Object.entries(TOKENS)) {
        const number = run.usage?.[member] ?? 0
        if (number <= MOST.tokens) tokens.inc({ type }, number)
      }
      const usd = Number(run.usage?.costUSD ?? 0)
      if (usd <= MOST.usd) cost.inc(usd)
    },
    skipped: (reason, times) => skips.inc({ reason }, times),
    distrusted: (reason) => refused.inc({ reason }),
  }
}
