import type { ObservedRun } from './observed.ts'
import { active, failed, job, run, waitingFor } from './testdata/observed.ts'
import { ended, timedOut } from './testdata/runs.ts'
import { absent, done, doneRun, forbidden, ofE1, shown, testStatuses } from './testdata/statuses.ts'

const waits: ObservedRun = { job: job('e1', { status: active }), pods: [waitingFor('ContainerCreating')] }
const superseded: ObservedRun = {
  job: job('e1', { ended: 'Superseded', status: failed() }),
  pods: [timedOut],
}

testStatuses('a one-shot', [
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
])
