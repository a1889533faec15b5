import { expect, test } from 'bun:test'
import { AgentJobStatus } from '../api/agentjobstatus.ts'
import type { Problem } from '../api/expansion.ts'
import { deriveStatus } from './derive.ts'
import type { ObservedRun } from './observed.ts'
import { type Kstatus, kstatusOf } from './testdata/kstatus.ts'
import {
  active,
  asked,
  asks,
  complete,
  cronJob,
  ENDED,
  failed,
  type Given,
  job,
  nothingToDo,
  observed,
  pod,
  run,
  running,
  STARTED,
  scheduledJob,
  terminated,
  waitingFor,
} from './testdata/observed.ts'

const absent: Problem = { reason: 'ReferenceNotFound', path: 'spec.runtimeRef', message: 'there is no such thing' }
const forbidden: Problem = { reason: 'Forbidden', path: 'spec.clusterAccessRef', message: 'not entitled' }

const waits: ObservedRun = { job: job('e1', { status: active }), pods: [waitingFor('ContainerCreating')] }
const runs: ObservedRun = { job: job('e1', { status: active }), pods: [running()] }
const done: ObservedRun = { job: job('e1', { status: complete }), pods: [terminated(0, 'done')] }
const broken: ObservedRun = { job: job('e1', { status: failed() }), pods: [terminated(7, 'half')] }
const skipped: ObservedRun = {
  job: job('e1', { ...asks, status: nothingToDo }),
  pods: [asked(1, 'no pull request is red')],
}
const late: ObservedRun = {
  job: job('e1', { status: failed() }),
  pods: [
    pod(
      { terminated: { exitCode: 143, reason: 'Error', message: 'half' } },
      { phase: 'Failed', reason: 'DeadlineExceeded' },
    ),
  ],
}
const stopped: ObservedRun = { ...late, job: job('e1', { ended: 'Stopped', status: failed() }) }
const superseded: ObservedRun = { ...late, job: job('e1', { ended: 'Superseded', status: failed() }) }

const started = { startTime: STARTED, attempts: 1 }
const ended = { ...started, completionTime: ENDED }
const doneRun = run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' })
const skippedRun = run('e1', {
  ...{ phase: 'Skipped', reason: 'PrecheckSkipped', ...ended },
  message: 'no pull request is red',
})
const brokenRun = run('e1', { phase: 'Failed', reason: 'Error', ...ended, exitCode: 7, result: 'half' })

/** What a status says of the run that it shows, beside `phase` and `reason`. */
const shown = ({ startTime, completionTime, attempts, exitCode, result, jobName }: ReturnType<typeof run>) =>
  Object.fromEntries(
    Object.entries({
      startTime,
      completionTime,
      attempts,
      exitCode,
      result,
      jobName,
      lastRunTime: startTime,
    }).filter(([, value]) => value !== undefined),
  )
const ofE1 = { revision: 'e1', inputHash: 'i1' }

interface Case {
  name: string
  given: Given
  want: Record<string, unknown>
  /** TYPE=STATUS/REASON, in their order. */
  conditions: string[]
  kstatus: Kstatus
}

const oneShots: Case[] = [
  {
    name: 'not expanded',
    given: { expansion: null },
    want: {
      phase: 'Pending',
      reason: 'NotExpanded',
      message:
        'admission has not expanded this object; it is being asked to; if that lasts, no webhook is registered: start the operator',
      configHash: undefined,
    },
    conditions: [
      'Ready=Unknown/NotExpanded',
      'Expanded=False/NotExpanded',
      'UpToDate=Unknown/NotStarted',
      'Succeeded=Unknown/NotFinished',
      'Reconciling=True/NotExpanded',
    ],
    kstatus: 'InProgress',
  },
  {
    name: 'an expansion of somebody else',
    given: { verified: false, problems: 'all of them' as never },
    want: {
      phase: 'Pending',
      reason: 'ExpansionInvalid',
      message:
        'the field expansion was not made by this operator for this spec; nothing is created from it, and admission is asked for a new one; if that lasts, webhook and controller have different keys: restart both',
      configHash: undefined,
    },
    conditions: [
      'Ready=Unknown/ExpansionInvalid',
      'Expanded=False/ExpansionInvalid',
      'UpToDate=Unknown/NotStarted',
      'Succeeded=Unknown/NotFinished',
      'Reconciling=True/ExpansionInvalid',
    ],
    kstatus: 'InProgress',
  },
  {
    name: 'an expansion of somebody else: what was started last is not forgotten',
    given: { verified: false, status: { configHash: 'c0', revision: 'r0', inputHash: 'i0' } },
    want: {
      phase: 'Pending',
      reason: 'ExpansionInvalid',
      message:
        'the field expansion was not made by this operator for this spec; nothing is created from it, and admission is asked for a new one; if that lasts, webhook and controller have different keys: restart both',
      configHash: 'c0',
      revision: 'r0',
      inputHash: 'i0',
    },
    conditions: [
      'Ready=Unknown/ExpansionInvalid',
      'Expanded=False/ExpansionInvalid',
      'UpToDate=Unknown/NotStarted',
      'Succeeded=Unknown/NotFinished',
      'Reconciling=True/ExpansionInvalid',
    ],
    kstatus: 'InProgress',
  },
  {
    name: 'references that are missing',
    given: { revision: null, problems: [absent, { ...absent, path: 'spec.authRef' }] },
    want: {
      phase: 'Pending',
      reason: 'ReferenceNotFound',
      message:
        'spec.runtimeRef: there is no such thing; spec.authRef: there is no such thing; create what is missing, or correct the name',
    },
    conditions: [
      'Ready=Unknown/ReferenceNotFound',
      'Expanded=False/ReferenceNotFound',
      'UpToDate=Unknown/NotStarted',
      'Succeeded=Unknown/NotFinished',
      'Reconciling=True/ReferenceNotFound',
    ],
    kstatus: 'InProgress',
  },
  {
    name: 'rights that are missing',
    given: { revision: null, problems: [forbidden] },
    want: { phase: 'Pending', reason: 'Forbidden', message: 'spec.clusterAccessRef: not entitled' },
    conditions: [
      'Ready=False/Forbidden',
      'Expanded=False/Forbidden',
      'UpToDate=Unknown/NotStarted',
      'Succeeded=Unknown/NotFinished',
      'Stalled=True/Forbidden',
    ],
    kstatus: 'Failed',
  },
  {
    name: 'a quota in the way',
    given: { failures: [{ reason: 'QuotaExceeded', message: 'exceeded quota' }] },
    want: {
      phase: 'Pending',
      reason: 'QuotaExceeded',
      message: 'exceeded quota; raise the ResourceQuota or lower resources; it is tried again by itself',
    },
    conditions: [
      'Ready=Unknown/QuotaExceeded',
      'Expanded=True/Expanded',
      'UpToDate=Unknown/NotStarted',
      'Succeeded=Unknown/NotFinished',
      'Reconciling=True/QuotaExceeded',
    ],
    kstatus: 'InProgress',
  },
  {
    name: "a stranger's Job in the way",
    given: { failures: [{ reason: 'NameConflict', message: 'taken', final: true }] },
    want: { phase: 'Pending', reason: 'NameConflict', message: 'taken; delete it, or rename the AgentJob' },
    conditions: [
      'Ready=False/NameConflict',
      'Expanded=True/Expanded',
      'UpToDate=Unknown/NotStarted',
      'Succeeded=Unknown/NotFinished',
      'Stalled=True/NameConflict',
    ],
    kstatus: 'Failed',
  },
  {
    name: 'suspended before it started',
    given: { suspend: true },
    want: { phase: 'Suspended', reason: 'Suspended', message: 'spec.suspend is true; the run waits' },
    conditions: [
      'Ready=Unknown/Suspended',
      'Expanded=True/Expanded',
      'UpToDate=Unknown/NotStarted',
      'Succeeded=Unknown/NotFinished',
    ],
    kstatus: 'InProgress',
  },
  {
    name: 'a pod that is starting',
    given: { runs: [waits] },
    want: {
      phase: 'Pending',
      reason: 'Starting',
      message: 'the pod is starting',
      ...ofE1,
      jobName: 'a-e1',
      runs: [run('e1', { phase: 'Pending' })],
    },
    conditions: [
      'Ready=Unknown/Starting',
      'Expanded=True/Expanded',
      'UpToDate=True/UpToDate',
      'Succeeded=Unknown/Pending',
      'Reconciling=True/Starting',
    ],
    kstatus: 'InProgress',
  },
  {
    name: 'a pod that cannot start',
    given: { runs: [{ ...waits, pods: [waitingFor('ImagePullBackOff', 'no such image')] }] },
    want: {
      phase: 'Pending',
      reason: 'ImagePullBackOff',
      message:
        'no such image; correct the image in AgentRuntime echo, or its imagePullSecrets, then "agentjob rerun a"',
      ...ofE1,
      jobName: 'a-e1',
      runs: [run('e1', { phase: 'Pending', reason: 'ImagePullBackOff' })],
    },
    conditions: [
      'Ready=Unknown/ImagePullBackOff',
      'Expanded=True/Expanded',
      'UpToDate=True/UpToDate',
      'Succeeded=Unknown/Pending',
      'Reconciling=True/ImagePullBackOff',
    ],
    kstatus: 'InProgress',
  },
  {
    name: 'waiting in its queue',
    given: { runs: [{ job: job('e1', { suspend: true }), pods: [] }] },
    want: {
      phase: 'Queued',
      reason: 'Queued',
      message: 'Job a-e1 is suspended until its queue admits it',
      ...ofE1,
      jobName: 'a-e1',
      runs: [run('e1', { phase: 'Queued' })],
    },
    conditions: [
      'Ready=Unknown/Queued',
      'Expanded=True/Expanded',
      'UpToDate=True/UpToDate',
      'Succeeded=Unknown/Queued',
    ],
    kstatus: 'InProgress',
  },
  {
    name: 'running',
    given: { runs: [runs], owned: [{ kind: 'Job', name: 'a-e1' }] },
    want: {
      phase: 'Running',
      reason: 'Running',
      ...ofE1,
      ...shown(run('e1', { phase: 'Running', ...started })),
      ownedResources: [{ kind: 'Job', name: 'a-e1' }],
      runs: [run('e1', { phase: 'Running', ...started })],
    },
    conditions: [
      'Ready=Unknown/Running',
      'Expanded=True/Expanded',
      'UpToDate=True/UpToDate',
      'Succeeded=Unknown/Running',
    ],
    kstatus: 'InProgress',
  },
  {
    name: 'suspended while it runs: it goes on',
    given: { runs: [runs], suspend: true },
    want: {
      phase: 'Running',
      reason: 'Running',
      ...ofE1,
      ...shown(run('e1', { phase: 'Running', ...started })),
      runs: [run('e1', { phase: 'Running', ...started })],
    },
    conditions: [
      'Ready=Unknown/Running',
      'Expanded=True/Expanded',
      'UpToDate=True/UpToDate',
      'Succeeded=Unknown/Running',
    ],
    kstatus: 'InProgress',
  },
  {
    name: 'succeeded',
    given: { runs: [done] },
    want: { phase: 'Succeeded', reason: 'Succeeded', ...ofE1, ...shown(doneRun), runs: [doneRun] },
    conditions: [
      'Ready=True/Succeeded',
      'Expanded=True/Expanded',
      'UpToDate=True/UpToDate',
      'Succeeded=True/Succeeded',
      'Complete=True/Succeeded',
    ],
    kstatus: 'Current',
  },
  {
    name: 'succeeded, Job and pod gone since',
    given: { status: { revision: 'e1', inputHash: 'i1', runs: [doneRun] } },
    want: { phase: 'Succeeded', reason: 'Succeeded', ...ofE1, ...shown(doneRun), runs: [doneRun] },
    conditions: [
      'Ready=True/Succeeded',
      'Expanded=True/Expanded',
      'UpToDate=True/UpToDate',
      'Succeeded=True/Succeeded',
      'Complete=True/Succeeded',
    ],
    kstatus: 'Current',
  },
  {
    name: 'succeeded, with a configuration that has changed since',
    given: { runs: [done], configHash: 'c2' },
    want: {
      phase: 'Succeeded',
      reason: 'Succeeded',
      configHash: 'c2',
      ...ofE1,
      ...shown(doneRun),
      runs: [doneRun],
    },
    conditions: [
      'Ready=True/Succeeded',
      'Expanded=True/Expanded',
      'UpToDate=False/ConfigurationChanged',
      'Succeeded=True/Succeeded',
      'Complete=True/Succeeded',
    ],
    kstatus: 'Current',
  },
  {
    name: 'succeeded, with rights that were taken back since: there is no run left that they are missing for',
    given: { runs: [done], problems: [forbidden] },
    want: {
      phase: 'Succeeded',
      reason: 'Succeeded',
      message: 'spec.clusterAccessRef: not entitled',
      ...ofE1,
      ...shown(doneRun),
      runs: [doneRun],
    },
    conditions: [
      'Ready=True/Succeeded',
      'Expanded=False/Forbidden',
      'UpToDate=True/UpToDate',
      'Succeeded=True/Succeeded',
      'Complete=True/Succeeded',
    ],
    kstatus: 'Current',
  },
  {
    name: 'succeeded, with a reference that is gone since and no Job left in the expansion',
    given: {
      revision: null,
      problems: [absent],
      status: {
        revision: 'e9',
        inputHash: 'i1',
        runs: [run('e9', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' })],
      },
    },
    want: {
      phase: 'Succeeded',
      reason: 'Succeeded',
      revision: 'e9',
      inputHash: 'i1',
      ...shown(run('e9', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' })),
      runs: [run('e9', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' })],
    },
    conditions: [
      'Ready=True/Succeeded',
      'Expanded=False/ReferenceNotFound',
      'UpToDate=True/UpToDate',
      'Succeeded=True/Succeeded',
      'Complete=True/Succeeded',
    ],
    kstatus: 'Current',
  },
  {
    name: 'failed',
    given: { runs: [broken] },
    want: {
      phase: 'Failed',
      reason: 'Error',
      message: 'the agent exited with code 7; "agentjob logs a" shows why',
      ...ofE1,
      ...shown(brokenRun),
      runs: [brokenRun],
    },
    conditions: [
      'Ready=False/Error',
      'Expanded=True/Expanded',
      'UpToDate=True/UpToDate',
      'Succeeded=False/Error',
      'Failed=True/Error',
      'Stalled=True/Error',
    ],
    kstatus: 'Failed',
  },
  {
    name: 'skipped: nothing has gone wrong',
    given: { runs: [skipped] },
    want: {
      phase: 'Skipped',
      reason: 'PrecheckSkipped',
      message: 'no pull request is red',
      ...ofE1,
      ...shown(skippedRun),
      runs: [skippedRun],
    },
    conditions: [
      'Ready=True/PrecheckSkipped',
      'Expanded=True/Expanded',
      'UpToDate=True/UpToDate',
      'Succeeded=True/PrecheckSkipped',
      'Complete=True/PrecheckSkipped',
    ],
    kstatus: 'Current',
  },
  {
    name: 'skipped, without a word',
    given: { runs: [{ ...skipped, pods: [] }] },
    want: {
      phase: 'Skipped',
      reason: 'PrecheckSkipped',
      message: 'the precheck found nothing to do',
      ...ofE1,
      ...shown(skippedRun),
      runs: [run('e1', { phase: 'Skipped', reason: 'PrecheckSkipped', ...ended })],
    },
    conditions: [
      'Ready=True/PrecheckSkipped',
      'Expanded=True/Expanded',
      'UpToDate=True/UpToDate',
      'Succeeded=True/PrecheckSkipped',
      'Complete=True/PrecheckSkipped',
    ],
    kstatus: 'Current',
  },
  {
    name: 'past its time',
    given: { runs: [late] },
    want: {
      phase: 'TimedOut',
      reason: 'DeadlineExceeded',
      message: 'the run took longer than spec.timeoutSeconds; raise spec.timeoutSeconds, or give the agent less to do',
      ...ofE1,
      ...shown(run('e1', { phase: 'TimedOut', ...ended, exitCode: 143, result: 'half' })),
      runs: [run('e1', { phase: 'TimedOut', reason: 'DeadlineExceeded', ...ended, exitCode: 143, result: 'half' })],
    },
    conditions: [
      'Ready=False/DeadlineExceeded',
      'Expanded=True/Expanded',
      'UpToDate=True/UpToDate',
      'Succeeded=False/DeadlineExceeded',
      'Failed=True/DeadlineExceeded',
      'Stalled=True/DeadlineExceeded',
    ],
    kstatus: 'Failed',
  },
  {
    name: 'stopped',
    given: { runs: [stopped] },
    want: {
      phase: 'Stopped',
      reason: 'Stopped',
      message: 'the run was stopped',
      ...ofE1,
      ...shown(run('e1', { phase: 'Stopped', ...ended, exitCode: 143, result: 'half' })),
      runs: [run('e1', { phase: 'Stopped', reason: 'Stopped', ...ended, exitCode: 143, result: 'half' })],
    },
    conditions: [
      'Ready=False/Stopped',
      'Expanded=True/Expanded',
      'UpToDate=True/UpToDate',
      'Succeeded=False/Stopped',
      'Failed=True/Stopped',
      'Stalled=True/Stopped',
    ],
    kstatus: 'Failed',
  },
  {
    name: 'its Job deleted by hand',
    given: { status: { revision: 'e1', inputHash: 'i1', runs: [run('e1', { phase: 'Running', ...started })] } },
    want: {
      phase: 'Failed',
      reason: 'JobGone',
      message: 'Job a-e1 was deleted before it had ended; "agentjob rerun a" runs it again',
      ...ofE1,
      ...shown(run('e1', { phase: 'Failed', ...started, completionTime: '2026-05-04T10:00:00Z' })),
      runs: [run('e1', { phase: 'Failed', reason: 'JobGone', ...started, completionTime: '2026-05-04T10:00:00Z' })],
    },
    conditions: [
      'Ready=False/JobGone',
      'Expanded=True/Expanded',
      'UpToDate=True/UpToDate',
      'Succeeded=False/JobGone',
      'Failed=True/JobGone',
      'Stalled=True/JobGone',
    ],
    kstatus: 'Failed',
  },
  {
    name: 'superseded: the new run has not got a Job yet',
    given: { revision: 'e2', configHash: 'c2', runs: [superseded], status: { revision: 'e1', inputHash: 'i1' } },
    want: {
      phase: 'Pending',
      reason: 'Starting',
      message: 'the Job is being created',
      configHash: 'c2',
      ...ofE1,
      ...shown(run('e1', { phase: 'Stopped', ...ended, exitCode: 143, result: 'half' })),
      runs: [run('e1', { phase: 'Stopped', reason: 'Superseded', ...ended, exitCode: 143, result: 'half' })],
    },
    conditions: [
      'Ready=Unknown/Starting',
      'Expanded=True/Expanded',
      'UpToDate=False/ConfigurationChanged',
      'Succeeded=Unknown/NotFinished',
      'Reconciling=True/Starting',
    ],
    kstatus: 'InProgress',
  },
  {
    name: 'something in the way of the next run, the last one ended',
    given: {
      revision: null,
      problems: [absent],
      runs: [done],
      status: { configHash: 'c0', revision: 'e1', inputHash: 'i0' },
    },
    want: {
      phase: 'Pending',
      reason: 'ReferenceNotFound',
      message: 'spec.runtimeRef: there is no such thing; create what is missing, or correct the name',
      revision: 'e1',
      inputHash: 'i0',
      ...shown(doneRun),
      runs: [doneRun],
    },
    conditions: [
      'Ready=Unknown/ReferenceNotFound',
      'Expanded=False/ReferenceNotFound',
      'UpToDate=True/UpToDate',
      'Succeeded=Unknown/NotFinished',
      'Reconciling=True/ReferenceNotFound',
    ],
    kstatus: 'InProgress',
  },
]

const at = '2026-05-04T09:00:00Z'
const nightly = { schedule: '30 2 * * *', cronJob: cronJob() }
const next = { cronJobName: 'a', nextRunTime: '2026-05-05T02:30:00Z' }
const name = 'a-29631420'
const ofSchedule = (members: Partial<ReturnType<typeof run>> & Pick<ReturnType<typeof run>, 'phase'>) => ({
  jobName: name,
  uid: `uid-${name}`,
  scheduledAt: at,
  configHash: 'c1',
  ...members,
})
const inPlace = ['Ready=True/Scheduled', 'Expanded=True/Expanded', 'UpToDate=True/Scheduled']

const schedules: Case[] = [
  {
    name: 'a CronJob that is not there yet',
    given: { schedule: '30 2 * * *' },
    want: { phase: 'Pending', reason: 'Starting', message: 'the CronJob is being created' },
    conditions: [
      'Ready=Unknown/Starting',
      'Expanded=True/Expanded',
      'UpToDate=Unknown/NotStarted',
      'Succeeded=Unknown/NotFinished',
      'Reconciling=True/Starting',
    ],
    kstatus: 'InProgress',
  },
  {
    name: 'in place',
    given: { ...nightly, owned: [{ kind: 'CronJob', name: 'a' }] },
    want: { phase: 'Scheduled', reason: 'Scheduled', ...next, ownedResources: [{ kind: 'CronJob', name: 'a' }] },
    conditions: [...inPlace, 'Succeeded=Unknown/NotFinished'],
    kstatus: 'Current',
  },
  {
    name: 'suspended',
    given: { ...nightly, suspend: true, cronJob: cronJob({ suspend: true }) },
    want: {
      phase: 'Suspended',
      reason: 'Suspended',
      message: 'spec.suspend is true; the schedule pauses',
      cronJobName: 'a',
    },
    conditions: [...inPlace, 'Succeeded=Unknown/NotFinished'],
    kstatus: 'Current',
  },
  {
    name: 'a run that is starting: the schedule is in place all the same',
    given: { ...nightly, runs: [{ job: scheduledJob(at, { status: active }), pods: [] }] },
    want: {
      phase: 'Pending',
      reason: 'Starting',
      message: 'the pod is starting',
      ...next,
      jobName: name,
      runs: [ofSchedule({ phase: 'Pending' })],
    },
    conditions: [...inPlace, 'Succeeded=Unknown/NotFinished'],
    kstatus: 'Current',
  },
  {
    name: 'a run under way',
    given: { ...nightly, runs: [{ job: scheduledJob(at, { status: active }), pods: [running()] }] },
    want: {
      phase: 'Running',
      reason: 'Running',
      ...next,
      ...shown(ofSchedule({ phase: 'Running', ...started })),
      runs: [ofSchedule({ phase: 'Running', ...started })],
    },
    conditions: [...inPlace, 'Succeeded=Unknown/NotFinished'],
    kstatus: 'Current',
  },
  {
    name: 'a run under way, and something in the way of the next',
    given: {
      ...nightly,
      cronJob: cronJob({ suspend: true }),
      problems: [forbidden],
      runs: [{ job: scheduledJob(at, { status: active }), pods: [running()] }],
    },
    want: {
      phase: 'Running',
      reason: 'Running',
      cronJobName: 'a',
      ...shown(ofSchedule({ phase: 'Running', ...started })),
      runs: [ofSchedule({ phase: 'Running', ...started })],
    },
    conditions: [
      'Ready=False/Forbidden',
      'Expanded=False/Forbidden',
      'UpToDate=True/Scheduled',
      'Succeeded=Unknown/NotFinished',
      'Stalled=True/Forbidden',
    ],
    kstatus: 'Failed',
  },
  {
    name: 'something in the way',
    given: { ...nightly, cronJob: cronJob({ suspend: true }), problems: [absent] },
    want: {
      phase: 'Pending',
      reason: 'ReferenceNotFound',
      message: 'spec.runtimeRef: there is no such thing; create what is missing, or correct the name',
      cronJobName: 'a',
    },
    conditions: [
      'Ready=Unknown/ReferenceNotFound',
      'Expanded=False/ReferenceNotFound',
      'UpToDate=True/Scheduled',
      'Succeeded=Unknown/NotFinished',
      'Reconciling=True/ReferenceNotFound',
    ],
    kstatus: 'InProgress',
  },
  {
    name: 'the last run succeeded',
    given: { ...nightly, runs: [{ job: scheduledJob(at, { status: complete }), pods: [terminated(0, 'done')] }] },
    want: {
      phase: 'Scheduled',
      reason: 'Scheduled',
      ...next,
      ...shown(ofSchedule({ phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' })),
      runs: [ofSchedule({ phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' })],
    },
    conditions: [...inPlace, 'Succeeded=True/Succeeded', 'Complete=True/Succeeded'],
    kstatus: 'Current',
  },
  {
    name: 'the last run failed: the schedule goes on',
    given: { ...nightly, runs: [{ job: scheduledJob(at, { status: failed() }), pods: [terminated(7)] }] },
    want: {
      phase: 'Scheduled',
      reason: 'Scheduled',
      ...next,
      ...shown(ofSchedule({ phase: 'Failed', ...ended, exitCode: 7 })),
      runs: [ofSchedule({ phase: 'Failed', reason: 'Error', ...ended, exitCode: 7 })],
    },
    conditions: [...inPlace, 'Succeeded=False/Error', 'Failed=True/Error'],
    kstatus: 'Current',
  },
  {
    name: 'the last run had nothing to do',
    given: {
      ...nightly,
      runs: [{ job: scheduledJob(at, { ...asks, status: nothingToDo }), pods: [asked(1, 'nothing')] }],
    },
    want: {
      phase: 'Scheduled',
      reason: 'Scheduled',
      ...next,
      ...shown(ofSchedule({ phase: 'Skipped', ...ended })),
      runs: [ofSchedule({ phase: 'Skipped', reason: 'PrecheckSkipped', ...ended, message: 'nothing' })],
    },
    conditions: [...inPlace, 'Succeeded=True/PrecheckSkipped', 'Complete=True/PrecheckSkipped'],
    kstatus: 'Current',
  },
  {
    name: 'a rerun beside the schedule',
    given: { ...nightly, revision: 'e1', runs: [runs] },
    want: {
      phase: 'Running',
      reason: 'Running',
      ...ofE1,
      ...next,
      ...shown(run('e1', { phase: 'Running', ...started })),
      runs: [run('e1', { phase: 'Running', ...started })],
    },
    conditions: [...inPlace, 'Succeeded=Unknown/NotFinished'],
    kstatus: 'Current',
  },
]

const statusOf = (given: Given) => {
  // what is due has a table of its own
  const { due: _, ...status } = deriveStatus(observed(given))
  return { ...status, conditions: status.conditions?.map((one) => `${one.type}=${one.status}/${one.reason}`) }
}

for (const [what, cases] of Object.entries({ 'a one-shot': oneShots, 'a schedule': schedules }))
  for (const { name, given, want, conditions, kstatus } of cases) {
    test(`${what}: ${name}`, () => {
      const { configHash, ...rest } = { observedGeneration: 3, configHash: 'c1' as unknown, ...want, conditions }
      expect(statusOf(given)).toStrictEqual({ ...rest, ...(configHash ? { configHash } : {}) } as never)
    })
    test(`${what}: ${name}: kstatus reads ${kstatus}`, () => {
      const { job } = observed(given)
      expect(kstatusOf({ ...job, status: deriveStatus(observed(given)) })).toBe(kstatus)
    })
    test(`${what}: ${name}: the schema knows it`, () =>
      expect(AgentJobStatus.strict().safeParse(deriveStatus(observed(given))).error?.issues).toBeUndefined())
  }
