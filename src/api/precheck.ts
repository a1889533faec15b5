import { z } from 'zod'
import { argument, image } from './fields.ts'

/** The exit code by which a precheck says that there is nothing to do. */
export const NOTHING_TO_DO = 1

/** What is asked before an agent is started, so that a run with nothing to do costs no tokens. */
export const Precheck = z.object({
  command: z
    .array(argument(32768))
    .min(1)
    .max(256)
    .meta({
      description: `What runs in the workspace before the agent, with all that the agent has. Exit code 0: the agent starts, and is told what this has printed. ${NOTHING_TO_DO}: there is nothing to do, the run is Skipped. Any other: it is Failed.`,
      'x-kubernetes-list-type': 'atomic',
    }),
  image: image("Image that it runs in, with sh in it; the AgentRuntime's where it is left out.").optional(),
})
export type Precheck = z.output<typeof Precheck>
