import { type AgentJob, AgentJobSpec } from '../api/agentjob.ts'
import { withoutDefaults } from '../api/defaults.ts'
import type { Expansion } from '../api/expansion.ts'
import { hash, hashesWithAndWithout, specHash as hashOfSpec, SPEC_DIGITS } from '../api/hash.ts'

/** Fields that decide when, where or for how long, or who hears of it, but not what runs. */
const NOT_INPUT = [
  'suspend',
  'ttlSecondsAfterFinished',
  'successfulRunsHistoryLimit',
  'failedRunsHistoryLimit',
  'redeploy',
  'queueName',
  'priorityClassName',
  'notify',
] as const

/** Fields that say nothing where there is no schedule. */
const OF_SCHEDULES = ['timezone', 'concurrencyPolicy', 'startingDeadlineSeconds'] as const

const isOneOf = (fields: readonly string[], field: string) => fields.includes(field)

/** A spec by its hashes, its defaults dropped. */
export interface SpecHashes {
  /** Of the whole spec. */
  specHash: string
  /** Of the part that decides what runs: by it, a spec change that runs again is told from one that does not. */
  inputHash: string
}

/** The hashes of a spec as its user meant it: a default, spelled out or not, changes none of them. */
export function hashesOf(spec: AgentJobSpec): SpecHashes {
  const meant = (withoutDefaults(AgentJobSpec, spec) ?? {}) as Record<string, unknown>
  const isNoInput = (field: string) =>
    isOneOf(NOT_INPUT, field) || (spec.schedule === undefined && isOneOf(OF_SCHEDULES, field))
  const hashes = hashesWithAndWithout(meant, isNoInput, { with: SPEC_DIGITS, without: 16 })
  return { specHash: hashes.with, inputHash: hashes.without }
}

/** Hash of a spec as its user meant it; the spec may be of any shape. */
export const specHash = (spec: unknown): string => hashOfSpec(withoutDefaults(AgentJobSpec, spec) ?? {})

/** What a revision is made from. */
export type RevisionBasis = Pick<Expansion, 'inputHash' | 'rerun' | 'referencesHash'>

/**
 * The revision: unchanged as long as nothing says "run again", else a new one. It is chained to the one before, so
 * that going back to an earlier spec is a new revision and not the name of a Job that has run already.
 */
export function nextRevision(
  spec: AgentJobSpec,
  now: RevisionBasis,
  previous: (RevisionBasis & { revision: string }) | undefined,
): string {
  if (previous && !runsAgain(spec, now, previous)) return previous.revision
  const references = spec.redeploy === 'OnChange' ? now.referencesHash : undefined
  return hash({ input: now.inputHash, rerun: now.rerun, references, previous: previous?.revision }, 8)
}

function runsAgain(spec: AgentJobSpec, now: RevisionBasis, previous: RevisionBasis): boolean {
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

/**
 * The revision that a status tells of, where the object never had it: object and status were restored from a backup,
 * and the object's chain of revisions has begun anew. Undefined where that is not so, or where the status speaks of
 * another input: that one has not run.
 */
export function restoredRevision({
  spec,
  expansion,
  status,
}: Pick<AgentJob, 'spec' | 'expansion' | 'status'>): string | undefined {
  const { revision, inputHash } = status ?? {}
  if (!expansion || !revision || revision === expansion.revision || inputHash !== expansion.inputHash) return undefined
  return expansion.revision === nextRevision(spec, expansion, undefined) ? revision : undefined
}
