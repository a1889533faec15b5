import type { AgentJobStatus, Run } from '../../api/agentjobstatus.ts'
import type { Problem } from '../../api/expansion.ts'
import { CONFIG_HASH_ANNOTATION, REVISION_ANNOTATION } from '../../expand/names.ts'
import type { ChildCondition, ContainerState, CronJob, Failure, Job, Observed, ObservedRun, Pod } from '../observed.ts'
import { ENDED_ANNOTATION, SCHEDULED_ANNOTATION } from '../observed.ts'

export const CREATED = '2026-05-04T09:00:00Z'
export const STARTED = '2026-05-04T09:00:05Z'
export const ENDED = '2026-05-04T09:30:00Z'
export const NOW = new Date('2026-05-04T10:00:00Z')

export interface Given {
  schedule?: string
  timezone?: string
  suspend?: boolean
  concurrencyPolicy?: string
  startingDeadlineSeconds?: number
  /** Revision of the expansion and its Job; null: e9, and there is no Job in it. */
  revision?: string | null
  configHash?: string
  /** null: not expanded at all. */
  expansion?: null
  problems?: Problem[]
  verified?: boolean
  runs?: ObservedRun[]
  cronJob?: CronJob
  owned?: Observed['owned']
  failures?: Failure[]
  waitsFor?: Observed['waitsFor']
  status?: AgentJobStatus
  seenSince?: Date
  refusals?: string[]
  now?: Date
}

/** All that a status is derived from: by default a one-shot of revision e1 without a Job. */
export function observed(given: Given): Observed {
  const { schedule, suspend = false, timezone = 'Etc/UTC', problems = [], configHash = 'c1' } = given
  const { concurrencyPolicy, startingDeadlineSeconds, seenSince, refusals } = given
  const { revision = schedule === undefined ? 'e1' : null } = given
  const child = { apiVersion: 'batch/v1', kind: 'Job', metadata: metadataOf(revision ?? '') }
  const expansion = {
    configHash,
    revision: revision ?? 'e9',
    inputHash: 'i1',
    problems,
    references: [],
    resources: revision === null ? [] : [child],
  }
  return {
    job: {
      apiVersion: 'agentjob.io/v1alpha1',
      kind: 'AgentJob',
      metadata: { name: 'a', namespace: 'agents', generation: 3 },
      spec: { runtimeRef: 'echo', schedule, suspend, timezone, concurrencyPolicy, startingDeadlineSeconds },
      expansion: given.expansion === null ? undefined : expansion,
      status: given.status,
    } as unknown as Observed['job'],
    verified: given.verified ?? given.expansion !== null,
    runs: given.runs ?? [],
    waitsFor: given.waitsFor,
    cronJob: given.cronJob,
    owned: given.owned ?? [],
    failures: given.failures ?? [],
    seenSince,
    refusals,
    now: given.now ?? NOW,
  }
}

const metadataOf = (revision: string) => ({
  name: `a-${revision}`,
  uid: `uid-${revision}`,
  creationTimestamp: CREATED,
  annotations: { [REVISION_ANNOTATION]: revision, [CONFIG_HASH_ANNOTATION]: 'c1' },
})

interface JobGiven extends NonNullable<Job['spec']> {
  status?: Job['status']
  ended?: string
  deleted?: string
}

/** A Job of a revision, as the API server has it. */
export function job(revision: string, { status, ended, deleted, ...spec }: JobGiven = {}): Job {
  const metadata = metadataOf(revision)
  return {
    metadata: {
      ...metadata,
      ...(deleted ? { deletionTimestamp: deleted } : {}),
      annotations: { ...metadata.annotations, ...(ended ? { [ENDED_ANNOTATION]: ended } : {}) },
    },
    spec,
    status,
  }
}

/** A Job that a CronJob made for a time. */
export function scheduledJob(at: string, given: JobGiven = {}): Job {
  const name = `a-${Date.parse(at) / 60_000}`
  const { spec, status } = job('', given)
  const annotations = { [CONFIG_HASH_ANNOTATION]: 'c1', [SCHEDULED_ANNOTATION]: at }
  return { metadata: { name, uid: `uid-${name}`, creationTimestamp: at, annotations }, spec, status }
}

const condition = (type: string, reason?: string, message?: string): ChildCondition => ({
  type,
  status: 'True',
  lastTransitionTime: ENDED,
  ...(reason ? { reason } : {}),
  ...(message ? { message } : {}),
})

export const active = { startTime: STARTED, active: 1 }
export const complete = { startTime: STARTED, completionTime: ENDED, succeeded: 1, conditions: [condition('Complete')] }
export const failed = (reason = 'BackoffLimitExceeded', message?: string) => ({
  startTime: STARTED,
  failed: 1,
  conditions: [condition('FailureTarget', reason), condition('Failed', reason, message)],
})

/** A pod whose agent is in that state. */
export const pod = (state?: ContainerState, status: Pod['status'] = {}, name = 'a-pod', at = CREATED): Pod => ({
  metadata: { name, uid: `uid-${name}`, creationTimestamp: at },
  status: { ...status, ...(state ? { containerStatuses: [{ name: 'agent', state }] } : {}) },
})

export const waitingFor = (reason: string, message?: string): Pod => pod({ waiting: { reason, message } })
export const running = (): Pod => pod({ running: { startedAt: STARTED } }, { phase: 'Running' })
export const terminated = (exitCode: number, message?: string, reason = exitCode ? 'Error' : 'Completed'): Pod =>
  pod(
    { terminated: { exitCode, reason, ...(message === undefined ? {} : { message }) } },
    { phase: exitCode ? 'Failed' : 'Succeeded' },
  )

/** The policy of a Job with a precheck, and what Kubernetes says of one that it has ended by it. */
export const asks = { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { containerName: 'precheck' } }] } }
export const nothingToDo = failed(
  'PodFailurePolicy',
  'Container precheck for pod agents/a-pod failed with exit code 1 matching FailJob rule at index 0',
)
/** A pod whose precheck has ended so that its agent was never started. */
export const asked = (exitCode: number, message?: string, reason = 'Error'): Pod =>
  pod(
    { waiting: { reason: 'PodInitializing' } },
    {
      phase: 'Failed',
      initContainerStatuses: [
        { name: 'skill-0', state: { terminated: { exitCode: 0, reason: 'Completed' } } },
        { name: 'precheck', state: { terminated: { exitCode, reason, message } } },
      ],
    },
  )

export const cronJob = (given: { suspend?: boolean; last?: string; created?: string } = {}): CronJob => ({
  metadata: { name: 'a', uid: 'uid-cron', creationTimestamp: given.created ?? CREATED },
  spec: { suspend: given.suspend ?? false },
  status: given.last ? { lastScheduleTime: given.last } : {},
})

/** A run as a status remembers it. */
export const run = (revision: string, members: Partial<Run> & Pick<Run, 'phase'>): Run => ({
  jobName: `a-${revision}`,
  uid: `uid-${revision}`,
  revision,
  configHash: 'c1',
  ...members,
})
