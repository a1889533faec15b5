import {
  active,
  asked,
  asks,
  complete,
  cronJob,
  failed,
  nothingToDo,
  run,
  running,
  scheduledJob,
  terminated,
} from './testdata/observed.ts'
import { ended, started } from './testdata/runs.ts'
import { absent, forbidden, ofE1, runs, shown, testStatuses } from './testdata/statuses.ts'

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

testStatuses('a schedule', [
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
])
