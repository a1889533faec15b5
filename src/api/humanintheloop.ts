import { z } from 'zod'
import { parseDuration } from './duration.ts'
import { FIRST } from './fields.ts'

/** As Go writes and reads durations, without the units below a millisecond: https://pkg.go.dev/time#ParseDuration */
const DURATION = /^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/

const MAX_SECONDS = 86400

/** For how long, where nothing is said. */
export const KEEP_ALIVE = '1h'

/** A duration in whole seconds, rounded up; undefined where it is none. */
export function secondsOf(duration: string): number | undefined {
  const milliseconds = parseDuration(duration)
  return milliseconds === undefined ? undefined : Math.ceil(milliseconds / 1000)
}

const isPossible = (duration: string) => {
  const seconds = secondsOf(duration)
  return seconds === undefined || (seconds > 0 && seconds <= MAX_SECONDS)
}

/** Whether people may look into a run's container after its agent has ended, and for how long. */
export const HumanInTheLoop = z.object({
  enabled: z.boolean().default(false).meta({
    description:
      "Whether the agent's container goes on after the agent has ended, for agentjob attach and kubectl exec. It needs sh and sleep in the image, and a command in an AgentRuntime that is of no program's dialect.",
  }),
  keepAlive: z
    .string()
    .max(32, FIRST)
    .regex(DURATION, { message: 'must be a duration such as 90s, 45m or 1h30m', abort: true })
    .refine(isPossible, 'must be more than 0 and at most 24h')
    .default(KEEP_ALIVE)
    .meta({
      description:
        'For how long, beside timeoutSeconds: a duration such as 45m or 1h30m, at most 24h. The run ends after that, with the exit code of the agent.',
    }),
})
