import { z } from 'zod'
import { FIRST, secretKeyRef } from './fields.ts'
import type { KindDefinition, Resource } from './kind.ts'

export const RepositorySpec = z.object({
  owner: z
    .string()
    .min(1, FIRST)
    .max(255, FIRST)
    .regex(/^[^\s:/]+(\/[^\s:/]+)*$/, 'must be the name of a user, an organisation or a group')
    .meta({ description: 'Owner of the repository: a user, an organisation or a group.' }),
  name: z
    .string()
    .min(1, FIRST)
    .max(255, FIRST)
    .regex(/^[^\s:/]+$/, 'must be the name of a repository, without its owner and without spaces')
    .meta({ description: 'Name of the repository.' }),
  host: z
    .string()
    .min(1, FIRST)
    .max(253, FIRST)
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$/, 'must be a host name, such as github.com')
    .default('github.com')
    .meta({ description: 'Host of the forge.' }),
  tokenSecretRef: secretKeyRef
    .optional()
    .meta({ description: "Token for the repository: a key of a Secret in the AgentJob's namespace." }),
})
export type RepositorySpec = z.output<typeof RepositorySpec>
export type Repository = Resource<RepositorySpec>

export const repository: KindDefinition = {
  kind: 'Repository',
  plural: 'repositories',
  singular: 'repository',
  shortNames: ['repo'],
  description: 'A Git repository that an agent works on, with the token for it.',
  spec: RepositorySpec,
  columns: [
    { name: 'Host', type: 'string', jsonPath: '.spec.host' },
    { name: 'Owner', type: 'string', jsonPath: '.spec.owner' },
    { name: 'Name', type: 'string', jsonPath: '.spec.name' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  example: { owner: 'example', name: 'website' },
}
