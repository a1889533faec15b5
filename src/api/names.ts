import { SUBDOMAIN } from './fields.ts'
import type { Finding, Findings } from './finding.ts'
import type { Metadata } from './kind.ts'

/** The longest name of an AgentJob: a CronJob's 52 characters, or a Job's 63 less the "-" and 8 digits of a revision. */
export const MAX_NAME = { scheduled: 52, once: 54 }
/** What admission appends to a generateName. */
export const GENERATED_DIGITS = 8
const NEAR = 4

/** Whether the names that follow from an AgentJob's name are ones that Kubernetes takes; said of the name as written. */
export function checkName(metadata: Metadata, scheduled: boolean): Findings {
  const findings: Findings = { errors: [], warnings: [] }
  const { name, generateName } = metadata
  const field = name ? 'name' : 'generateName'
  const length = name ? name.length : (generateName?.length ?? 0) + GENERATED_DIGITS
  const limit = scheduled ? MAX_NAME.scheduled : MAX_NAME.once
  const why = scheduled
    ? 'Kubernetes takes no longer ones for CronJobs'
    : "a Job's name has at most 63, and a revision takes 9 of them"
  const say = (message: string): Finding => ({ path: `metadata.${field}`, message })
  if (length > limit)
    findings.errors.push(
      say(`${name ? 'is' : 'would be'} ${length} characters long; at most ${limit} are possible, because ${why}`),
    )
  else if (length > limit - NEAR)
    findings.warnings.push(say(`${length} of at most ${limit} characters are taken; ${why}`))
  return findings
}

/**
 * What the API server would refuse of the characters in a name, later and alone: said with everything else. Longer names
 * than there are have a rule of their own.
 */
export function nameErrors({ name, generateName }: Metadata): Finding[] {
  const field = name ? 'name' : 'generateName'
  // what is generated ends with letters and digits
  const text = name || (generateName ? `${generateName}x` : '')
  if (text === '' || text.length > 253 || SUBDOMAIN.test(text)) return []
  return [{ path: `metadata.${field}`, message: NAME }]
}
const NAME = 'must be of lower case letters, digits, "-" and ".", a letter or digit at both ends'
