import type { AgentJob } from '../api/agentjob.ts'
import type { Metadata } from '../api/kind.ts'
import type { Output } from '../dialects/output/output.ts'
import type { Delivery } from './notifications.ts'

/** A condition of a Job or a Pod. */
export interface ChildCondition {
  type: string
  status: string
  reason?: string
  message?: string
  lastTransitionTime?: string
}

/** A batch/v1 Job, as far as a status needs it. */
export interface Job {
  metadata: Metadata & { name: string }
  spec?: {
    suspend?: boolean
    backoffLimit?: number
    podFailurePolicy?: { rules?: { action: string; onExitCodes?: { containerName?: string } }[] }
  }
  status?: {
    conditions?: ChildCondition[]
    startTime?: string
    completionTime?: string
    active?: number
    succeeded?: number
    failed?: number
  }
}

/** The state of a container. */
export interface ContainerState {
  waiting?: { reason?: string; message?: string }
  running?: { startedAt?: string }
  terminated?: { exitCode: number; reason?: string; message?: string; startedAt?: string; finishedAt?: string }
}

/** A Pod, as far as a status needs it. */
export interface Pod {
  metadata: Metadata & { name: string; deletionGracePeriodSeconds?: number }
  status?: {
    phase?: string
    reason?: string
    message?: string
    conditions?: ChildCondition[]
    containerStatuses?: { name: string; state?: ContainerState }[]
    initContainerStatuses?: { name: string; state?: ContainerState }[]
  }
}

/** A batch/v1 CronJob, as far as a status needs it. */
export interface CronJob {
  metadata: Metadata & { name: string }
  spec?: { suspend?: boolean }
  /** lastScheduleTime: for when the newest Job was due, whatever has become of it. */
  status?: { lastScheduleTime?: string }
}

/** What kept the controller from bringing the children about. */
export interface Failure {
  /** One word: NameConflict, QuotaExceeded, Refused … */
  reason: string
  message: string
  /** Nothing will change unless somebody does something. */
  final?: boolean
  /** It is a policy that is not as it should be: where pods go is not limited, or not in that way. */
  policy?: true
}

/** A Job of the AgentJob with its pods. */
export interface ObservedRun {
  job: Job
  pods: Pod[]
  /** Why Kubernetes could not create a pod of it, in its own words. */
  failedCreate?: string
  /** What was said last of volumes that its newest pod cannot have, in an Event of that pod. */
  failedMount?: string
  /** What its program says of it. */
  output?: Output
  /** The end of its agent's log, where that was asked for. */
  logTail?: string
  /** Its end stands in the status, and nothing more is known of it than that. */
  isTold?: boolean
  /** The Job has been deleted; this is its last state. */
  isGone?: boolean
}

/**
 * What has no place for a run: an AgentRuntime by its maxConcurrentRuns, an AgentQuota by its maxRunningRuns or, of a day,
 * by its maxRunsPerDay.
 */
export interface WaitsFor {
  kind: 'AgentRuntime' | 'AgentQuota' | 'AgentQuotaDay'
  name: string
}

/** All that a status is derived from. */
export interface Observed {
  job: AgentJob
  /** Whether the expansion is ours and made from this spec. */
  verified: boolean
  runs: ObservedRun[]
  cronJob?: CronJob
  /** The children that exist. */
  owned: { kind: string; name: string }[]
  failures: Failure[]
  /** What has no place for its run, which has no Job yet, or a suspended one. */
  waitsFor?: WaitsFor
  /** Since when no Job can have come and gone unseen; not given: one may have at any time. */
  seenSince?: Date
  /** Why the CronJob could not create Jobs lately, in Kubernetes' own words, which name the Job. */
  refusals?: string[]
  /** Where pods go is limited here: the mark of the present settings, and by whom, as far as these say so. */
  egress?: { hash: string; enforcer?: string }
  /** What became of notifications, by the uid of the run. */
  deliveries?: ReadonlyMap<string, Delivery>
  now: Date
}

/** Annotation of a Job that we ended: Stopped (by `agentjob stop`) or Superseded (by a change of the spec). */
export const ENDED_ANNOTATION = 'agentjob.io/ended'
/** Annotation of the Jobs of a CronJob, written by Kubernetes. */
export const SCHEDULED_ANNOTATION = 'batch.kubernetes.io/cronjob-scheduled-timestamp'
