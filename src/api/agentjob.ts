import { z } from 'zod'
import { agentJobRules } from './agentjobrules.ts'
import { AgentJobStatus } from './agentjobstatus.ts'
import { contexts } from './contexts.ts'
import type { Expansion } from './expansion.ts'
import { env, envFrom, FIRST, objectName, objectNames, quantity, resources } from './fields.ts'
import { HumanInTheLoop } from './humanintheloop.ts'
import type { KindDefinition, Resource } from './kind.ts'
import { Notify } from './notify.ts'
import { Precheck } from './precheck.ts'
import { parseQuantity } from './quantity.ts'
import { Retry } from './retry.ts'
import { ruled } from './ruled.ts'

const historyLimit = (which: string) =>
  z
    .int()
    .min(0)
    .max(100)
    .default(3)
    .meta({ description: `How many ${which} runs of a schedule keep their Jobs.` })

export const Persistence = z.object({
  size: quantity
    .refine((size) => (parseQuantity(size) ?? 1) > 0, 'must be more than 0')
    .default('1Gi')
    .meta({
      description: 'Size of the volume, a quantity such as 10Gi. It can grow, where the storage class allows it.',
    }),
  storageClassName: objectName("Storage class; the cluster's default where it is left out.").optional(),
  accessMode: z
    .enum(['ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany'])
    .default('ReadWriteOnce')
    .meta({ description: 'Access mode of the volume.' }),
})

const fields = z.object({
  prompt: z.string().min(1).max(786432).meta({ description: 'What the agent is to do.' }),
  instructions: z.string().max(262144).optional().meta({ description: 'Standing instructions, beside the prompt.' }),
  model: z.string().min(1).max(255).optional().meta({ description: 'Model to use, in the words of the agent.' }),

  runtimeRef: objectName('AgentRuntime to run on.'),
  authRef: objectName('AgentAuth whose token the agent gets.').optional(),
  roleRef: objectName('AgentRole that lists the allowed tools; without one the agent is told of no limit.').optional(),
  skillRef: objectName('AgentSkill to load.').optional(),
  skillRefs: objectNames('AgentSkill', 'AgentSkills to load, beside skillRef.'),
  mcpServerRefs: objectNames('McpServer', 'McpServers to connect to.'),
  repositoryRefs: objectNames('Repository', 'Repositories to work on.'),
  contexts: contexts('What the agent is told beside the prompt, after what its AgentRuntime has.'),
  precheck: Precheck.optional().meta({
    description: 'What is asked before the agent is started: whether there is anything to do.',
  }),
  clusterAccessRef: objectName(
    "ClusterAccess for the agent's pod; without one the pod has no API token. Naming it needs the verb use on it.",
  ).optional(),

  schedule: z.string().min(1).max(255).optional().meta({
    description: 'When to run, in cron syntax: minute hour day-of-month month day-of-week. Without it: once, now.',
  }),
  timezone: z.string().min(1).max(255).default('Etc/UTC').meta({ description: 'IANA time zone of the schedule.' }),
  concurrencyPolicy: z
    .enum(['Allow', 'Forbid', 'Replace'])
    .default('Forbid')
    .meta({ description: 'What happens when a run of the schedule is due while another one is running.' }),
  startingDeadlineSeconds: z
    .int()
    .min(0)
    .max(31536000)
    .optional()
    .meta({ description: 'How many seconds late a run of the schedule may still start.' }),
  successfulRunsHistoryLimit: historyLimit('successful'),
  failedRunsHistoryLimit: historyLimit('failed'),
  suspend: z
    .boolean()
    .default(false)
    .meta({ description: 'Start nothing new: a waiting run waits, a schedule pauses. What is running goes on.' }),

  timeoutSeconds: z
    .int()
    .min(1)
    .max(31536000)
    .default(3600)
    .meta({ description: 'How many seconds the agent may run. Its log and result are kept when it is ended.' }),
  backoffLimit: z
    .int()
    .min(0)
    .max(100)
    .default(0)
    .meta({ description: 'How often a failed run is tried again. Agents are seldom idempotent. retry says more.' }),
  retry: Retry.optional().meta({ description: 'How a failed run is tried again, instead of backoffLimit.' }),
  humanInTheLoop: HumanInTheLoop.optional().meta({
    description: 'Whether people may look into the container after the agent has ended.',
  }),
  notify: Notify.optional().meta({
    description: 'Whom the operator tells when a run has ended. A change of it runs nothing again.',
  }),
  ttlSecondsAfterFinished: z.int().min(0).max(31536000).default(86400).meta({
    description: 'How many seconds a finished Job, its pod and its log are kept. The result stays in the status.',
  }),
  redeploy: z.enum(['OnSpecChange', 'OnChange', 'Never']).default('OnSpecChange').meta({
    description:
      'What makes a finished run run again: a change of this spec, a change of an object that it refers to as well, or nothing.',
  }),

  env: env("Environment variables of the agent; they win over the runtime's."),
  envFrom: envFrom('ConfigMaps and Secrets whose keys become environment variables of the agent.'),
  resources: resources("The container's resources, instead of the runtime's."),
  persist: z
    .boolean()
    .default(false)
    .meta({ description: "Mount a volume at the runtime's persistPath that outlives the runs." }),
  persistence: Persistence.optional().meta({ description: 'The volume of persist.' }),
  queueName: z
    .string()
    .min(1, FIRST)
    .max(63, FIRST)
    .regex(/^[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?$/, 'must be the name of a queue')
    .optional()
    .meta({ description: "Kueue's LocalQueue that the Jobs wait in." }),
  priorityClassName: objectName('PriorityClass of the pods.').optional(),
  podTemplate: z.record(z.string().max(64), z.unknown()).optional().meta({
    description:
      'Whatever else a pod can have: metadata {labels, annotations} and spec, merged into the rendered pod. It can add; it cannot weaken the hardening.',
    'x-kubernetes-preserve-unknown-fields': true,
  }),
})

export const AgentJobSpec = ruled(fields, [
  {
    rule: '!has(self.retry) || !has(self.backoffLimit) || self.backoffLimit == 0',
    message: 'backoffLimit and retry.limit are the same limit; remove backoffLimit',
    holds: ({ retry, backoffLimit }) => retry === undefined || !backoffLimit,
  },
  {
    rule: '!has(self.retry) || !has(self.retry.resume) || !self.retry.resume || (has(self.persist) && self.persist)',
    message: 'retry.resume needs persist: true, for a volume that the next attempt finds',
    holds: ({ retry, persist }) => retry?.resume !== true || persist === true,
  },
])
/** The spec of an AgentJob with its defaults filled in. */
export type AgentJobSpec = z.output<typeof AgentJobSpec>

export interface AgentJob extends Resource<AgentJobSpec, z.output<typeof AgentJobStatus>> {
  expansion?: Expansion
}

/** Any change of its value runs the AgentJob again: `agentjob rerun`. */
export const RERUN_ANNOTATION = 'agentjob.io/rerun'
/** Names of running Jobs, separated by commas, that are to be ended with their logs kept: `agentjob stop`. */
export const STOP_ANNOTATION = 'agentjob.io/stop'

export const agentJob: KindDefinition = {
  kind: 'AgentJob',
  plural: 'agentjobs',
  singular: 'agentjob',
  shortNames: ['aj'],
  description:
    'A run of an AI agent, once or on a schedule. Admission expands it into the Job or CronJob that its field expansion shows.',
  spec: AgentJobSpec,
  status: AgentJobStatus,
  expands: true,
  rules: agentJobRules,
  columns: [
    { name: 'Schedule', type: 'string', jsonPath: '.spec.schedule' },
    { name: 'Suspended', type: 'boolean', jsonPath: '.spec.suspend' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Last Run', type: 'date', jsonPath: '.status.lastRunTime' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Runtime', type: 'string', jsonPath: '.spec.runtimeRef', priority: 1 },
    { name: 'Next Run', type: 'string', jsonPath: '.status.nextRunTime', priority: 1 },
    { name: 'Reason', type: 'string', jsonPath: '.status.reason', priority: 1 },
    { name: 'Hash', type: 'string', jsonPath: '.status.configHash', priority: 1 },
  ],
  example: { runtimeRef: 'claude-code', authRef: 'anthropic', prompt: 'Say hello.' },
}
