import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { AgentJobStatus } from '../api/agentjobstatus.ts'
import { deriveStatus } from './derive.ts'
import type { ChildCondition, ContainerState, Job, ObservedRun, Pod } from './observed.ts'
import { isTerminal } from './run.ts'
import { asks, cronJob, type Given, job, observed, scheduledJob } from './testdata/observed.ts'

/** A member that may be missing, of a value that may be anything that the API server lets through. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const clock = (minute: number) => `2026-05-04T09:${String(minute).padStart(2, '0')}:00Z`
const time = fc.nat(59).map(clock)
const reason = fc.constantFrom(
  '',
  'DeadlineExceeded',
  'BackoffLimitExceeded',
  'PodFailurePolicy',
  'Evicted',
  'Error',
  'ImagePullBackOff',
)
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'x'.repeat(9000), '😀'.repeat(5000)))
const count = maybe(fc.integer({ min: 0, max: 3 }))

const condition = (...types: string[]): fc.Arbitrary<ChildCondition> =>
  fc.record(
    {
      type: fc.constantFrom(...types),
      status: fc.constantFrom('True', 'False', 'Unknown'),
      reason,
      message: text,
      lastTransitionTime: time,
    },
    { requiredKeys: ['type', 'status'] },
  )

const state: fc.Arbitrary<ContainerState> = fc.oneof(
  fc.constant({}),
  fc.record({ waiting: fc.record({ reason, message: text }, { requiredKeys: [] }) }),
  fc.record({ running: fc.record({ startedAt: time }, { requiredKeys: [] }) }),
  fc.record({
    terminated: fc.record(
      { exitCode: fc.integer({ min: 0, max: 255 }), reason, message: text, finishedAt: time },
      { requiredKeys: ['exitCode'] },
    ),
  }),
)
const containers = maybe(
  fc.array(fc.record({ name: fc.constantFrom('agent', 'sidecar', 'precheck'), state: maybe(state) }), { maxLength: 2 }),
)
const pods: fc.Arbitrary<Pod[]> = fc.uniqueArray(
  fc.record({
    metadata: fc.record({ name: fc.constantFrom('p', 'q', 'r'), creationTimestamp: maybe(time) }),
    status: maybe(
      fc.record({
        phase: maybe(fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown')),
        reason: maybe(reason),
        conditions: maybe(fc.array(condition('PodScheduled', 'DisruptionTarget'), { maxLength: 2 })),
        containerStatuses: containers,
        initContainerStatuses: containers,
      }),
    ),
  }),
  { selector: ({ metadata }) => metadata.name, maxLength: 3 },
)

const jobStatus: fc.Arbitrary<Job['status']> = maybe(
  fc.record({
    conditions: maybe(fc.array(condition('Complete', 'Failed', 'Suspended', 'FailureTarget'), { maxLength: 2 })),
    startTime: maybe(time),
    completionTime: maybe(time),
    active: count,
    succeeded: count,
    failed: count,
  }),
)
const jobGiven = fc.record({
  status: jobStatus,
  suspend: fc.boolean(),
  backoffLimit: count,
  podFailurePolicy: maybe(
    fc.constantFrom<NonNullable<Job['spec']>['podFailurePolicy']>(
      { rules: [{ action: 'Ignore' }] },
      asks.podFailurePolicy,
    ),
  ),
  ended: maybe(fc.constantFrom('Stopped', 'Superseded', 'x'.repeat(2000))),
  deleted: maybe(time),
})
const oneJob = (minutes: number) =>
  fc.oneof(
    fc.tuple(fc.constantFrom('e1', 'e2', 'e3'), jobGiven).map(([revision, given]) => job(revision, given)),
    fc.tuple(fc.nat(minutes - 1).map(clock), jobGiven).map(([at, given]) => scheduledJob(at, given)),
  )
const runs = (minutes: number): fc.Arbitrary<ObservedRun[]> =>
  fc.uniqueArray(fc.record({ job: oneJob(minutes), pods, failedCreate: maybe(text), failedMount: maybe(text) }), {
    selector: ({ job }) => job.metadata.uid,
    maxLength: 14,
  })

/** One look at an AgentJob, in whatever state it and its children are; one Job at most for each of these minutes. */
const look = (minutes: number): fc.Arbitrary<Given> =>
  fc.record({
    schedule: maybe(fc.constantFrom('* * * * *', '@every 7m', '0 0 31 2 *')),
    suspend: fc.boolean(),
    revision: fc.constantFrom('e1', 'e2', null, undefined),
    configHash: fc.constantFrom('c1', 'c2'),
    expansion: fc.constantFrom(null, undefined, undefined, undefined),
    verified: fc.constantFrom(false, true, true, true),
    problems: fc.constantFrom(
      [],
      [],
      [{ reason: 'Forbidden' as const, path: 'spec', message: 'x'.repeat(40_000) }],
      [{ reason: 'ReferenceNotFound' as const, path: 'spec.runtimeRef', message: 'there is none' }],
    ),
    failures: fc.constantFrom([], [], [{ reason: 'QuotaExceeded', message: 'exceeded quota' }]),
    runs: runs(minutes),
    cronJob: fc.oneof(
      fc.constant(undefined),
      fc.record({ suspend: fc.boolean(), last: maybe(time) }).map((given) => cronJob(given)),
    ),
    concurrencyPolicy: fc.constantFrom('Allow', 'Forbid', 'Replace'),
    startingDeadlineSeconds: maybe(fc.constantFrom(0, 60, 3600)),
    seenSince: maybe(time.map((at) => new Date(at))),
    now: time.map((at) => new Date(at)),
  })
/** What is not expanded cannot be verified. */
const withoutContradiction = (given: Given): Given => (given.expansion === null ? { ...given, verified: false } : given)

function statusesOf(list: Given[]): { given: Given; status: AgentJobStatus }[] {
  const statuses: { given: Given; status: AgentJobStatus }[] = []
  for (const one of list) {
    const given = { ...one, status: statuses.at(-1)?.status }
    statuses.push({ given, status: deriveStatus(observed(given)) })
  }
  return statuses
}

const RUNS = Number(process.env.AGENTJOB_PROPERTY_RUNS ?? 150)

/**
 * Of every list of looks, each with the status that the one before has given. With six minutes no more Jobs are seen
 * than a status remembers; what it has forgotten it cannot keep.
 */
const always = (what: string, check: (list: Given[]) => void, minutes = 6) =>
  test(`a status ${what}`, () => {
    const looks = fc.array(look(minutes).map(withoutContradiction), { minLength: 1, maxLength: 4 })
    fc.assert(fc.property(looks, check), { numRuns: RUNS })
  })

always('is one that the schema knows, whatever the children say', (list) => {
  for (const { status } of statusesOf(list)) {
    const stored = JSON.parse(JSON.stringify(status))
    expect(stored).toStrictEqual(status)
    expect(AgentJobStatus.strict().safeParse(status).error?.issues).toBeUndefined()
  }
})

always('derived again from itself is the same', (list) => {
  for (const { given, status } of statusesOf(list))
    expect(deriveStatus(observed({ ...given, status }))).toStrictEqual(status)
})

test('a time that was held until a moment ago was so at the next look, too', () => {
  const base = { schedule: '* * * * *', revision: 'e1', configHash: 'c1', verified: true, problems: [], runs: [] }
  const held = { ...base, suspend: true, failures: [], now: new Date('2026-05-04T09:00:00Z') } as unknown as Given
  const lastScheduleTime = '2026-05-04T09:02:00Z'
  const free = {
    ...{ ...base, suspend: false, failures: [], now: new Date('2026-05-04T09:01:00Z') },
    cronJob: cronJob({ suspend: false, last: lastScheduleTime }),
  } as unknown as Given
  for (const { given, status } of statusesOf([held, free]))
    expect(deriveStatus(observed({ ...given, status }))).toStrictEqual(status)
})

always('does not depend on the order of Jobs and pods', (list) => {
  for (const { given, status } of statusesOf(list)) {
    const reversed = given.runs?.map((one) => ({ ...one, pods: [...one.pods].reverse() })).reverse()
    expect(deriveStatus(observed({ ...given, runs: reversed }))).toStrictEqual(status)
  }
})

always('never takes back that a run has ended', (list) => {
  for (const { given, status } of statusesOf(list))
    for (const before of given.status?.runs ?? []) {
      const now = status.runs?.find(({ uid }) => uid === before.uid)
      if (now && isTerminal(before.phase)) expect(isTerminal(now.phase)).toBe(true)
    }
})

always(
  'remembers ten runs at most, each once',
  (list) => {
    for (const { status } of statusesOf(list)) {
      const uids = status.runs?.map(({ uid }) => uid) ?? []
      expect(new Set(uids).size).toBe(uids.length)
      expect(uids.length).toBeLessThanOrEqual(10)
    }
  },
  60,
)

test('a status with ten results of the longest is small beside what an object can hold', () => {
  const looks = [...Array(12).keys()].map((minute) => {
    const at = `2026-05-04T09:${String(minute).padStart(2, '0')}:00Z`
    const status = { startTime: at, succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] }
    const terminated = { exitCode: 0, message: '\u0001'.repeat(4096) }
    const containerStatuses = [{ name: 'agent', state: { terminated } }]
    return {
      job: scheduledJob(at, { status }),
      pods: [{ metadata: { name: `p${minute}` }, status: { containerStatuses } }],
    }
  })
  const status = deriveStatus(observed({ schedule: '* * * * *', cronJob: cronJob(), runs: looks }))
  expect(status.runs?.map(({ result }) => result?.length)).toEqual([4096, ...Array(9).fill(1024)])
  // each character six bytes of JSON, the worst there is
  expect(JSON.stringify(status).length).toBeLessThan(128 * 1024)
})
