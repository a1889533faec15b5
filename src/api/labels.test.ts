import { describe, expect, test } from 'bun:test'
import { isLabelKey, isLabelValue } from './labels.ts'

const keys: [string, boolean][] = [
  ['team', true],
  ['Team_1.x-y', true],
  ['example.com/team', true],
  ['x'.repeat(63), true],
  [`${'x'.repeat(253)}/a`, true],
  ['', false],
  ['/a', false],
  ['a/', false],
  ['a/b/c', false],
  ['-a', false],
  ['a-', false],
  ['_', false],
  ['__proto__', false],
  ['a b', false],
  ['ä', false],
  ['A.b/c', false],
  ['a..b/c', false],
  ['x'.repeat(64), false],
  [`${'x'.repeat(254)}/a`, false],
  ['a\n', false],
]
const values: [string, boolean][] = [
  ['', true],
  ['a', true],
  ['A_b.c-d', true],
  ['x'.repeat(63), true],
  ['x'.repeat(64), false],
  ['a/b', false],
  ['-', false],
  ['ä', false],
]

describe('isLabelKey', () => {
  for (const [given, want] of keys) test(JSON.stringify(given), () => expect(isLabelKey(given)).toBe(want))
})

describe('isLabelValue', () => {
  for (const [given, want] of values) test(JSON.stringify(given), () => expect(isLabelValue(given)).toBe(want))
})
