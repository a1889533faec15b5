import { expect, test } from 'bun:test'
import type { Condition } from '../api/agentjobstatus.ts'
import { type Claim, conditionsFrom, timestamp } from './conditions.ts'

const now = new Date('2026-05-04T10:00:00.750Z')
const earlier = '2026-05-04T09:00:00Z'
const old: Condition = { type: 'Ready', status: 'Unknown', reason: 'A', message: 'a', lastTransitionTime: earlier }
const claim = (members: Partial<Claim>): Claim => ({
  type: 'Ready',
  status: 'Unknown',
  reason: 'A',
  message: 'a',
  ...members,
})

const cases: { name: string; given: Claim; before?: Condition[]; generation?: number; want: Condition }[] = [
  {
    name: 'a new one holds from now on',
    given: claim({}),
    want: { ...old, lastTransitionTime: '2026-05-04T10:00:00Z' },
  },
  {
    name: 'one that goes on holds since it did',
    given: claim({ reason: 'B', message: 'b' }),
    before: [old],
    want: { ...old, reason: 'B', message: 'b' },
  },
  {
    name: 'another status is a transition',
    given: claim({ status: 'True' }),
    before: [old],
    want: { ...old, status: 'True', lastTransitionTime: '2026-05-04T10:00:00Z' },
  },
  {
    name: 'of another type says nothing of this one',
    given: claim({ type: 'Succeeded' }),
    before: [old],
    want: { ...old, type: 'Succeeded', lastTransitionTime: '2026-05-04T10:00:00Z' },
  },
  {
    name: 'the generation is told where there is one',
    given: claim({}),
    before: [{ ...old, observedGeneration: 2 }],
    generation: 3,
    want: { ...old, observedGeneration: 3 },
  },
  {
    name: 'a message that no status would hold',
    given: claim({ message: 'x'.repeat(40_000) }),
    before: [old],
    want: { ...old, message: `${'x'.repeat(4095)}…` },
  },
]

for (const { name, given, before, generation, want } of cases)
  test(`a condition: ${name}`, () => expect(conditionsFrom([given], before, now, generation)).toStrictEqual([want]))

test('a condition that no longer holds is gone, and holds anew when it comes back', () => {
  expect(conditionsFrom([], [old], now, 1)).toEqual([])
  expect(conditionsFrom([claim({})], [], now, undefined)[0]?.lastTransitionTime).toBe('2026-05-04T10:00:00Z')
})

test('times are whole seconds, as the API server writes them', () =>
  expect(timestamp(now)).toBe('2026-05-04T10:00:00Z'))
