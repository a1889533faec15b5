import { z } from 'zod'

/** What the operator of a cluster decides about expansions; the file of `--settings`. */
export const Settings = z.strictObject({
  libraryNamespace: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .meta({ description: "Namespace in which a reference is looked up when the AgentJob's own has no such object." }),
  missingReferences: z
    .enum(['Warn', 'Deny'])
    .default('Warn')
    .meta({ description: 'Whether an AgentJob that names a missing object waits for it or is refused.' }),
})
export type Settings = z.output<typeof Settings>
