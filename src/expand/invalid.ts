import type { Expansion } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import { hash } from '../api/hash.ts'
import { isPolicy } from './egress/egress.ts'
import { RENDERER } from './expand.ts'
import { whatStays } from './ratchet.ts'
import { specHash } from './revision.ts'
import type { Settings } from './settings.ts'

/**
 * The expansion of a stored spec that is not valid: it was written while nobody asked admission, or before the rules
 * were what they are. What stands stays, but for rights, which nothing vouches for; the schedule pauses, nothing starts.
 */
export function expandInvalid(
  spec: unknown,
  errors: Finding[],
  previous: Expansion | undefined,
  settings: Pick<Settings, 'egress'>,
): Expansion {
  const resources = (previous?.resources ?? []).flatMap((child) => whatStays(child, settings))
  return {
    configHash: previous?.configHash ?? '',
    revision: previous?.revision ?? hash(spec, 8),
    inputHash: previous?.inputHash ?? '',
    referencesHash: previous?.referencesHash,
    specHash: specHash(spec),
    requester: previous?.requester ?? '',
    rerun: previous?.rerun,
    renderer: previous?.renderer ?? RENDERER,
    references: [],
    ...(previous?.grants ? { grants: previous.grants } : {}),
    ...(previous?.egress && resources.some(isPolicy) ? { egress: previous.egress } : {}),
    problems: errors.map(({ path, message }) => ({ reason: 'Invalid', path, message })),
    resources,
  }
}
