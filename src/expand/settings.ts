import { z } from 'zod'
import { image } from '../api/fields.ts'

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
  clusterAccess: z.boolean().default(true).meta({
    description:
      'Whether AgentJobs can have rights at the Kubernetes API; without, one that names a ClusterAccess is refused.',
  }),
  images: z
    .strictObject({
      git: image('git-sync, for contexts from Git repositories.').default('registry.k8s.io/git-sync/git-sync:v4.4.0'),
      url: image('One with curl and a shell, for contexts from URLs.').default('docker.io/curlimages/curl:8.11.1'),
    })
    .prefault({})
    .meta({ description: 'Images of the containers that fetch something before an agent starts.' }),
})
export type Settings = z.output<typeof Settings>
