import type { ObservedRun } from './observed.ts'
import { asked, asks, failed, job, nothingToDo, run, terminated } from './testdata/observed.ts'
import { ended, started, timedOut } from './testdata/runs.ts'
import { absent, done, doneRun, forbidden, ofE1, runs, shown, testStatuses } from './testdata/statuses.ts'

const broken: ObservedRun = { job: job('e1', { status: failed() }), pods: [terminated(7, 'half')] }
const skipped: ObservedRun = {
  job: job('e1', { ...asks, status: nothingToDo }),
  pods: [asked(1, 'no pull request is red')],
}
const late: ObservedRun = { job: job('e1', { status: failed() }), pods: [timedOut] }
const stopped: ObservedRun = { ...late, job: job('e1', { ended: 'Stopped', status: failed() }) }

const skippedRun = run('e1', {
  ...{ phase: 'Skipped', reason: 'PrecheckSkipped', ...ended },
  message: 'no pull request is red',
})
const brokenRun = run('e1', { phase: 'Failed', reason: 'Error', ...ended, exitCode: 7, result: 'half' })

testStatuses('a one-shot', [
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
])
