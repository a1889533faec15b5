import { z } from 'zod'

/** Where an AgentJob stands, derived from its conditions and children. */
export const Phase = z.enum([
  'Pending',
  'Suspended',
  'Scheduled',
  'Queued',
  'Running',
  'Succeeded',
  'Failed',
  'TimedOut',
  'Stopped',
  'Skipped',
])
export type Phase = z.output<typeof Phase>

/** The phases in which a run ends. */
export const TERMINAL_PHASES = ['Succeeded', 'Failed', 'TimedOut', 'Stopped', 'Skipped'] as const satisfies Phase[]

const time = (description: string) => z.string().max(64).optional().meta({ description, format: 'date-time' })
const text = (description: string, max = 1024) => z.string().max(max).optional().meta({ description })
const count = (description: string) => z.int().min(0).max(2147483647).optional().meta({ description })

export const Condition = z.object({
  type: z
    .string()
    .max(316)
    .meta({ description: 'Ready, Expanded, UpToDate, Succeeded, Complete, Failed, Reconciling or Stalled.' }),
  status: z.enum(['True', 'False', 'Unknown']).meta({ description: 'Whether it holds.' }),
  reason: z.string().min(1).max(1024).meta({ description: 'One word for why.' }),
  message: z.string().max(32768).meta({ description: 'A sentence for why.' }),
  lastTransitionTime: z.string().max(64).meta({ description: 'When the status last changed.', format: 'date-time' }),
  observedGeneration: z.int().min(0).optional().meta({ description: 'The generation that it speaks of.' }),
})
export type Condition = z.output<typeof Condition>

const tokens = (description: string) => z.int().min(0).optional().meta({ description })

const Usage = z.object({
  inputTokens: tokens('Tokens that the model read and no cache had.'),
  outputTokens: tokens('Tokens that the model wrote.'),
  cacheReadTokens: tokens('Tokens read out of a cache.'),
  cacheWriteTokens: tokens('Tokens written into a cache.'),
  costUSD: text("US dollars, by the program's own price list.", 32),
  turns: count('How often the model was asked.'),
})

const outcome = {
  startTime: time('When it started.'),
  completionTime: time('When it ended.'),
  attempts: count('How many pods it took, without those that were replaced and did not count.'),
  exitCode: z.int().optional().meta({ description: 'Exit code of the agent in its last attempt.' }),
  reason: text('One word for why it stands there.'),
  result: text("The agent's last word: what its program prints as its result, or its termination message.", 8192),
  outputs: z
    .record(z.string().max(253), z.string().max(8192))
    .refine((members) => Object.keys(members).length <= 64, 'must have at most 64 members')
    .optional()
    .meta({
      description:
        "The outputs of the AgentRuntime, each with what stood in its file; and the members of the result, where that is a JSON object: texts as they are, everything else as JSON. Of one name, the file's.",
      maxProperties: 64,
    }),
  sessionId: text('Session of the program.', 256),
  usage: Usage.optional().meta({ description: 'What it took, as far as its program tells.' }),
}

const Notification = z.object({
  state: z
    .enum(['Pending', 'Delivered', 'Failed'])
    .meta({ description: 'Pending: it is tried, again and again if need be. Failed: it was given up.' }),
  since: time('Since when it is to be delivered.'),
  time: time('When it was delivered or given up.'),
  code: z.int().min(0).max(999).optional().meta({ description: 'HTTP status of the last answer, if there was one.' }),
  message: text('Why it was given up.', 256),
})
export type Notification = z.output<typeof Notification>

export const Run = z.object({
  jobName: z.string().max(253).meta({ description: 'Name of the Job.' }),
  uid: text('Uid of the Job.', 64),
  phase: Phase.meta({ description: 'Where the run stands.' }),
  revision: text('Revision of a run that was not due by the schedule.', 64),
  scheduledAt: time('When the schedule had it due.'),
  configHash: text('Hash of the configuration that it ran with.', 64),
  ...outcome,
  logTail: text("The last lines of the agent's log, of the newest run that has failed.", 2048),
  lastFailure: text('How the attempt before its last one failed, in a word or by its exit code.', 256),
  message: text('What Kubernetes or a container beside the agent said of how it failed, or which attempt this is.'),
  notification: Notification.optional().meta({
    description: 'What became of the notification of its end (spec.notify).',
  }),
})
export type Run = z.output<typeof Run>

export const SkipReason = z.enum([
  'Suspended',
  'ConcurrencyForbid',
  'MissedDeadline',
  'ReferenceMissing',
  'QuotaExceeded',
])
export type SkipReason = z.output<typeof SkipReason>

export const Skip = z.object({
  scheduledAt: z
    .string()
    .max(64)
    .meta({ description: 'When the schedule had it due, or the first one of several in a row.', format: 'date-time' }),
  reason: SkipReason.meta({ description: 'What kept it from starting.' }),
  until: time('When the last one of several in a row was due; of a pause told at its end.'),
  count: count('How many are in the row; of more than a hundred at a time, a hundred are counted.'),
})
export type Skip = z.output<typeof Skip>

const Due = z.object({
  time: z
    .string()
    .max(64)
    .meta({ description: 'When; in the past where it may still start late.', format: 'date-time' }),
  schedule: z.string().max(255).meta({ description: 'The schedule that has it due.' }),
  timezone: z.string().max(255).meta({ description: 'Its time zone.' }),
  heldBy: SkipReason.optional().meta({
    description: 'What keeps the schedule from starting anything, or did when it was due.',
  }),
})

export const AgentJobStatus = z.object({
  phase: Phase.optional().meta({ description: 'Where the AgentJob stands, in one word.' }),
  reason: outcome.reason,
  message: text('A sentence for where it stands.', 32768),
  conditions: z
    .array(Condition)
    .max(16)
    .optional()
    .meta({
      description: 'The conditions that the phase is derived from.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    }),
  observedGeneration: z.int().min(-1).optional().meta({
    description: 'The generation that the status speaks of; -1 where the controller has not looked at the object yet.',
  }),
  configHash: text('Hash of every input that decides what would run now.', 64),
  revision: text('The revision that was last started.', 64),
  inputHash: text('Hash of the input that the revision was made from.', 64),
  jobName: text('Name of the Job of the newest run.', 253),
  cronJobName: text('Name of the CronJob.', 253),
  startTime: outcome.startTime,
  completionTime: outcome.completionTime,
  lastRunTime: time('When the newest run started.'),
  nextRunTime: time('When the schedule is due next.'),
  attempts: outcome.attempts,
  exitCode: outcome.exitCode,
  result: outcome.result,
  outputs: outcome.outputs,
  sessionId: outcome.sessionId,
  usage: outcome.usage,
  ownedResources: z
    .array(
      z.object({
        kind: z.string().max(63).meta({ description: 'Kind of the child.' }),
        name: z.string().max(253).meta({ description: 'Name of the child.' }),
      }),
    )
    .max(256)
    .optional()
    .meta({ description: 'The children that exist, Jobs of a schedule apart.', 'x-kubernetes-list-type': 'atomic' }),
  runs: z
    .array(Run)
    .max(10)
    .optional()
    .meta({ description: 'The last ten runs, the newest first.', 'x-kubernetes-list-type': 'atomic' }),
  due: Due.optional().meta({ description: 'The first time of the schedule that has come to no run and no skip yet.' }),
  skips: z.array(Skip).max(10).optional().meta({
    description:
      'The last ten times, or rows of times, at which the schedule was due and no run started; the newest first.',
    'x-kubernetes-list-type': 'atomic',
  }),
})
export type AgentJobStatus = z.output<typeof AgentJobStatus>
