import { expect, test } from 'bun:test'
import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import { canonicalJson } from '../api/hash.ts'
import { deriveStatus } from './derive.ts'
import type { ContainerState, ObservedRun, Pod } from './observed.ts'
import { ENDED, job, observed, pod, STARTED } from './testdata/observed.ts'

/** The statuses that are written while a run goes through these states, each derived from the one before. */
function written(states: ObservedRun[][], owned = [{ kind: 'Job', name: 'a-e1' }]): AgentJobStatus[] {
  const statuses: AgentJobStatus[] = []
  for (const [seconds, runs] of states.entries()) {
    const now = new Date(Date.parse(STARTED) + seconds * 1000)
    const status = deriveStatus(observed({ runs, owned, now, status: statuses.at(-1) }))
    if (canonicalJson(status) !== canonicalJson(statuses.at(-1))) statuses.push(status)
  }
  return statuses
}
const phases = (states: ObservedRun[][]) => written(states).map(({ phase }) => phase)

const agent = (state: ContainerState | undefined, phase: string, scheduled: boolean): Pod => ({
  ...pod(state, {
    phase,
    conditions: scheduled ? [{ type: 'PodScheduled', status: 'True', lastTransitionTime: STARTED }] : [],
  }),
})
const created = job('e1')
const counted = job('e1', { status: { startTime: STARTED, active: 1 } })
const atWork = agent({ running: { startedAt: STARTED } }, 'Running', true)
const out = (exitCode: number, reason: string) =>
  agent(
    { terminated: { exitCode, reason, message: 'its last word', finishedAt: ENDED } },
    exitCode ? 'Failed' : 'Succeeded',
    true,
  )
/** From the Job's creation to the agent at work, as the API server tells it: Jobs and pods on watches of their own. */
const starting: ObservedRun[][] = [
  [{ job: created, pods: [] }],
  [{ job: created, pods: [agent(undefined, 'Pending', false)] }],
  [{ job: counted, pods: [agent(undefined, 'Pending', false)] }],
  [{ job: counted, pods: [agent(undefined, 'Pending', true)] }],
  [{ job: counted, pods: [agent({ waiting: { reason: 'ContainerCreating' } }, 'Pending', true)] }],
  [{ job: counted, pods: [atWork] }],
  [{ job: job('e1', { status: { startTime: STARTED, active: 1, failed: 0 } }), pods: [atWork] }],
]

/** What the Job controller writes while it counts a pod that has ended. */
function ending(pods: Pod[], type: 'Complete' | 'Failed', reason?: string): ObservedRun[][] {
  const counts = type === 'Complete' ? { succeeded: 1 } : { failed: 1 }
  const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: ENDED, reason })
  const early = condition(type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget')
  const ended = { startTime: STARTED, ...counts, conditions: [early, condition(type)] }
  const final = job('e1', { status: type === 'Complete' ? { ...ended, completionTime: ENDED } : ended })
  return [
    [{ job: counted, pods }],
    [{ job: job('e1', { status: { startTime: STARTED } }), pods }],
    [{ job: job('e1', { status: { startTime: STARTED, conditions: [early] } }), pods }],
    [{ job: final, pods }],
    [{ job: { ...final, metadata: { ...final.metadata, deletionTimestamp: ENDED } }, pods }],
    [{ job: { ...final, metadata: { ...final.metadata, deletionTimestamp: ENDED } }, pods: [] }],
    [],
  ]
}

test('one write a phase: a run that succeeds, and is removed by its TTL', () =>
  expect(phases([...starting, ...ending([out(0, 'Completed')], 'Complete')])).toEqual([
    'Pending',
    'Running',
    'Succeeded',
  ]))

test('one write a phase: a run that fails, and is removed by its TTL', () =>
  expect(phases([...starting, ...ending([out(7, 'Error')], 'Failed', 'BackoffLimitExceeded')])).toEqual([
    'Pending',
    'Running',
    'Failed',
  ]))

test('one write a phase: a run past its time', () => {
  const late = { ...out(143, 'Error'), status: { ...out(143, 'Error').status, reason: 'DeadlineExceeded' } }
  expect(phases([...starting, ...ending([late], 'Failed', 'BackoffLimitExceeded')])).toEqual([
    'Pending',
    'Running',
    'TimedOut',
  ])
})

test('one write a phase: a run whose pod is deleted with the Job that has run out of time', () => {
  const lost = agent(undefined, 'Pending', false)
  const states = [...starting.slice(0, 4), ...ending([lost], 'Failed', 'DeadlineExceeded')]
  expect(phases(states)).toEqual(['Pending', 'TimedOut'])
})

test('a second attempt is one more write, which counts it', () => {
  const first = { ...out(1, 'Error'), metadata: { name: 'first', creationTimestamp: STARTED } }
  const second = (pod: Pod): Pod => ({ ...pod, metadata: { name: 'second', creationTimestamp: ENDED } })
  const twice = job('e1', { status: { startTime: STARTED, active: 1, failed: 1 } })
  const states: ObservedRun[][] = [
    ...starting,
    [{ job: counted, pods: [first] }],
    [{ job: job('e1', { status: { startTime: STARTED } }), pods: [first] }],
    [{ job: job('e1', { status: { startTime: STARTED, failed: 1 } }), pods: [first] }],
    [{ job: twice, pods: [first, second(agent(undefined, 'Pending', false))] }],
    [{ job: twice, pods: [first, second(agent({ waiting: { reason: 'ContainerCreating' } }, 'Pending', true))] }],
    [{ job: twice, pods: [first, second(atWork)] }],
  ]
  const statuses = written(states)
  expect(statuses.map(({ phase, attempts, message }) => `${phase} ${attempts ?? '-'} ${message ?? '-'}`)).toEqual([
    'Pending - the pod is starting',
    'Running 1 -',
    'Running 2 attempt 2, after exit code 1',
  ])
})

test('so is a third, also where the Job tells it before its pod is seen', () => {
  const at = (name: string, time: string, one: Pod): Pod => ({ ...one, metadata: { name, creationTimestamp: time } })
  const [first, second] = [at('first', STARTED, out(1, 'Error')), at('second', ENDED, out(137, 'OOMKilled'))]
  const counting = (active: number, failed: number) => job('e1', { status: { startTime: STARTED, active, failed } })
  const states: ObservedRun[][] = [
    ...starting,
    [{ job: counting(1, 1), pods: [first] }],
    [{ job: counting(1, 1), pods: [first, at('second', ENDED, atWork)] }],
    [{ job: counting(1, 1), pods: [first, second] }],
    [{ job: counting(0, 1), pods: [first, second] }],
    [{ job: counting(0, 2), pods: [first, second] }],
    [{ job: counting(1, 2), pods: [first, second] }],
    [{ job: counting(1, 2), pods: [second] }],
  ]
  const attempts = written(states).map(({ runs }) => `${runs?.[0]?.attempts ?? '-'} ${runs?.[0]?.lastFailure ?? '-'}`)
  expect(attempts).toEqual(['- -', '1 -', '2 exit code 1', '3 OOMKilled'])
})

test('a pod that is taken away and does not count is one more write, and no phase', () => {
  const ignoring = (status: object) =>
    job('e1', { status: { startTime: STARTED, ...status }, podFailurePolicy: { rules: [{ action: 'Ignore' }] } })
  const gone = out(143, 'Error')
  const target = { type: 'DisruptionTarget', status: 'True', lastTransitionTime: STARTED }
  const going: Pod = { ...gone, status: { ...gone.status, conditions: [target] } }
  const next = (pod: Pod): Pod => ({ ...pod, metadata: { name: 'next', creationTimestamp: ENDED } })
  const states: ObservedRun[][] = [
    ...starting,
    [{ job: ignoring({ active: 1 }), pods: [{ ...atWork, status: { ...atWork.status, conditions: [target] } }] }],
    [{ job: ignoring({ active: 1 }), pods: [going] }],
    [{ job: ignoring({}), pods: [going] }],
    [{ job: ignoring({}), pods: [] }],
    [{ job: ignoring({ active: 1 }), pods: [next(agent(undefined, 'Pending', false))] }],
    [{ job: ignoring({ active: 1 }), pods: [next(atWork)] }],
  ]
  expect(written(states).map(({ phase, message }) => `${phase} ${message ?? '-'}`)).toEqual([
    'Pending the pod is starting',
    'Running -',
    'Running attempt 1, after DisruptionTarget',
  ])
})

test('the conditions of a run change with its phase, and no sooner', () => {
  const statuses = written([...starting, ...ending([out(0, 'Completed')], 'Complete')])
  const times = statuses.map(({ conditions }) =>
    Object.fromEntries(conditions?.map((one) => [one.type, one.lastTransitionTime.slice(11, 19)]) ?? []),
  )
  const early = { Expanded: '09:00:05', UpToDate: '09:00:05' }
  expect(times).toEqual([
    { ...early, Ready: '09:00:05', Succeeded: '09:00:05', Reconciling: '09:00:05' },
    { ...early, Ready: '09:00:05', Succeeded: '09:00:05' },
    { ...early, Ready: '09:00:15', Succeeded: '09:00:15', Complete: '09:00:15' },
  ])
})
