import { describe, expect, test } from 'bun:test'
import type { ChildResource } from '../api/expansion.ts'
import { formatFinding } from '../api/finding.ts'
import { expand } from './expand.ts'
import { inputFor, lookupOf, type Objects, quotasOf, WITH_LIBRARY } from './fixtures.ts'
import { makesHeldJobs } from './held.ts'
import type { ExpandInput } from './input.ts'

const quota = (spec: object, name = 'team'): Objects => ({ [`AgentQuota/${name}`]: spec })
const refusals = (spec: object, objects: Objects, more: Partial<ExpandInput> = {}) =>
  expand(inputFor(spec, objects, more)).errors.map(formatFinding)

const RUNTIMES: Objects = {
  'AgentRuntime/claude-code': { image: 'registry.example.com/team/agent:1' },
  'AgentRuntime/library/shared': { image: 'registry.example.com/shared:1' },
}

const cases: { name: string; quota: object; spec: object; want: string[]; settings?: ExpandInput['settings'] }[] = [
  {
    name: 'a schedule that is denser',
    quota: { minScheduleIntervalSeconds: 900 },
    spec: { schedule: '*/5 * * * *' },
    want: ['spec.schedule: has runs 5m apart; AgentQuota "team" asks for at least 15m between any two'],
  },
  {
    name: 'two runs of a night',
    quota: { minScheduleIntervalSeconds: 5400 },
    spec: { schedule: '0 3,4 * * 1' },
    want: ['spec.schedule: has runs 1h apart; AgentQuota "team" asks for at least 1h30m between any two'],
  },
  {
    name: 'a schedule as dense as may be, and none',
    quota: { minScheduleIntervalSeconds: 900 },
    spec: { schedule: '*/15 * * * *' },
    want: [],
  },
  { name: 'no schedule', quota: { minScheduleIntervalSeconds: 900 }, spec: {}, want: [] },
  {
    name: 'one that never has two runs',
    quota: { minScheduleIntervalSeconds: 900 },
    spec: { schedule: '0 0 31 2 *' },
    want: [],
  },
  {
    name: 'a default that is too long',
    quota: { maxTimeoutSeconds: 1800 },
    spec: {},
    want: ['spec.timeoutSeconds: is 3600; AgentQuota "team" allows at most 1800, set it to that or less'],
  },
  { name: 'as long as may be', quota: { maxTimeoutSeconds: 1800 }, spec: { timeoutSeconds: 1800 }, want: [] },
  {
    name: 'another AgentRuntime',
    quota: { allowedRuntimes: ['claude-*', 'goose'] },
    spec: {},
    want: ['spec.runtimeRef: names AgentRuntime "echo" of namespace agents; AgentQuota "team" allows claude-*, goose'],
  },
  {
    name: 'one of that name',
    quota: { allowedRuntimes: ['claude-*'] },
    spec: { runtimeRef: 'claude-code' },
    want: [],
  },
  {
    name: 'one of the library by its namespace',
    quota: { allowedRuntimes: ['library/*'] },
    spec: { runtimeRef: 'shared' },
    settings: WITH_LIBRARY,
    want: [],
  },
  {
    name: 'one of its own namespace in the place of one of the library',
    quota: { allowedRuntimes: ['library/*'] },
    spec: { runtimeRef: 'claude-code' },
    settings: WITH_LIBRARY,
    want: ['spec.runtimeRef: names AgentRuntime "claude-code" of namespace agents; AgentQuota "team" allows library/*'],
  },
  {
    name: 'one that is not there yet, and could be allowed',
    quota: { allowedRuntimes: ['library/*'] },
    spec: { runtimeRef: 'later' },
    settings: WITH_LIBRARY,
    want: [],
  },
  {
    name: 'one that is not there yet, and cannot be',
    quota: { allowedRuntimes: ['library/*'] },
    spec: { runtimeRef: 'later' },
    want: ['spec.runtimeRef: names AgentRuntime "later"; AgentQuota "team" allows library/*'],
  },
  {
    name: 'no model',
    quota: { allowedModels: ['claude-*'] },
    spec: {},
    want: ['spec.model: is required, or the program takes a model of its own; AgentQuota "team" allows claude-*'],
  },
  {
    name: 'another model',
    quota: { allowedModels: ['claude-haiku-*', 'anthropic/*'] },
    spec: { model: 'claude-opus-4' },
    want: ['spec.model: is "claude-opus-4"; AgentQuota "team" allows claude-haiku-*, anthropic/*'],
  },
  { name: 'that model', quota: { allowedModels: ['anthropic/*'] }, spec: { model: 'anthropic/x' }, want: [] },
  {
    name: 'another image of the AgentRuntime',
    quota: { allowedImages: ['registry.example.com/team/*'] },
    spec: {},
    want: [
      'spec.runtimeRef: AgentRuntime "echo" has image "echo"; AgentQuota "team" allows registry.example.com/team/*',
    ],
  },
  {
    name: 'images of init containers, sidecars, volumes, a precheck and what fetches contexts',
    quota: { allowedImages: ['registry.example.com/team/*', 'alpine:*'] },
    spec: {
      runtimeRef: 'claude-code',
      precheck: { command: ['true'], image: 'busybox:1' },
      contexts: [{ type: 'Url', mountPath: '/a', url: { url: 'https://example.com/a' } }],
      podTemplate: {
        spec: {
          initContainers: [
            { name: 'first', image: 'evil:1' },
            { name: 'second', image: 'alpine:3' },
          ],
          containers: [{ name: 'beside', image: 'registry.example.com/team-evil/agent:1' }],
          volumes: [{ name: 'more', image: { reference: 'evil:2' } }],
        },
      },
    },
    want: [
      'spec: what it refers to is fetched with the operator\'s image "docker.io/curlimages/curl:8.11.1"; AgentQuota "team" allows registry.example.com/team/*, alpine:*',
      'spec.podTemplate: has image "evil:1"; AgentQuota "team" allows registry.example.com/team/*, alpine:*',
      'spec.podTemplate: has image "registry.example.com/team-evil/agent:1"; AgentQuota "team" allows registry.example.com/team/*, alpine:*',
      'spec.podTemplate: has image "evil:2"; AgentQuota "team" allows registry.example.com/team/*, alpine:*',
      'spec.precheck.image: is image "busybox:1"; AgentQuota "team" allows registry.example.com/team/*, alpine:*',
    ],
  },
  {
    name: 'an image with a / in it where somebody took * for everything',
    quota: { allowedImages: ['*'] },
    spec: { runtimeRef: 'claude-code' },
    want: [
      'spec.runtimeRef: AgentRuntime "claude-code" has image "registry.example.com/team/agent:1"; AgentQuota "team" allows *; * stands for nothing with a "/" in it, ** does',
    ],
  },
  {
    name: 'images of an AgentRuntime that is not there yet are seen when it comes',
    quota: { allowedImages: ['registry.example.com/**'] },
    spec: { runtimeRef: 'later' },
    want: [],
  },
]

describe('a change of the spec', () => {
  for (const { name, quota: spec, spec: job, want, settings } of cases)
    test(name, () => {
      const more = settings ? { settings } : {}
      expect(refusals(job, { ...RUNTIMES, ...quota(spec) }, more).sort()).toEqual([...want].sort())
    })

  test('is held to all AgentQuotas of the namespace, and told of each', () => {
    const two = { ...quota({ maxTimeoutSeconds: 60 }, 'one'), ...quota({ maxTimeoutSeconds: 120 }, 'two') }
    expect(refusals({ timeoutSeconds: 100 }, two)).toHaveLength(1)
    expect(refusals({ timeoutSeconds: 200 }, two)).toHaveLength(2)
    expect(refusals({ timeoutSeconds: 60 }, two)).toEqual([])
  })

  test('to one that was accepted before is held to them all the same', () => {
    const previous = expand(inputFor({ timeoutSeconds: 200 })).expansion
    expect(refusals({ timeoutSeconds: 200 }, quota({ maxTimeoutSeconds: 60 }), { previous })).toHaveLength(1)
  })

  test('that is wrong otherwise is told of everything at once', () => {
    const all = quota({ maxTimeoutSeconds: 60, allowedModels: ['a'] })
    expect(
      refusals({ authRef: 'token' }, { ...all, 'AgentAuth/token': { secretRef: { name: 's', key: 'k' } } }).length,
    ).toBe(3)
  })

  test('is refused where an AgentQuota is not valid', () => {
    expect(refusals({}, quota({ maxTimeoutSeconds: 'long' }))).toEqual([
      'metadata.namespace: AgentQuota "team" of this namespace is not valid, so nobody knows what it allows; have it mended or deleted',
    ])
  })

  test('may suspend what is not allowed any more, and not let it go on', () => {
    const objects = quota({ minScheduleIntervalSeconds: 900 })
    const { errors, warnings, expansion } = expand(inputFor({ schedule: '* * * * *', suspend: true }, objects))
    expect([errors, expansion.problems]).toEqual([[], []])
    expect(warnings.map(formatFinding)).toEqual([
      'spec.schedule: has runs 1m apart; AgentQuota "team" asks for at least 15m between any two; suspended it is stored, and refused when it is to go on',
    ])
    expect(refusals({ schedule: '* * * * *' }, objects, { previous: expansion })).toHaveLength(1)
  })
})

describe('a touch', () => {
  const SCHEDULE = { schedule: '* * * * *', timeoutSeconds: 600 }
  const first = expand(inputFor(SCHEDULE)).expansion
  const touched = (objects: Objects, previous = first) =>
    expand({
      ...inputFor(SCHEDULE),
      lookup: lookupOf(objects),
      quotas: quotasOf(objects),
      previous,
      specChanged: false,
    })
  const suspends = ({ resources }: typeof first) =>
    resources.map(({ kind, spec }) => `${kind} ${(spec as { suspend?: boolean }).suspend}`)
  const OTHER = { 'AgentRuntime/echo': { image: 'evil' } }
  const TIGHT = quota({
    ...{ minScheduleIntervalSeconds: 900, maxTimeoutSeconds: 60, allowedModels: ['a'] },
    ...{ allowedRuntimes: ['a'], allowedImages: ['a'] },
  })

  test('finds nothing where an AgentQuota has come since: what there is goes on', () => {
    expect(touched(TIGHT)).toEqual({ expansion: first, errors: [], warnings: [] })
  })

  test('that brings an image that is not allowed keeps what there is, pauses the schedule, and says why', () => {
    const objects = { ...OTHER, ...quota({ allowedImages: ['echo'] }) }
    const { expansion, errors } = touched(objects)
    expect(errors).toEqual([])
    expect(suspends(expansion)).toEqual(['CronJob true'])
    expect(JSON.stringify(expansion.resources)).not.toContain('evil')
    expect(expansion.problems).toEqual([
      {
        reason: 'ForbiddenByQuota',
        path: 'spec.runtimeRef',
        message: 'AgentRuntime "echo" has image "evil"; AgentQuota "team" allows echo',
      },
    ])
    // found when the AgentQuota changes
    const { hash } = quotasOf(objects)[0] as { hash: string }
    expect(expansion.references).toContainEqual({ kind: 'AgentQuota', namespace: 'agents', name: 'team', hash })
    expect(touched(objects, expansion).expansion).toEqual(expansion)
    expect(touched({ ...OTHER, ...quota({ allowedImages: ['evil'] }) }, expansion).expansion).toEqual(
      touched(OTHER).expansion,
    )
    expect(touched(quota({ allowedImages: ['echo'] }), expansion).expansion).toEqual(first)
  })

  test('what was rendered before is not forbidden by one AgentQuota more, although another forbids something new', () => {
    const { expansion } = touched({ ...OTHER, ...TIGHT })
    expect(expansion.problems.map(({ path }) => path)).toEqual(['spec.runtimeRef'])
    expect(touched(TIGHT, expansion).expansion).toEqual(first)
  })

  test("an AgentRuntime that comes in the place of the library's is another one", () => {
    const settings = WITH_LIBRARY
    const library = { 'AgentRuntime/library/shared': { image: 'echo' }, ...quota({ allowedRuntimes: ['library/*'] }) }
    const previous = expand(inputFor({ runtimeRef: 'shared' }, library, { settings })).expansion
    expect(previous.problems).toEqual([])
    const own = { ...library, 'AgentRuntime/shared': { image: 'echo' } }
    const again = { settings, previous, specChanged: false }
    expect(expand(inputFor({ runtimeRef: 'shared' }, own, again)).expansion.problems).toHaveLength(1)
  })

  test('is held to everything where nobody has asked admission for this spec', () => {
    const unadmitted = expand({ ...inputFor(SCHEDULE, TIGHT), specChanged: false }).expansion
    expect(unadmitted.problems.map(({ path }) => path)).toEqual([
      ...['spec.schedule', 'spec.timeoutSeconds', 'spec.runtimeRef', 'spec.model', 'spec.runtimeRef'],
    ])
    expect(unadmitted.resources).toEqual([])
    // and again, whoever asks next
    expect(touched(TIGHT, unadmitted).expansion).toEqual(unadmitted)
    expect(touched({}, unadmitted).expansion.problems).toEqual([])
  })

  test('is held to everything where the spec has changed unseen', () => {
    const other = expand(inputFor({ ...SCHEDULE, prompt: 'Something else.' })).expansion
    expect(touched(TIGHT, other).expansion.problems).toHaveLength(5)
  })
})

describe('an AgentQuota that counts runs', () => {
  const counting = [{ maxRunningRuns: 2 }, { maxRunsPerDay: 2 }]
  const cronJobOf = (spec: object, objects: Objects) =>
    expand(inputFor({ schedule: '@daily', ...spec }, objects)).expansion.resources[0] as ChildResource

  test.each(counting)('%p has the Jobs of schedules wait, and changes nothing else of the expansion', (spec) => {
    const [plain, held] = [cronJobOf({}, {}), cronJobOf({}, quota(spec))]
    expect([makesHeldJobs(plain), makesHeldJobs(held)]).toEqual([false, true])
    const [before, now] = [inputFor({ schedule: '@daily' }), inputFor({ schedule: '@daily' }, quota(spec))].map(expand)
    expect({ ...now?.expansion, resources: [] }).toEqual({ ...before?.expansion, resources: [] } as never)
  })

  test.each(counting)('%p and a queue of Kueue do not go together', (spec) => {
    expect(refusals({ queueName: 'agents' }, quota(spec))).toEqual([
      'spec.queueName: AgentQuota "team" counts runs, and a run can wait in one line only; remove queueName',
    ])
    const previous = expand(inputFor({ schedule: '@daily', queueName: 'agents' })).expansion
    const touch = { previous, specChanged: false }
    expect(expand(inputFor({ schedule: '@daily', queueName: 'agents' }, quota(spec), touch)).expansion).toEqual(
      previous,
    )
  })

  test('lets runs of a schedule pile up under Allow, and warns', () => {
    const { warnings } = expand(
      inputFor({ schedule: '@daily', concurrencyPolicy: 'Allow' }, quota({ maxRunningRuns: 1 })),
    )
    expect(warnings.map(formatFinding)).toEqual([
      'spec.concurrencyPolicy: Allow lets runs pile up while AgentQuota "team" has no place for them; with Forbid one waits at a time',
    ])
  })

  test('that does not is no reason to hold anything', () => {
    expect(makesHeldJobs(cronJobOf({}, quota({ maxTimeoutSeconds: 3600 })))).toBe(false)
  })
})
