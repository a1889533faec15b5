import { z } from 'zod'
import type { KindDefinition, Resource } from './kind.ts'

export const AgentRoleSpec = z.object({
  allowedTools: z.array(z.string().min(1).max(1024)).max(256).meta({
    description: 'Tools that the agent may use, in the words of its program, for example Read or mcp__gmail__*.',
    'x-kubernetes-list-type': 'atomic',
  }),
})
export type AgentRoleSpec = z.output<typeof AgentRoleSpec>
export type AgentRole = Resource<AgentRoleSpec>

export const agentRole: KindDefinition = {
  kind: 'AgentRole',
  plural: 'agentroles',
  singular: 'agentrole',
  shortNames: ['arl'],
  description:
    'What an agent may do with its tools. It is told to the agent; what the pod itself may do is a ClusterAccess.',
  spec: AgentRoleSpec,
  columns: [
    { name: 'Tools', type: 'string', jsonPath: '.spec.allowedTools' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  example: { allowedTools: ['Read', 'Grep', 'Bash(git log:*)'] },
}
