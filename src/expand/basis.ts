import { RERUN_ANNOTATION } from '../api/agentjob.ts'
import type { Expansion } from '../api/expansion.ts'
import { hash } from '../api/hash.ts'
import type { ExpandInput } from './input.ts'
import type { Resolved } from './references.ts'
import { hashesOf } from './revision.ts'
import { settingsHash } from './settingshash.ts'

/** What an expansion is made from, told by hashes and names: an expansion before it has a revision and children. */
export type Basis = Omit<Expansion, 'revision' | 'rerun' | 'problems' | 'egress' | 'resources' | 'signature'>

/** The basis of an expansion that is made now. */
export function basisOf(input: ExpandInput, resolved: Resolved, renderer: number): Basis {
  const { job, requester, grants } = input
  const { specHash, inputHash } = hashesOf(job.spec)
  const ofSettings = settingsHash(input.settings)
  return {
    configHash: hash([inputHash, resolved.referencesHash], 16),
    inputHash,
    referencesHash: resolved.referencesHash,
    specHash,
    requester,
    renderer,
    ...(ofSettings === undefined ? {} : { settingsHash: ofSettings }),
    references: resolved.references,
    ...(grants.length ? { grants } : {}),
  }
}

/** The rerun token that an AgentJob carries. */
export const tokenOf = ({ job }: ExpandInput): string | undefined => job.metadata.annotations?.[RERUN_ANNOTATION]
