import { describe, expect, test } from 'bun:test'
import { oddities } from './oddities.ts'

const nested = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)

const cases: { name: string; given: unknown; want: string[] }[] = [
  { name: 'nothing odd', given: { a: [{ b: null }], constructor: 1 }, want: [] },
  { name: '__proto__', given: JSON.parse('{"a":[{"__proto__":1}]}'), want: ['spec.a[0].__proto__'] },
  { name: 'deep', given: nested(64), want: [] },
  { name: 'too deep', given: nested(65), want: ['spec.a.a.a…'] },
  { name: 'far too deep', given: { x: nested(100_000) }, want: ['spec.x.a.a…'] },
]

describe('oddities', () => {
  for (const { name, given, want } of cases)
    test(name, () => expect(oddities(given, ['spec']).map(({ path }) => path)).toEqual(want))
})
