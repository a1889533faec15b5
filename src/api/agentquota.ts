import { z } from 'zod'
import { FIRST } from './fields.ts'
import { GLOB } from './glob.ts'
import type { KindDefinition, Resource } from './kind.ts'

const patterns = (description: string) =>
  z
    .array(
      z
        .string()
        .min(1, FIRST)
        .max(512, FIRST)
        .regex(
          GLOB,
          'must be a pattern such as team-* or registry.example.com/team/*: * for letters of one part of a path, ** for whole parts, no spaces and no brackets',
        ),
    )
    .min(1)
    .max(64)
    .optional()
    .meta({
      description: `${description} * stands for any characters but "/", ** for one or more whole parts of a path.`,
      'x-kubernetes-list-type': 'set',
    })

const seconds = (description: string) => z.int().min(1).max(31536000).optional().meta({ description })

export const AgentQuotaSpec = z.object({
  minScheduleIntervalSeconds: seconds(
    'How near to each other two runs of a schedule may be, in seconds, on a clock that is not set forward or back.',
  ),
  maxTimeoutSeconds: seconds('The largest timeoutSeconds; an AgentJob without one has its default, 3600.'),
  allowedRuntimes: patterns(
    'AgentRuntimes that may be named: NAME, wherever it is found, or NAMESPACE/NAME, such as that of the library.',
  ),
  allowedModels: patterns('Models that may be named. An AgentJob has to name one then.'),
  allowedImages: patterns(
    "Images of the pods: the agent's, those of a podTemplate or a precheck, and those with which the operator fetches contexts. Compared as they are written, with tag and digest.",
  ),
  maxRunningRuns: z.int().min(0).max(10000).optional().meta({
    description:
      'How many runs may be under way in the namespace at a time. Further ones are Queued, and start in the order of their creation.',
  }),
  maxRunsPerDay: z.int().min(0).max(1000000).optional().meta({
    description:
      'How many runs may start in the namespace on one day, from midnight to midnight in UTC. Further ones are Queued until the next day.',
  }),
})
export type AgentQuotaSpec = z.output<typeof AgentQuotaSpec>

export const AgentQuotaStatus = z.object({
  used: z
    .object({
      runningRuns: z.int().min(0).optional().meta({ description: 'How many runs are under way.' }),
      runsToday: z.int().min(0).optional().meta({ description: 'How many runs have started on that day.' }),
      day: z.string().max(10).optional().meta({ description: 'The day on which the last run started, in UTC.' }),
    })
    .optional()
    .meta({ description: 'What of it is used; kept where runs are counted.' }),
})
export type AgentQuotaStatus = z.output<typeof AgentQuotaStatus>
export type AgentQuota = Resource<AgentQuotaSpec, AgentQuotaStatus>

export const agentQuota: KindDefinition = {
  kind: 'AgentQuota',
  plural: 'agentquotas',
  singular: 'agentquota',
  shortNames: ['aq'],
  description:
    'What the AgentJobs of its namespace may be. All AgentQuotas of a namespace hold. One that changes touches no AgentJob that is there: the next change of its spec is checked.',
  spec: AgentQuotaSpec,
  status: AgentQuotaStatus,
  columns: [
    { name: 'Running', type: 'integer', jsonPath: '.status.used.runningRuns' },
    { name: 'Max Running', type: 'integer', jsonPath: '.spec.maxRunningRuns' },
    { name: 'Runs', type: 'integer', jsonPath: '.status.used.runsToday' },
    { name: 'Max Per Day', type: 'integer', jsonPath: '.spec.maxRunsPerDay' },
    { name: 'Day', type: 'string', jsonPath: '.status.used.day', priority: 1 },
    { name: 'Interval', type: 'integer', jsonPath: '.spec.minScheduleIntervalSeconds', priority: 1 },
    { name: 'Timeout', type: 'integer', jsonPath: '.spec.maxTimeoutSeconds', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  example: { minScheduleIntervalSeconds: 900, allowedRuntimes: ['claude-*'] },
}
