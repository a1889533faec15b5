import { z } from 'zod'
import { contexts } from './contexts.ts'
import { credentials } from './credentials.ts'
import { envRules } from './envrules.ts'
import { absolutePath, env, envName, image, objectName, resources, strings } from './fields.ts'
import type { KindDefinition, Resource } from './kind.ts'
import { PATHS } from './paths.ts'
import { annotations, labels } from './podmetadata.ts'
import { resourceRules } from './resourcerules.ts'
import { runtimeRules } from './runtimerules.ts'
import { scheduling } from './scheduling.ts'

export const AgentRuntimeSpec = z.object({
  image: image('Container image of the agent.'),
  imagePullPolicy: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .optional()
    .meta({ description: "When the image is pulled. Kubernetes' own default applies where it is left out." }),
  imagePullSecrets: z
    .array(z.object({ name: objectName('Name of the Secret.') }))
    .max(16)
    .optional()
    .meta({
      description: 'Secrets for pulling the image, in the namespace of the AgentJob.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
  command: strings("The container's command; the image's own where it is left out."),
  args: strings("Arguments of the command; the image's own where they are left out."),
  authEnvVar: envName("Environment variable that gets the token of the AgentJob's AgentAuth.").optional(),
  configPath: absolutePath('Folder in which the agent finds agent.json.').default(PATHS.configPath),
  persistPath: absolutePath('Where the volume of an AgentJob with persist is mounted.').default(PATHS.persistPath),
  workspaceDir: absolutePath('Where the agent works: an empty folder that it may write to.').default(
    PATHS.workspaceDir,
  ),
  env: env('Environment variables of every agent that runs here.'),
  credentials,
  contexts: contexts('What every agent that runs here is told beside its prompt.'),
  resources: resources("The container's resources, where the AgentJob names none."),
  runtimeClassName: objectName('RuntimeClass of the pods, a sandbox such as gVisor for example.').optional(),
  serviceAccountName: objectName(
    "ServiceAccount of the pods, in the namespace of the AgentJob; its API token is never mounted. A ClusterAccess brings the AgentJob's own instead.",
  ).optional(),
  podLabels: labels('Labels that the pods have beside our own.'),
  podAnnotations: annotations('Annotations that the pods have beside our own.'),
  scheduling,
})
export type AgentRuntimeSpec = z.output<typeof AgentRuntimeSpec>
export type AgentRuntime = Resource<AgentRuntimeSpec>

export const agentRuntime: KindDefinition = {
  kind: 'AgentRuntime',
  plural: 'agentruntimes',
  singular: 'agentruntime',
  shortNames: ['ar'],
  description: 'The program that an agent is: a container image and where it expects its configuration.',
  spec: AgentRuntimeSpec,
  rules(_, spec) {
    const { errors, warnings } = resourceRules(spec.resources)
    return { errors: [...envRules(spec.env), ...runtimeRules(spec), ...errors], warnings }
  },
  columns: [
    { name: 'Image', type: 'string', jsonPath: '.spec.image' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  example: { image: 'ghcr.io/example/claude-code:1.0', authEnvVar: 'ANTHROPIC_API_KEY' },
}
