import { z } from 'zod'
import { secretKeyRef } from './fields.ts'
import type { KindDefinition, Resource } from './kind.ts'

export const AgentAuthSpec = z.object({ secretRef: secretKeyRef })
export type AgentAuthSpec = z.output<typeof AgentAuthSpec>
export type AgentAuth = Resource<AgentAuthSpec>

export const agentAuth: KindDefinition = {
  kind: 'AgentAuth',
  plural: 'agentauths',
  singular: 'agentauth',
  shortNames: ['aa'],
  description:
    "The token with which an agent calls its model: a key of a Secret in the AgentJob's namespace, handed over in the AgentRuntime's authEnvVar.",
  spec: AgentAuthSpec,
  columns: [
    { name: 'Secret', type: 'string', jsonPath: '.spec.secretRef.name' },
    { name: 'Key', type: 'string', jsonPath: '.spec.secretRef.key' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  example: { secretRef: { name: 'anthropic', key: 'token' } },
}
