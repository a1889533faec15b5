import { beforeAll, describe, expect, test } from 'bun:test'
import type { AgentJob } from '../../src/api/agentjob.ts'
import { Phase } from '../../src/api/agentjobstatus.ts'
import type { Problem } from '../../src/api/expansion.ts'
import { deriveStatus } from '../../src/status/derive.ts'
import { kstatusOf } from '../../src/status/testdata/kstatus.ts'
import {
  active,
  asked,
  asks,
  complete,
  cronJob,
  failed,
  type Given,
  job,
  nothingToDo,
  observed,
  pod,
  running,
  scheduledJob,
  terminated,
} from '../../src/status/testdata/observed.ts'
import { HEALTH_CHECK_EXPRS, HEALTH_LUA } from './examples.ts'
import { type ArgoVerdict, argoHealth, type FluxVerdict, fluxHealth } from './programs.ts'

/*
 * What Argo CD and Flux make of an AgentJob, by their own code, from the files of examples/gitops as they stand there.
 * Each status is what the controller derives from children in that state.
 */

const MORNING = '2026-05-04T09:00:00Z'
const YESTERDAY = '2026-05-03T09:00:00Z'
const absent: Problem = { reason: 'ReferenceNotFound', path: 'spec.runtimeRef', message: 'there is no such thing' }
const forbidden: Problem = { reason: 'Forbidden', path: 'spec.clusterAccessRef', message: 'not entitled' }
const nightly = { schedule: '30 2 * * *', cronJob: cronJob() }
const tooLate = pod({ terminated: { exitCode: 143, reason: 'Error' } }, { phase: 'Failed', reason: 'DeadlineExceeded' })
const stopped = { job: job('e1', { ended: 'Stopped', status: failed() }), pods: [tooLate] }
const lastFailed = { job: scheduledJob(YESTERDAY, { status: failed() }), pods: [terminated(7)] }
const lastGood = { job: scheduledJob(YESTERDAY, { status: complete }), pods: [terminated(0)] }
const underWay = { job: scheduledJob(MORNING, { status: active }), pods: [running()] }
const inQueue = { job: scheduledJob(MORNING, { suspend: true }), pods: [] }

interface Case {
  name: string
  given: Given
  /** Of the status that the controller derives; null where it has not looked yet. */
  phase: Phase | null
  argocd: 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended'
  /** With the expressions. */
  flux: 'Current' | 'InProgress' | 'Failed'
  /** With `wait: true` alone, where that is something else. */
  wait?: 'Current' | 'InProgress' | 'Failed'
  /** A part of what Argo CD says. */
  message?: string
  /** What has happened to the object since. */
  since?: (object: AgentJob) => void
}

const run = (given: Given['runs']): Given => ({ runs: given })
const CASES: Case[] = [
  {
    name: 'just created',
    given: {},
    phase: null,
    ...{ argocd: 'Progressing', flux: 'InProgress', message: 'has not looked' },
    // what the API server shows of an object whose status nobody has written
    since: (object) => Object.assign(object, { status: { observedGeneration: -1 } }),
  },
  {
    name: 'the Job is being created',
    given: {},
    phase: 'Pending',
    ...{ argocd: 'Progressing', flux: 'InProgress', message: 'the Job is being created' },
  },
  {
    name: 'a reference that has not arrived yet',
    given: { problems: [absent] },
    phase: 'Pending',
    ...{ argocd: 'Progressing', flux: 'InProgress', message: 'spec.runtimeRef: there is no such thing' },
  },
  {
    name: 'a reference that it may not use',
    given: { problems: [forbidden] },
    phase: 'Pending',
    ...{ argocd: 'Degraded', flux: 'Failed', message: 'not entitled' },
  },
  {
    name: 'suspended',
    given: { suspend: true },
    phase: 'Suspended',
    ...{ argocd: 'Suspended', flux: 'Current', wait: 'InProgress', message: 'spec.suspend is true' },
  },
  {
    name: 'waits for its turn',
    given: run([{ job: job('e1', { suspend: true }), pods: [] }]),
    phase: 'Queued',
    ...{ argocd: 'Progressing', flux: 'InProgress', message: 'until its queue admits it' },
  },
  {
    name: 'runs',
    given: run([{ job: job('e1', { status: active }), pods: [running()] }]),
    phase: 'Running',
    ...{ argocd: 'Progressing', flux: 'InProgress', message: 'Running' },
  },
  {
    name: 'succeeded',
    given: run([{ job: job('e1', { status: complete }), pods: [terminated(0, 'done')] }]),
    phase: 'Succeeded',
    ...{ argocd: 'Healthy', flux: 'Current', message: 'the run succeeded' },
  },
  {
    name: 'succeeded, and its spec has changed since',
    given: run([{ job: job('e1', { status: complete }), pods: [terminated(0, 'done')] }]),
    phase: 'Succeeded',
    ...{ argocd: 'Progressing', flux: 'InProgress', message: 'has not looked' },
    since: ({ metadata }) => Object.assign(metadata, { generation: 4 }),
  },
  {
    name: 'had nothing to do',
    given: run([{ job: job('e1', { ...asks, status: nothingToDo }), pods: [asked(1)] }]),
    phase: 'Skipped',
    ...{ argocd: 'Healthy', flux: 'Current', message: 'nothing to do' },
  },
  {
    name: 'failed',
    given: run([{ job: job('e1', { status: failed() }), pods: [terminated(7)] }]),
    phase: 'Failed',
    ...{ argocd: 'Degraded', flux: 'Failed', message: 'the agent exited with code 7' },
  },
  {
    name: 'failed, and its spec has changed since',
    given: run([{ job: job('e1', { status: failed() }), pods: [terminated(7)] }]),
    phase: 'Failed',
    ...{ argocd: 'Progressing', flux: 'InProgress', message: 'has not looked' },
    since: ({ metadata }) => Object.assign(metadata, { generation: 4 }),
  },
  {
    name: 'took too long',
    given: run([{ job: job('e1', { status: failed() }), pods: [tooLate] }]),
    phase: 'TimedOut',
    ...{ argocd: 'Degraded', flux: 'Failed', message: 'longer than spec.timeoutSeconds' },
  },
  {
    name: 'was stopped',
    given: run([stopped]),
    phase: 'Stopped',
    ...{ argocd: 'Degraded', flux: 'Failed', message: 'the run was stopped' },
  },
  {
    name: 'failed, and is suspended now',
    given: { suspend: true, runs: [{ job: job('e1', { status: failed() }), pods: [terminated(7)] }] },
    phase: 'Failed',
    ...{ argocd: 'Degraded', flux: 'Failed', message: 'the agent exited with code 7' },
  },
]

const SCHEDULES: Case[] = [
  {
    name: 'the CronJob is being created',
    given: { schedule: nightly.schedule },
    phase: 'Pending',
    ...{ argocd: 'Progressing', flux: 'InProgress', message: 'the CronJob is being created' },
  },
  {
    name: 'in place',
    given: nightly,
    phase: 'Scheduled',
    ...{ argocd: 'Healthy', flux: 'Current', message: 'the schedule is in place' },
  },
  {
    name: 'suspended',
    given: { ...nightly, suspend: true },
    phase: 'Suspended',
    ...{ argocd: 'Suspended', flux: 'Current', message: 'the schedule pauses' },
  },
  {
    name: 'its first run is under way',
    given: { ...nightly, runs: [underWay] },
    phase: 'Running',
    ...{ argocd: 'Healthy', flux: 'Current', message: 'the schedule is in place' },
  },
  {
    name: 'a run that waits for its turn',
    given: { ...nightly, runs: [inQueue] },
    phase: 'Queued',
    ...{ argocd: 'Healthy', flux: 'Current', message: 'the schedule is in place' },
  },
  {
    name: 'the last run succeeded',
    given: { ...nightly, runs: [lastGood] },
    phase: 'Scheduled',
    ...{ argocd: 'Healthy', flux: 'Current' },
  },
  {
    name: 'the last run had nothing to do',
    given: {
      ...nightly,
      runs: [{ job: scheduledJob(YESTERDAY, { ...asks, status: nothingToDo }), pods: [asked(1)] }],
    },
    phase: 'Scheduled',
    ...{ argocd: 'Healthy', flux: 'Current' },
  },
  {
    name: 'the last run failed',
    given: { ...nightly, runs: [lastFailed] },
    phase: 'Scheduled',
    ...{ argocd: 'Degraded', flux: 'Failed', wait: 'Current', message: 'the agent exited with code 7' },
  },
  {
    name: 'the last run failed, and the next one is under way',
    given: { ...nightly, runs: [underWay, lastFailed] },
    phase: 'Running',
    ...{ argocd: 'Degraded', flux: 'Failed', wait: 'Current', message: 'the agent exited with code 7' },
  },
  {
    name: 'the last run failed, and the next one succeeded',
    given: { ...nightly, runs: [{ ...lastGood, job: scheduledJob(MORNING, { status: complete }) }, lastFailed] },
    phase: 'Scheduled',
    ...{ argocd: 'Healthy', flux: 'Current' },
  },
  {
    name: 'the last run failed, and the schedule pauses',
    given: { ...nightly, suspend: true, runs: [lastFailed] },
    phase: 'Suspended',
    ...{ argocd: 'Suspended', flux: 'Current', message: 'the schedule pauses' },
  },
  {
    name: 'a run under way, and something in the way of the next',
    given: { ...nightly, problems: [forbidden], runs: [underWay] },
    phase: 'Running',
    ...{ argocd: 'Degraded', flux: 'Failed', message: 'not entitled' },
  },
  {
    name: 'suspended, with something in the way',
    given: { ...nightly, suspend: true, problems: [forbidden] },
    phase: 'Pending',
    ...{ argocd: 'Degraded', flux: 'Failed', message: 'not entitled' },
  },
]

/** The object as the API server has it, once the controller has written its status. */
function objectOf({ given, phase, since }: Case): AgentJob {
  const all = observed(given)
  const status = deriveStatus(all)
  if (phase !== null) expect(status.phase).toBe(phase)
  const object: AgentJob = structuredClone({ ...all.job, status })
  since?.(object)
  return object
}

for (const [what, cases] of Object.entries({ 'a one-shot': CASES, 'a schedule': SCHEDULES }))
  describe(what, () => {
    const objects = cases.map(objectOf)
    let argo: ArgoVerdict[]
    let flux: FluxVerdict[]
    beforeAll(async () => {
      argo = await argoHealth(HEALTH_LUA, objects)
      flux = await fluxHealth(HEALTH_CHECK_EXPRS, objects)
    }, 1_200_000)

    cases.forEach((one, index) => {
      test(one.name, () => {
        expect(argo[index]).toEqual({ status: one.argocd, message: expect.stringContaining(one.message ?? '') })
        expect(flux[index]).toEqual({ wait: one.wait ?? one.flux, exprs: one.flux })
        // what our unit tests of the status take for kstatus
        expect(kstatusOf(objects[index] as AgentJob)).toBe(flux[index]?.wait as ReturnType<typeof kstatusOf>)
      })
    })
  })

test('there is a case for every phase', () => {
  const tried = new Set([...CASES, ...SCHEDULES].map(({ phase }) => phase))
  expect(Phase.options.filter((phase) => !tried.has(phase))).toEqual([])
})

const bare = { ...observed({}).job, status: undefined } as AgentJob
test('an object without any status, as older CRDs have it, is waited for', async () => {
  expect(await argoHealth(HEALTH_LUA, [bare])).toEqual([{ status: 'Progressing', message: expect.any(String) }])
  const [flux] = await fluxHealth(HEALTH_CHECK_EXPRS, [bare])
  expect(flux?.exprs).toBe('Unknown')
})

test('one that is being deleted is waited for, whatever it has come to', async () => {
  const object = objectOf(CASES.find(({ name }) => name === 'failed') as Case)
  Object.assign(object.metadata, { deletionTimestamp: MORNING })
  expect(await argoHealth(HEALTH_LUA, [object])).toEqual([{ status: 'Progressing', message: 'Pending deletion' }])
})

test('without the health check Argo CD says nothing of an AgentJob', async () => {
  const object = objectOf(CASES.find(({ name }) => name === 'failed') as Case)
  expect(await argoHealth('', [object])).toEqual([{}])
})
