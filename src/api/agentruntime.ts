import { z } from 'zod'
import { contexts } from './contexts.ts'
import { credentials } from './credentials.ts'
import { Egress } from './egress.ts'
import { envRules } from './envrules.ts'
import { absolutePath, env, envName, image, objectName, resources, strings } from './fields.ts'
import type { KindDefinition, Resource } from './kind.ts'
import { Outputs } from './outputs.ts'
import { PATHS } from './paths.ts'
import { PLACEHOLDERS } from './placeholders.ts'
import { annotations, labels } from './podmetadata.ts'
import { resourceRules } from './resourcerules.ts'
import { ruled } from './ruled.ts'
import { runtimeRules } from './runtimerules.ts'
import { scheduling } from './scheduling.ts'
import { templates } from './templates.ts'

/** The command lines that an expansion can write for. */
export const DIALECTS = [
  'agent-json',
  'claude-code',
  'codex',
  'custom',
  'gemini',
  'goose',
  'opencode',
  'task-md',
] as const

const fields = z.object({
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
  dialect: z.enum(DIALECTS).default('agent-json').meta({
    description:
      'Which program the image holds: how it is told what to do. agent-json: by the file agent.json in configPath. task-md: by task.md in workspaceDir, as KubeTask does. custom: by templates. The others are programs whose own files and arguments are written, so that their images run as they are.',
  }),
  command: strings(
    "The container's command; the image's own where it is left out. With the dialect of a program: the program, instead of its name.",
  ),
  args: strings(
    "Arguments of the command; the image's own where they are left out. With the dialect of a program: arguments after those that the dialect writes.",
  ),
  templates: templates.optional().meta({
    description: `Arguments and files of dialect custom, beside agent.json. In them {{NAME}} is filled in; NAME is ${PLACEHOLDERS.join(', ')}. What ends in Json is JSON, strings with their quotes. Nothing else may stand in double braces.`,
  }),
  authEnvVar: envName("Environment variable that gets the token of the AgentJob's AgentAuth.").optional(),
  configPath: absolutePath(
    'Folder in which the agent finds what it is told: agent.json, or the files of its dialect.',
  ).default(PATHS.configPath),
  persistPath: absolutePath('Where the volume of an AgentJob with persist is mounted.').default(PATHS.persistPath),
  workspaceDir: absolutePath('Where the agent works: an empty folder that it may write to.').default(
    PATHS.workspaceDir,
  ),
  env: env('Environment variables of every agent that runs here.'),
  credentials,
  contexts: contexts('What every agent that runs here is told beside its prompt.'),
  outputs: Outputs,
  logTail: z.enum(['OnFailure', 'Never']).default('OnFailure').meta({
    description:
      "Whether a status keeps the end of an agent's log, for everybody who may read the AgentJob. OnFailure: the last lines of the newest run that has failed. Never: none, nor what the kubelet takes out of a log. What a program prints as its result is told all the same.",
  }),
  resources: resources("The container's resources, where the AgentJob names none."),
  runtimeClassName: objectName('RuntimeClass of the pods, a sandbox such as gVisor for example.').optional(),
  serviceAccountName: objectName(
    "ServiceAccount of the pods, in the namespace of the AgentJob; its API token is never mounted. A ClusterAccess brings the AgentJob's own instead.",
  ).optional(),
  podLabels: labels('Labels that the pods have beside our own.'),
  podAnnotations: annotations('Annotations that the pods have beside our own.'),
  scheduling,
  egress: Egress,
  maxConcurrentRuns: z.int().min(1).max(10000).optional().meta({
    description:
      'How many runs may be under way here at a time, in all namespaces together. Further ones are Queued, and start in the order of their creation.',
  }),
})

export const AgentRuntimeSpec = ruled(fields, [
  {
    rule: "(has(self.dialect) && self.dialect == 'custom') == has(self.templates)",
    message: 'templates go with dialect custom, and dialect custom with templates',
    holds: ({ dialect, templates }) => (dialect === 'custom') === (templates !== undefined),
  },
  {
    rule: '!has(self.templates) || !has(self.templates.args) || !has(self.args)',
    message: 'args and templates.args are the same arguments; remove one of them',
    holds: ({ args, templates }) => args === undefined || templates?.args === undefined,
  },
])
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
    { name: 'Dialect', type: 'string', jsonPath: '.spec.dialect' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Max Runs', type: 'integer', jsonPath: '.spec.maxConcurrentRuns', priority: 1 },
  ],
  example: {
    image: 'registry.example.com/claude-code:2.1.330',
    dialect: 'claude-code',
    authEnvVar: 'ANTHROPIC_API_KEY',
  },
}
