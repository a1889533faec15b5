import { expect, test } from 'bun:test'
import type { AgentJob } from '../../api/agentjob.ts'
import type { AgentJobStatus } from '../../api/agentjobstatus.ts'
import type { Problem } from '../../api/expansion.ts'
import { REVISION_ANNOTATION } from '../../expand/names.ts'
import { compare } from './comparison.ts'

interface Given {
  spec?: object
  revision?: string
  image?: string
  agentJson?: string
  problems?: Problem[]
  status?: AgentJobStatus
}

/** An AgentJob with one Job, or with a CronJob where it has a schedule. */
function agentJob({ spec = {}, revision = 'aa', image = 'x:1', agentJson = '{"prompt":"Go."}', ...rest }: Given = {}) {
  const { problems = [], status } = rest
  const scheduled = 'schedule' in spec
  const name = scheduled ? 'a' : `a-${revision}`
  const annotations = { 'agentjob.io/agent.json': agentJson }
  const child = {
    apiVersion: 'batch/v1',
    kind: scheduled ? 'CronJob' : 'Job',
    metadata: { name, namespace: 'n', ...(scheduled ? {} : { annotations: { [REVISION_ANNOTATION]: revision } }) },
    spec: { template: { metadata: { annotations }, spec: { image } } },
  }
  return {
    apiVersion: 'agentjob.io/v1alpha1',
    kind: 'AgentJob',
    metadata: { name: 'a', namespace: 'n' },
    spec: { prompt: 'Go.', suspend: false, ...spec },
    expansion: { revision, problems, references: [], resources: problems.length ? [] : [child] },
    status,
  } as unknown as AgentJob
}

const running: AgentJobStatus = { revision: 'aa', runs: [{ jobName: 'a-aa', revision: 'aa', phase: 'Running' }] }
const changed = { spec: { prompt: 'Stop.' }, revision: 'bb', agentJson: '{"prompt":"Stop."}' }
const absent: Problem = { reason: 'ReferenceNotFound', path: 'spec.runtimeRef', message: 'there is none' }

const cases: { name: string; live?: Given; dry: Given; files: string[]; meaning: string | undefined }[] = [
  { name: 'nothing', live: {}, dry: {}, files: [], meaning: undefined },
  {
    name: 'a new one',
    dry: {},
    files: ['AgentJob.n.a.yaml', 'Job.n.a-aa.yaml'],
    meaning: 'new: applying this runs it',
  },
  {
    name: 'a new one that is suspended',
    dry: { spec: { suspend: true } },
    files: ['AgentJob.n.a.yaml', 'Job.n.a-aa.yaml'],
    meaning: 'new: applying this runs it, once spec.suspend is false',
  },
  {
    name: 'a new schedule',
    dry: { spec: { schedule: '@daily' } },
    files: ['AgentJob.n.a.yaml', 'CronJob.n.a.yaml'],
    meaning: 'new: applying this puts the schedule in place',
  },
  {
    name: 'another prompt',
    live: {},
    dry: changed,
    files: ['AgentJob.n.a.yaml', 'Job.n.a-bb.yaml'],
    meaning: 'revision changes: applying this runs it again',
  },
  {
    name: 'another prompt while it runs',
    live: { status: running },
    dry: changed,
    files: ['AgentJob.n.a.yaml', 'Job.n.a-bb.yaml'],
    meaning: 'revision changes: applying this runs it again, and ends the run of Job a-aa',
  },
  {
    name: 'what decides nothing of the run',
    live: {},
    dry: { spec: { ttlSecondsAfterFinished: 60 } },
    files: ['AgentJob.n.a.yaml'],
    meaning: 'revision stays: applying this runs nothing',
  },
  {
    name: 'a schedule',
    live: { spec: { schedule: '@daily' } },
    dry: { spec: { schedule: '@daily' }, image: 'x:2' },
    files: ['CronJob.n.a.yaml'],
    meaning: 'the next run takes it',
  },
  {
    name: 'a schedule that becomes a one-shot',
    live: { spec: { schedule: '@daily' } },
    dry: {},
    files: ['AgentJob.n.a.yaml', 'Job.n.a-aa.yaml', 'CronJob.n.a.yaml'],
    meaning: 'revision changes: applying this runs it again',
  },
  {
    name: 'something in the way',
    live: {},
    dry: { spec: { runtimeRef: 'none' }, problems: [absent] },
    files: ['AgentJob.n.a.yaml', 'Job.n.a-aa.yaml'],
    meaning: 'applying this runs nothing until this is over: spec.runtimeRef: there is none',
  },
]
test.each(cases)('$name', ({ live, dry, files, meaning }) => {
  const { changes, meaning: told } = compare(live && agentJob(live), agentJob(dry))
  expect(changes.map(({ file }) => file)).toEqual(files)
  expect(told).toBe(meaning)
})

test('the Job of another revision is compared with the one before, its agent.json line by line', () => {
  const job = compare(agentJob(), agentJob(changed)).changes.find(({ file }) => file.startsWith('Job.'))
  expect(job?.before).toContain('agentjob.io/agent.json:\n          prompt: Go.\n')
  expect(job?.after).toContain('agentjob.io/agent.json:\n          prompt: Stop.\n')
})

test('what only looks like JSON stays as it is', () => {
  const [, job] = compare(undefined, agentJob({ agentJson: '{not json' })).changes
  expect(job?.after).toContain('"{not json"')
})
