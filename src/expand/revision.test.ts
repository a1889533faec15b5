import { describe, expect, test } from 'bun:test'
import { agentJob } from './fixtures.ts'
import { hashesOf, nextRevision, type RevisionBasis, restoredRevision, specHash } from './revision.ts'

const spec = (given: object = {}) => agentJob(given).spec
const inputHash = (given: object) => hashesOf(spec(given)).inputHash

describe('hashesOf', () => {
  const same: { name: string; one: object; other: object }[] = [
    {
      name: 'a default spelled out',
      one: {},
      other: { timeoutSeconds: 3600, persist: false, env: [], persistence: {} },
    },
    { name: 'suspend', one: {}, other: { suspend: true } },
    { name: 'ttlSecondsAfterFinished', one: {}, other: { ttlSecondsAfterFinished: 1 } },
    { name: 'history limits', one: {}, other: { successfulRunsHistoryLimit: 0, failedRunsHistoryLimit: 0 } },
    { name: 'redeploy', one: {}, other: { redeploy: 'Never' } },
    { name: 'queueName', one: {}, other: { queueName: 'q' } },
    { name: 'priorityClassName', one: {}, other: { priorityClassName: 'p' } },
    { name: 'notify', one: {}, other: { notify: { url: 'https://hooks.example.com' } } },
    { name: 'timezone without a schedule', one: {}, other: { timezone: 'Europe/Paris' } },
    { name: 'concurrencyPolicy without a schedule', one: {}, other: { concurrencyPolicy: 'Allow' } },
    { name: 'startingDeadlineSeconds without a schedule', one: {}, other: { startingDeadlineSeconds: 60 } },
  ]
  for (const { name, one, other } of same)
    test(`${name} is no input`, () => expect(inputHash(other)).toBe(inputHash(one)))

  const different: { name: string; one: object; other: object }[] = [
    { name: 'prompt', one: {}, other: { prompt: 'Say good night.' } },
    { name: 'timeoutSeconds', one: {}, other: { timeoutSeconds: 60 } },
    { name: 'backoffLimit', one: {}, other: { backoffLimit: 1 } },
    { name: 'podTemplate', one: {}, other: { podTemplate: { spec: {} } } },
    { name: 'the order of skills', one: { skillRefs: ['a', 'b'] }, other: { skillRefs: ['b', 'a'] } },
    { name: 'a schedule', one: {}, other: { schedule: '@daily' } },
    {
      name: 'timezone of a schedule',
      one: { schedule: '@daily' },
      other: { schedule: '@daily', timezone: 'Europe/Paris' },
    },
  ]
  for (const { name, one, other } of different)
    test(`${name} is input`, () => expect(inputHash(other)).not.toBe(inputHash(one)))

  test('the hash of the spec tells every change, and needs no defaults', () => {
    expect(hashesOf(spec({ suspend: true })).specHash).not.toBe(hashesOf(spec()).specHash)
    expect(specHash({ prompt: 'Say hello.', runtimeRef: 'echo' })).toBe(hashesOf(spec()).specHash)
    for (const shape of [undefined, null, 'x', [], { env: 5 }]) expect(specHash(shape)).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('nextRevision', () => {
  const BEFORE: RevisionBasis = { inputHash: 'in', referencesHash: 'refs', rerun: undefined }
  const cases: { name: string; given: object; now: Partial<RevisionBasis>; runs: boolean; before?: object }[] = [
    { name: 'nothing changed', given: {}, now: {}, runs: false },
    { name: 'the input changed', given: {}, now: { inputHash: 'x' }, runs: true },
    { name: 'the input changed, Never', given: { redeploy: 'Never' }, now: { inputHash: 'x' }, runs: false },
    { name: 'the input of a schedule changed', given: { schedule: '@daily' }, now: { inputHash: 'x' }, runs: false },
    { name: 'a reference changed', given: {}, now: { referencesHash: 'x' }, runs: false },
    {
      name: 'a reference changed, OnChange',
      given: { redeploy: 'OnChange' },
      now: { referencesHash: 'x' },
      runs: true,
    },
    {
      name: 'a reference is missing, OnChange',
      given: { redeploy: 'OnChange' },
      now: { referencesHash: undefined },
      runs: false,
    },
    {
      name: 'a reference appeared, OnChange',
      given: { redeploy: 'OnChange' },
      now: {},
      before: { referencesHash: undefined },
      runs: false,
    },
    {
      name: 'a reference of a schedule changed, OnChange',
      given: { redeploy: 'OnChange', schedule: '@daily' },
      now: { referencesHash: 'x' },
      runs: false,
    },
    { name: 'a rerun token', given: {}, now: { rerun: '1' }, runs: true },
    { name: 'a rerun token, Never', given: { redeploy: 'Never' }, now: { rerun: '1' }, runs: true },
    { name: 'a rerun token of a schedule', given: { schedule: '@daily' }, now: { rerun: '1' }, runs: true },
    { name: 'the same rerun token', given: {}, now: { rerun: '1' }, before: { rerun: '1' }, runs: false },
  ]
  for (const { name, given, now, before, runs } of cases)
    test(`${name}: ${runs ? 'runs' : 'does not run'}`, () => {
      const previous = { ...BEFORE, ...before, revision: '00000000' }
      const revision = nextRevision(spec(given), { ...BEFORE, ...now }, previous)
      if (runs) expect(revision).toMatch(/^(?!00000000)[0-9a-f]{8}$/)
      else expect(revision).toBe('00000000')
    })

  test('is chained to the one before', () => {
    const first = nextRevision(spec(), BEFORE, undefined)
    const second = nextRevision(spec(), { ...BEFORE, inputHash: 'x' }, { ...BEFORE, revision: first })
    const third = nextRevision(spec(), BEFORE, { ...BEFORE, inputHash: 'x', revision: second })
    expect(new Set([first, second, third]).size).toBe(3)
  })

  test('counts references only where they can make it run again', () => {
    const other = { ...BEFORE, referencesHash: 'x' }
    expect(nextRevision(spec(), other, undefined)).toBe(nextRevision(spec(), BEFORE, undefined))
    const onChange = spec({ redeploy: 'OnChange' })
    expect(nextRevision(onChange, other, undefined)).not.toBe(nextRevision(onChange, BEFORE, undefined))
  })
})

describe('restoredRevision', () => {
  const job = agentJob({})
  const basis = { inputHash: inputHash({}), referencesHash: 'r', rerun: undefined }
  const begun = { ...basis, revision: nextRevision(job.spec, basis, undefined) }
  const status = { revision: 'before', inputHash: basis.inputHash }
  for (const { name, expansion = begun, given = status, want } of [
    { name: 'a status with a revision that the object never had', want: 'before' },
    { name: 'the same of one with a token', expansion: withToken('again'), want: 'before' },
    { name: 'no status', given: {} },
    { name: 'a status of the object itself', given: { ...status, revision: begun.revision } },
    { name: 'a status that speaks of another input', given: { ...status, inputHash: 'other' } },
    // what the object has started itself, before it was to run again
    { name: 'a revision that is not the first', expansion: { ...begun, revision: 'second' } },
  ] as { name: string; expansion?: typeof begun; given?: object; want?: string }[])
    test(`${name}: ${want ?? 'none'}`, () =>
      expect(restoredRevision({ ...job, expansion: expansion as never, status: given })).toBe(want as string))

  function withToken(rerun: string) {
    const made = { ...basis, rerun }
    return { ...made, revision: nextRevision(job.spec, made, undefined) }
  }
})
