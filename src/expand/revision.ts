import { AgentJobSpec } from '../api/agentjob.ts'
import { withoutDefaults } from '../api/defaults.ts'
import type { Expansion } from '../api/expansion.ts'
import { hash, specHash as hashOfSpec } from '../api/hash.ts'

/** Fields that decide when, where or for how long, but not what runs. */
const NOT_INPUT = [
  'suspend',
  'ttlSecondsAfterFinished',
  'successfulRunsHistoryLimit',
  'failedRunsHistoryLimit',
  'redeploy',
  'queueName',
  'priorityClassName',
] as const

/** Fields that say nothing where there is no schedule. */
const OF_SCHEDULES = ['timezone', 'concurrencyPolicy', 'startingDeadlineSeconds'] as const

/** Hash of a spec as its user meant it: with its defaults dropped. */
export const specHash = (spec: unknown): string => hashOfSpec(withoutDefaults(AgentJobSpec, spec) ?? {})

/** The part of a spec that decides what runs, with its defaults dropped. */
export function inputOf(spec: AgentJobSpec): Record<string, unknown> {
  const input = { ...(withoutDefaults(AgentJobSpec, spec) as Record<string, unknown>) }
  for (const field of NOT_INPUT) delete input[field]
  if (spec.schedule === undefined) for (const field of OF_SCHEDULES) delete input[field]
  return input
}

/** Hash of the user's own input, by which a spec change that runs again is told from one that does not. */
export const inputHash = (spec: AgentJobSpec): string => hash(inputOf(spec), 16)

/** What a revision was made from. */
export type RevisionBasis = Pick<Expansion, 'revision' | 'inputHash' | 'rerun' | 'referencesHash'>

/**
 * The revision: unchanged as long as nothing says "run again", else a new one. It is chained to the one before, so
 * that going back to an earlier spec is a new revision and not the name of a Job that has run already.
 */
export function nextRevision(
  spec: AgentJobSpec,
  now: Omit<RevisionBasis, 'revision'>,
  previous: RevisionBasis | undefined,
): string {
  if (previous && !runsAgain(spec, now, previous)) return previous.revision
  const references = spec.redeploy === 'OnChange' ? now.referencesHash : undefined
  return hash({ input: now.inputHash, rerun: now.rerun, references, previous: previous?.revision }, 8)
}

function runsAgain(spec: AgentJobSpec, now: Omit<RevisionBasis, 'revision'>, previous: RevisionBasis): boolean {
  if (now.rerun !== previous.rerun) return true
  // a schedule runs when it is due; a change of its spec changes the CronJob and starts nothing
  if (spec.schedule !== undefined || spec.redeploy === 'Never') return false
  if (now.inputHash !== previous.inputHash) return true
  return (
    spec.redeploy === 'OnChange' &&
    previous.referencesHash !== undefined &&
    now.referencesHash !== undefined &&
    now.referencesHash !== previous.referencesHash
  )
}
