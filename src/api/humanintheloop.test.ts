import { describe, expect, test } from 'bun:test'
import { agentJob } from './agentjob.ts'
import { secondsOf } from './humanintheloop.ts'
import { validate } from './validate.ts'

const verdictOn = (humanInTheLoop: object) =>
  validate(agentJob, {
    apiVersion: 'agentjob.io/v1alpha1',
    kind: 'AgentJob',
    metadata: { name: 'a' },
    spec: { runtimeRef: 'a', prompt: 'Go.', humanInTheLoop },
  })

describe('keepAlive', () => {
  const NO_DURATION = 'must be a duration such as 90s, 45m or 1h30m'
  const cases: [given: string, seconds: number | undefined, wrong?: string][] = [
    ['1h', 3600],
    ['1h30m', 5400],
    ['2h0m0s', 7200],
    ['1.5m', 90],
    ['90s', 90],
    ['1ms', 1],
    ['24h', 86400],
    ['24h1ms', 86401, 'must be more than 0 and at most 24h'],
    ['0s', 0, 'must be more than 0 and at most 24h'],
    ['60', 60, NO_DURATION],
    ['1d', undefined, NO_DURATION],
    ['-1h', undefined, NO_DURATION],
    ['', undefined, NO_DURATION],
    [`${'9'.repeat(33)}h`, Number('9'.repeat(33)) * 3600, 'must have at most 32 characters'],
  ]
  for (const [keepAlive, seconds, wrong] of cases)
    test(`"${keepAlive}"`, () => {
      expect(secondsOf(keepAlive)).toBe(seconds as number)
      const { errors } = verdictOn({ enabled: true, keepAlive })
      expect(errors.map(({ path }) => path)).toEqual(wrong ? ['spec.humanInTheLoop.keepAlive'] : [])
      if (wrong) expect(errors[0]?.message).toStartWith(wrong)
    })

  test('without enabled is warned of', () => {
    const warned = (given: object) => verdictOn(given).warnings.map(({ path, message }) => `${path}: ${message}`)
    const warning = 'spec.humanInTheLoop.keepAlive: has no effect without enabled: true'
    expect([warned({ keepAlive: '2h' }), warned({ enabled: false, keepAlive: '2h' })]).toEqual([[warning], [warning]])
    expect([warned({ enabled: true, keepAlive: '2h' }), warned({ enabled: false, keepAlive: '1h' })]).toEqual([[], []])
  })
})
