import { z } from 'zod'
import { FIRST } from './fields.ts'

/**
 * What Kubernetes can tell of an attempt that has failed, beside its exit code: that its pod was taken away (evicted,
 * preempted, drained), and, by the exit code of SIGKILL, that it had no memory left.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
 */
export const FAILURES = ['OOMKilled', 'DisruptionTarget'] as const

const FAILURE = `must be an exit code from 1 to 255, ${FAILURES.join(' or ')}`

const failure = z
  .union(
    [
      z.int().min(1).max(255),
      z
        .string()
        .max(32, FIRST)
        .regex(new RegExp(`^(${FAILURES.join('|')})$`), FAILURE),
    ],
    FAILURE,
  )
  .meta({ 'x-kubernetes-int-or-string': true })

/** How often a run is tried again, after what, and what the next attempt begins with. */
export const Retry = z.object({
  // without a default: an object of defaults alone would mean the same as none
  limit: z.int().min(0).max(100).meta({ description: 'How often a failed run is tried again.' }),
  // not `on`, which YAML 1.1 reads as true
  onFailures: z.array(failure).max(64).optional().meta({
    description:
      'After which failures: exit codes of the agent, OOMKilled (exit code 137, whatever has killed it), DisruptionTarget (its pod was taken away). Any other failure ends the run. Empty: after every failure.',
    'x-kubernetes-list-type': 'set',
  }),
  ignoreDisruption: z.boolean().default(true).meta({
    description:
      'Whether a pod that was taken away from its agent (evicted, preempted, drained) is replaced without counting against the limit.',
  }),
  resume: z.boolean().default(false).meta({
    description:
      "Whether the next attempt goes on with the program's own session. It needs persist: true, and a dialect of a program.",
  }),
})
export type Retry = z.output<typeof Retry>
