import { expect, test } from 'bun:test'
import { type AgentJob, RERUN_ANNOTATION } from '../api/agentjob.ts'
import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import { REVISION_ANNOTATION } from '../expand/names.ts'
import { isStale, type Verdict, verdictOn } from './verdict.ts'

interface Given {
  schedule?: string
  status?: AgentJobStatus
  /** Revision of the Job in the expansion; null for none. */
  revision?: string | null
  /** Token of the annotation, and the one that the expansion honoured. */
  tokens?: [string, string?]
  problems?: object[]
}

function jobOf({ schedule, status, revision = 'new', tokens, problems = [] }: Given): AgentJob {
  const run = { kind: 'Job', metadata: { name: `a-${revision}`, annotations: { [REVISION_ANNOTATION]: revision } } }
  return {
    metadata: { name: 'a', generation: 2, annotations: tokens ? { [RERUN_ANNOTATION]: tokens[0] } : {} },
    spec: { schedule },
    expansion: { revision, rerun: tokens?.[1], problems, resources: revision === null ? [] : [run] },
    status,
  } as unknown as AgentJob
}

const condition = (type: string, status: 'True' | 'False' = 'True') => ({
  type,
  status,
  reason: 'R',
  message: '',
  lastTransitionTime: '',
})

const cases: { name: string; given: Given; goal?: string; want: Verdict['state'] }[] = [
  { name: 'no status yet', given: {}, want: 'waiting' },
  {
    name: 'a success of this revision',
    given: { status: { observedGeneration: 2, revision: 'new', phase: 'Succeeded' } },
    want: 'met',
  },
  {
    name: 'a success that the controller saw before the last change',
    given: { status: { observedGeneration: 1, revision: 'new', phase: 'Succeeded' } },
    want: 'waiting',
  },
  {
    name: 'a success of the revision before',
    given: { status: { observedGeneration: 2, revision: 'old', phase: 'Succeeded' } },
    want: 'waiting',
  },
  {
    name: 'a rerun that admission has not honoured yet',
    given: { status: { observedGeneration: 2, revision: 'new', phase: 'Succeeded' }, tokens: ['2', '1'] },
    want: 'waiting',
  },
  {
    name: 'a rerun that has a missing reference in its way',
    given: { problems: [{}], status: { observedGeneration: 2, revision: 'new', phase: 'Pending' }, tokens: ['2', '1'] },
    want: 'waiting',
  },
  {
    name: 'a rerun that is stalled',
    given: {
      problems: [{}],
      status: { observedGeneration: 2, revision: 'new', phase: 'Pending', conditions: [condition('Stalled')] },
      tokens: ['2', '1'],
    },
    want: 'failed',
  },
  {
    name: 'a rerun of a failure, which counted as stalled',
    given: {
      status: { observedGeneration: 2, revision: 'new', phase: 'Failed', conditions: [condition('Stalled')] },
      tokens: ['2', '1'],
    },
    want: 'waiting',
  },
  {
    name: 'a rerun that was honoured and succeeded',
    given: { status: { observedGeneration: 2, revision: 'new', phase: 'Succeeded' }, tokens: ['2', '2'] },
    want: 'met',
  },
  ...(['Failed', 'TimedOut', 'Stopped'] as const).map((phase) => ({
    name: `a run that ended as ${phase}`,
    given: { status: { observedGeneration: 2, revision: 'new', phase } },
    want: 'failed' as const,
  })),
  ...[
    { goal: 'Succeeded', want: 'met' as const },
    { goal: 'Skipped', want: 'met' as const },
    { goal: 'Failed', want: 'failed' as const },
    { goal: 'Stopped', want: 'failed' as const },
  ].map(({ goal, want }) => ({
    name: `a run that had nothing to do, waited for to be ${goal}`,
    given: { status: { observedGeneration: 2, revision: 'new', phase: 'Skipped' as const } },
    ...{ goal, want },
  })),
  {
    name: "a schedule's rerun that had nothing to do",
    given: {
      schedule: '* * * * *',
      status: { observedGeneration: 2, phase: 'Scheduled', runs: [{ jobName: 'a-new', phase: 'Skipped' }] },
    },
    want: 'met',
  },
  {
    name: 'a run on its way',
    given: { status: { observedGeneration: 2, revision: 'new', phase: 'Running' } },
    want: 'waiting',
  },
  {
    name: 'a missing reference, which may come',
    given: { revision: null, status: { observedGeneration: 2, phase: 'Pending', reason: 'ReferenceNotFound' } },
    want: 'waiting',
  },
  {
    name: 'what is stalled',
    given: { revision: null, status: { observedGeneration: 2, phase: 'Pending', conditions: [condition('Stalled')] } },
    want: 'failed',
  },
  {
    name: 'a schedule that nobody asked to run',
    given: { schedule: '* * * * *', revision: null, status: { observedGeneration: 2, phase: 'Scheduled' } },
    want: 'failed',
  },
  {
    name: "a schedule's rerun that has ended, whatever runs now",
    given: {
      schedule: '* * * * *',
      status: {
        observedGeneration: 2,
        phase: 'Running',
        runs: [
          { jobName: 'a-123', phase: 'Running' },
          { jobName: 'a-new', phase: 'Succeeded' },
        ],
      },
    },
    want: 'met',
  },
  {
    name: "a schedule's rerun that has not started, beside older successes",
    given: {
      schedule: '* * * * *',
      status: { observedGeneration: 2, phase: 'Scheduled', runs: [{ jobName: 'a-123', phase: 'Succeeded' }] },
    },
    want: 'waiting',
  },
  {
    name: "a schedule's rerun that the status has forgotten",
    given: { schedule: '* * * * *', status: { observedGeneration: 2, revision: 'new', phase: 'Scheduled', runs: [] } },
    want: 'failed',
  },
  {
    name: 'Failed, and it did',
    given: { status: { observedGeneration: 2, revision: 'new', phase: 'Failed' } },
    goal: 'Failed',
    want: 'met',
  },
  {
    name: 'Failed, and it succeeded',
    given: { status: { observedGeneration: 2, revision: 'new', phase: 'Succeeded' } },
    goal: 'Failed',
    want: 'failed',
  },
  {
    name: 'a condition',
    given: { schedule: 'x', status: { observedGeneration: 2, phase: 'Scheduled', conditions: [condition('Ready')] } },
    goal: 'Ready',
    want: 'met',
  },
  {
    name: 'a condition of an earlier state',
    given: { schedule: 'x', status: { observedGeneration: 1, phase: 'Scheduled', conditions: [condition('Ready')] } },
    goal: 'Ready',
    want: 'waiting',
  },
  {
    name: 'a condition that is not so',
    given: {
      schedule: 'x',
      status: { observedGeneration: 2, phase: 'Pending', conditions: [condition('Ready', 'False')] },
    },
    goal: 'Ready',
    want: 'waiting',
  },
  { name: 'a phase', given: { status: { observedGeneration: 2, phase: 'Running' } }, goal: 'Running', want: 'met' },
  {
    name: 'a phase that will not come any more',
    given: { status: { observedGeneration: 2, phase: 'Succeeded' } },
    goal: 'Running',
    want: 'failed',
  },
]
test.each(cases)('waiting for $goal: $name', ({ given, goal = 'Succeeded', want }) => {
  expect(verdictOn(jobOf(given), goal).state).toBe(want)
})

test('the words say where it stands, with the reason where it says more than the phase', () => {
  const status = { observedGeneration: 2, phase: 'Pending', reason: 'ErrImagePull', message: 'no such image' } as const
  expect(verdictOn(jobOf({ status }), 'Succeeded').words).toBe('Pending (ErrImagePull): no such image')
  expect(isStale(jobOf({ status }))).toBe(false)
})
