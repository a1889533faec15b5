import type { AgentJob } from '../../../api/agentjob.ts'
import type { AgentJobStatus, Notification } from '../../../api/agentjobstatus.ts'
import type { Problem } from '../../../api/expansion.ts'
import { CONFIG_HASH_ANNOTATION, REVISION_ANNOTATION } from '../../../expand/names.ts'
import { deriveStatus } from '../../../status/derive.ts'
import type { ContainerState, CronJob, Job, Observed, Pod } from '../../../status/observed.ts'
import type { CoreEvent, Facts, PlacedPod } from '../facts.ts'

/* Objects as an API server of Kubernetes 1.36 has them; statuses of AgentJobs as the controller derives them. */

export const NOW = new Date('2026-05-04T09:30:00Z')
const CREATED = '2026-05-04T09:00:00Z'
const STARTED = '2026-05-04T09:00:01Z'
const ENDED = '2026-05-04T09:20:00Z'
const REVISION = '8d1f2c44'
export const POD = `hello-${REVISION}-x2k4s`

export interface Given extends Partial<Pick<Observed, 'failures' | 'cronJob' | 'verified'>> {
  spec?: object
  problems?: Problem[]
  references?: { kind: string; name: string }[]
  /** null: not expanded. */
  expansion?: null
  /** Of the expansion, where it is not the one of the Job. */
  revision?: string
  /** Of the pod in the expansion. */
  volumes?: object[]
  job?: Job
  /** What became of the notification of its end. */
  notification?: Notification
  pod?: PlacedPod
  failedCreate?: string
  events?: CoreEvent[]
  log?: string[]
  logOf?: string
  /** As the status keeps it. */
  logTail?: string
  unread?: string[]
}

/** What is known of the AgentJob `hello` while its Job and its pod look like that. */
export function factsOf(given: Given): Facts {
  const { spec, problems = [], references = [], job, pod, failedCreate, events = [], log, logOf = 'agent' } = given
  const scheduled = spec !== undefined && 'schedule' in spec
  const child = {
    kind: 'Job',
    metadata: { name: `hello-${REVISION}`, annotations: { [REVISION_ANNOTATION]: REVISION } },
    ...(given.volumes ? { spec: { template: { spec: { volumes: given.volumes } } } } : {}),
  }
  const found = [{ kind: 'AgentRuntime', name: 'claude-code' }, ...references]
  const agentJob = {
    apiVersion: 'agentjob.io/v1alpha1',
    kind: 'AgentJob',
    metadata: { name: 'hello', namespace: 'team', uid: 'u1', generation: 1, creationTimestamp: CREATED },
    spec: { runtimeRef: 'claude-code', prompt: 'Say hello.', suspend: false, timezone: 'Etc/UTC', ...spec },
    expansion:
      given.expansion === null
        ? undefined
        : {
            configHash: '3f9c0e6a51b2d7aa',
            revision: given.revision ?? REVISION,
            problems,
            references: found.map((one) => ({ ...one, namespace: 'team', hash: '0d3e' })),
            resources: problems.length || scheduled ? [] : [child],
          },
  } as unknown as AgentJob
  const observed: Observed = {
    job: agentJob,
    verified: given.verified ?? given.expansion !== null,
    runs: job ? [{ job, pods: pod ? [pod] : [], failedCreate, logTail: given.logTail }] : [],
    cronJob: given.cronJob,
    owned: [],
    failures: given.failures ?? [],
    now: new Date(job?.status?.conditions ? ENDED : STARTED),
  }
  return {
    job: { ...agentJob, status: notified(deriveStatus(observed), given.notification) },
    now: NOW,
    flags: ' -n team',
    jobName: job?.metadata.name ?? child.metadata.name,
    pod,
    events,
    log: log && { container: logOf, lines: log },
    unread: given.unread ?? [],
  }
}

function notified(status: AgentJobStatus, notification: Notification | undefined): AgentJobStatus {
  const [run, ...others] = status.runs ?? []
  return run && notification ? { ...status, runs: [{ ...run, notification }, ...others] } : status
}

const condition = (type: string, reason: string, message: string) => ({
  ...{ type, status: 'True', reason, message, lastTransitionTime: ENDED },
})
const metadata = { name: `hello-${REVISION}`, namespace: 'team', uid: 'j1', creationTimestamp: CREATED }
const annotations = { [REVISION_ANNOTATION]: REVISION, [CONFIG_HASH_ANNOTATION]: '3f9c0e6a51b2d7aa' }
const aboutBackoff = 'Job has reached the specified backoff limit'

export const active: Job = {
  metadata: { ...metadata, annotations },
  spec: { suspend: false },
  status: { active: 1, startTime: STARTED },
}
export const suspended: Job = {
  ...active,
  spec: { suspend: true },
  status: { conditions: [condition('Suspended', 'JobSuspended', 'Job suspended')] },
}
export const failed: Job = {
  ...active,
  status: {
    failed: 1,
    startTime: STARTED,
    conditions: ['FailureTarget', 'Failed'].map((type) => condition(type, 'BackoffLimitExceeded', aboutBackoff)),
  },
}
/** Ended by its precheck. */
export const skipped: Job = {
  ...active,
  spec: {
    suspend: false,
    podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { containerName: 'precheck' } }] },
  },
  status: {
    failed: 1,
    startTime: STARTED,
    conditions: ['FailureTarget', 'Failed'].map((type) =>
      condition(
        type,
        'PodFailurePolicy',
        `Container precheck for pod team/${POD} failed with exit code 1 matching FailJob rule at index 0`,
      ),
    ),
  },
}
export const complete: Job = {
  ...active,
  status: {
    succeeded: 1,
    startTime: STARTED,
    completionTime: ENDED,
    conditions: ['SuccessCriteriaMet', 'Complete'].map((type) =>
      condition(type, 'CompletionsReached', 'Reached expected number of succeeded pods'),
    ),
  },
}
/** A run of the schedule at nine. */
export const ofSchedule = (job: Job): Job => ({
  ...job,
  metadata: {
    ...job.metadata,
    name: 'hello-29631420',
    annotations: {
      [CONFIG_HASH_ANNOTATION]: '3f9c0e6a51b2d7aa',
      'batch.kubernetes.io/cronjob-scheduled-timestamp': CREATED,
    },
  },
})
export const cronJob: CronJob = {
  metadata: { name: 'hello', namespace: 'team', creationTimestamp: CREATED },
  spec: { suspend: false },
  status: { lastScheduleTime: CREATED },
}

/** A pod on node-1, whose agent is in that state. */
export const pod = (state: ContainerState, status: NonNullable<Pod['status']> = {}, more: object = {}): PlacedPod => ({
  metadata: { name: POD, namespace: 'team', uid: 'p1', creationTimestamp: CREATED, ...more },
  spec: { nodeName: 'node-1' },
  status: {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: CREATED }],
    containerStatuses: [{ name: 'agent', state }],
    ...status,
  },
})
/** One whose agent has ended. */
export const ended = (exitCode: number, reason: string, status: Pod['status'] = {}, more: object = {}): PlacedPod =>
  pod(
    { terminated: { exitCode, reason, finishedAt: ENDED } },
    { phase: exitCode ? 'Failed' : 'Succeeded', ...status },
    more,
  )

/** An Event of so many minutes ago. */
export const event = (
  about: string,
  type: string,
  reason: string,
  message: string,
  minutes: number,
  count?: number,
): CoreEvent => {
  const [kind, name] = about.split(' ')
  const at = new Date(NOW.getTime() - minutes * 60_000).toISOString().replace('.000', '')
  return { involvedObject: { kind, name }, type, reason, message, firstTimestamp: at, lastTimestamp: at, count }
}
