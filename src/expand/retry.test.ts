import { describe, expect, test } from 'bun:test'
import { agentJob } from './fixtures.ts'
import { retrying } from './retry.ts'

const disrupted = [{ type: 'DisruptionTarget', status: 'True' }]
const ignored = { action: 'Ignore', onPodConditions: disrupted }
const counted = (...values: number[]) => ({
  action: 'Count',
  onExitCodes: { containerName: 'agent', operator: 'In', values },
})
const lastly = { action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [0] } }

const cases: { name: string; retry: object; want?: object[] }[] = [
  { name: 'after every failure', retry: { ignoreDisruption: false } },
  { name: 'after every failure, disruptions not counted', retry: {}, want: [ignored] },
  { name: 'after no failure in particular', retry: { onFailures: [] }, want: [ignored] },
  {
    name: 'after exit codes, in order and each once',
    retry: { onFailures: [100, 3] },
    want: [ignored, counted(3, 100), lastly],
  },
  {
    name: 'after 137 under both its names',
    retry: { onFailures: ['OOMKilled', 137] },
    want: [ignored, counted(137), lastly],
  },
  {
    name: 'after a disruption that counts, and nothing else',
    retry: { onFailures: ['DisruptionTarget'], ignoreDisruption: false },
    want: [{ action: 'Count', onPodConditions: disrupted }, lastly],
  },
  {
    name: 'after exit codes, and no disruption',
    retry: { onFailures: [3], ignoreDisruption: false },
    want: [{ action: 'FailJob', onPodConditions: disrupted }, counted(3), lastly],
  },
  {
    name: 'after a disruption that does not count anyway',
    retry: { onFailures: ['DisruptionTarget'] },
    want: [ignored, lastly],
  },
]

describe('a Job is tried again', () => {
  for (const { name, retry, want } of cases)
    test(name, () =>
      expect<object>(retrying(agentJob({ retry: { limit: 2, ...retry } }).spec)).toStrictEqual({
        backoffLimit: 2,
        ...(want ? { podFailurePolicy: { rules: want } } : {}),
      }),
    )

  const skips = {
    action: 'FailJob',
    onExitCodes: { containerName: 'precheck', operator: 'In', values: [1] },
  }
  test('not after its precheck has found nothing to do, before all other rules', () => {
    const precheck = { command: ['ask'] }
    const policyOf = (spec: object) => retrying(agentJob({ precheck, ...spec }).spec)
    expect<object>(policyOf({ backoffLimit: 3 })).toStrictEqual({
      backoffLimit: 3,
      podFailurePolicy: { rules: [skips] },
    })
    expect<object>(policyOf({ retry: { limit: 2, onFailures: [1] } })).toStrictEqual({
      backoffLimit: 2,
      podFailurePolicy: { rules: [skips, ignored, counted(1), lastly] },
    })
  })

  test('as often as backoffLimit says, where that is all', () =>
    expect<object>(retrying(agentJob({ backoffLimit: 3 }).spec)).toStrictEqual({ backoffLimit: 3 }))
})
