import { describe, expect, test } from 'bun:test'
import { canonicalJson, hash } from './hash.ts'

const cases: { name: string; given: unknown; want: string }[] = [
  {
    name: 'keys are sorted at every level',
    given: { b: [{ d: 1, c: 2 }], a: {} },
    want: '{"a":{},"b":[{"c":2,"d":1}]}',
  },
  { name: 'undefined members are left out', given: { a: undefined, b: 1 }, want: '{"b":1}' },
  { name: 'undefined items are null', given: [undefined, 1], want: '[null,1]' },
  { name: 'numbers as JSON writes them', given: [1.0, -0, 1e21, 0.1], want: '[1,0,1e+21,0.1]' },
  { name: 'lone surrogates are escaped', given: '\ud800', want: '"\\ud800"' },
  {
    name: 'a member named __proto__ counts',
    given: JSON.parse('{"__proto__":{"a":1}}'),
    want: '{"__proto__":{"a":1}}',
  },
  { name: 'null', given: null, want: 'null' },
]

describe('canonicalJson', () => {
  for (const { name, given, want } of cases) test(name, () => expect(canonicalJson(given)).toBe(want))
})

describe('hash', () => {
  test('is the beginning of the SHA-256 of the canonical JSON', () =>
    // printf '{"a":1}' | sha256sum
    expect(hash({ a: 1 }, 16)).toBe('015abd7f5cc57a2d'))
})
