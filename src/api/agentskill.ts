import { z } from 'zod'
import { FIRST } from './fields.ts'
import type { KindDefinition, Resource } from './kind.ts'

export const AgentSkillSpec = z.object({
  repo: z
    .string()
    .min(1, FIRST)
    .max(2048, FIRST)
    .regex(/^\S+$/, 'must be OWNER/REPO or a URL, without spaces')
    .meta({ description: 'Repository that holds the skill: OWNER/REPO, or a URL.' }),
  name: z.string().min(1).max(253).meta({ description: 'Name of the skill in the repository.' }),
  ref: z
    .string()
    .min(1, FIRST)
    .max(255, FIRST)
    .regex(/^\S+$/, 'must be a branch, a tag or a commit, without spaces')
    .default('main')
    .meta({ description: 'Branch, tag or commit.' }),
})
export type AgentSkillSpec = z.output<typeof AgentSkillSpec>
export type AgentSkill = Resource<AgentSkillSpec>

export const agentSkill: KindDefinition = {
  kind: 'AgentSkill',
  plural: 'agentskills',
  singular: 'agentskill',
  shortNames: ['ask'],
  description: 'A skill that agents can load from a Git repository.',
  spec: AgentSkillSpec,
  columns: [
    { name: 'Repo', type: 'string', jsonPath: '.spec.repo' },
    { name: 'Skill', type: 'string', jsonPath: '.spec.name' },
    { name: 'Ref', type: 'string', jsonPath: '.spec.ref' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  example: { repo: 'example/skills', name: 'code-review' },
}
