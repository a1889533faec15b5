import type { ChildResource } from '../api/expansion.ts'
import { podSeconds, SLACK_SECONDS } from './deadlines.ts'
import type { NamedAgentJob } from './input.ts'
import {
  CONFIG_HASH_ANNOTATION,
  childLabels,
  childNames,
  DIALECT_ANNOTATION,
  HELD_ANNOTATION,
  LOG_TAIL_ANNOTATION,
  QUEUE_LABEL,
  REVISION_ANNOTATION,
  RUNTIME_ANNOTATION,
} from './names.ts'
import type { RenderedPod } from './pod.ts'
import { attemptsOf, retrying } from './retry.ts'

/** What a Job is made from. */
type Run = Pick<RenderedPod, 'template' | 'dialect' | 'runtime'>

function jobTemplate(job: NamedAgentJob, { template, dialect, runtime }: Run) {
  const { spec } = job
  return {
    metadata: {
      labels: {
        ...childLabels(job.metadata.name),
        ...(spec.queueName ? { [QUEUE_LABEL]: spec.queueName } : {}),
      },
      annotations: {
        [CONFIG_HASH_ANNOTATION]: template.metadata.annotations[CONFIG_HASH_ANNOTATION] as string,
        ...(dialect === undefined ? {} : { [DIALECT_ANNOTATION]: dialect }),
        ...(runtime?.spec.logTail === 'Never' ? { [LOG_TAIL_ANNOTATION]: 'Never' } : {}),
        ...(runtime === undefined ? {} : { [RUNTIME_ANNOTATION]: `${runtime.namespace}/${runtime.name}` }),
      },
    },
    spec: {
      ...retrying(spec),
      // stands behind the pod's own deadline, for pods that never get as far as a node
      activeDeadlineSeconds: (podSeconds(spec) + SLACK_SECONDS) * attemptsOf(spec),
      ttlSecondsAfterFinished: spec.ttlSecondsAfterFinished,
      // never two agents of one run at a time
      podReplacementPolicy: 'Failed',
      template,
    },
  }
}

/** The Job of a revision. Its name is the lock: nobody can make a second one. */
export function renderJob(job: NamedAgentJob, run: Run, revision: string): ChildResource {
  const { name, namespace } = job.metadata
  const { metadata, spec } = jobTemplate(job, run)
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: childNames.job(name, revision),
      namespace,
      labels: metadata.labels,
      annotations: { ...metadata.annotations, [REVISION_ANNOTATION]: revision },
    },
    spec,
  }
}

/** The CronJob of a schedule; `isHeld`: the Jobs that it makes wait until they are let go. */
export function renderCronJob(job: NamedAgentJob, run: Run, isHeld: boolean): ChildResource {
  const { name, namespace } = job.metadata
  const { spec } = job
  const template = jobTemplate(job, run)
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: childNames.cronJob(name), namespace, labels: childLabels(name) },
    spec: {
      schedule: spec.schedule,
      timeZone: spec.timezone,
      concurrencyPolicy: spec.concurrencyPolicy,
      ...(spec.startingDeadlineSeconds === undefined ? {} : { startingDeadlineSeconds: spec.startingDeadlineSeconds }),
      successfulJobsHistoryLimit: spec.successfulRunsHistoryLimit,
      failedJobsHistoryLimit: spec.failedRunsHistoryLimit,
      suspend: spec.suspend,
      jobTemplate: isHeld ? held(template) : template,
    },
  }
}

/** A Job that waits. */
const held = ({ metadata, spec }: ReturnType<typeof jobTemplate>) => ({
  metadata: { ...metadata, annotations: { ...metadata.annotations, [HELD_ANNOTATION]: 'true' } },
  spec: { ...spec, suspend: true },
})
