import type { Finding } from '../api/finding.ts'

/**
 * What is to be said of a field of a foreign object. `error`: as it stands, the object cannot be one of ours, and nothing
 * is made of it. `dropped`: the field is not carried over. `note`: it is, and means something else here; or it is none of
 * a manifest's business.
 */
export type Severity = 'error' | 'dropped' | 'note'

/** A word on a field of a foreign object; the path is empty where it is the object as a whole. */
export interface Note extends Finding {
  severity: Severity
}
