import { describe, expect, test } from 'bun:test'
import { oddities } from './oddities.ts'

const nested = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)

const cases: { name: string; given: unknown; want: string[] }[] = [
  { name: 'nothing odd', given: { a: [{ b: null }], constructor: 1 }, want: [] },
  { name: '__proto__', given: JSON.parse('{"a":[{"__proto__":1}]}'), want: ['spec.a[0].__proto__'] },
  { name: 'deep', given: nested(64), want: [] },
  { name: 'too deep', given: nested(65), want: ['spec.a.a.a…'] },
  { name: 'the longest list', given: Array(1024).fill({}), want: [] },
  { name: 'too long a list', given: { env: Array(1025).fill(1) }, want: ['spec.env'] },
  { name: 'too many keys', given: { a: Object.fromEntries(Array(1025).entries()) }, want: ['spec.a'] },
  { name: 'too much in all', given: Array(60).fill(Array(1000).fill(1)), want: ['spec'] },
  { name: 'far too deep', given: { x: nested(100_000) }, want: ['spec.x.a.a…'] },
]

describe('oddities', () => {
  for (const { name, given, want } of cases)
    test(name, () => expect(oddities(given, ['spec']).findings.map(({ path }) => path)).toEqual(want))

  test('a name of a field is nothing that keeps the rest from being looked at', () => {
    expect(oddities(JSON.parse('{"__proto__":1}'), []).beyondMeasure).toBe(false)
    expect(oddities(nested(70), []).beyondMeasure).toBe(true)
  })
})
