import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { canonicalJson, hash, hashesWithAndWithout } from './hash.ts'

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

describe('canonicalJson of what is nested deep', () => {
  const inner = [{ b: [], a: { d: undefined, c: {} }, ä: '\ud800' }, undefined, null, -0, JSON.parse('{"__proto__":1}')]
  const nested = (depth: number) => {
    let value: unknown = inner
    for (let level = 0; level < depth; level++) value = level % 2 ? [value, 1] : { z: value, a: 'x' }
    return value
  }
  const written = (depth: number) => {
    let text = canonicalJson(inner)
    for (let level = 0; level < depth; level++) text = level % 2 ? `[${text},1]` : `{"a":"x","z":${text}}`
    return text
  }
  for (const depth of [10, 99, 100, 101, 102, 250])
    test(`${depth} levels are written like any others`, () => expect(canonicalJson(nested(depth))).toBe(written(depth)))

  test('more levels than any stack holds', () => {
    let value: unknown = 1
    for (let level = 0; level < 1_000_000; level++) value = [value]
    expect(canonicalJson(value)).toHaveLength(2_000_001)
  })
})

describe('hash', () => {
  test('is the beginning of the SHA-256 of the canonical JSON', () =>
    // printf '{"a":1}' | sha256sum
    expect(hash({ a: 1 }, 16)).toBe('015abd7f5cc57a2d'))
})

test('hashes with and without some members are those of the two objects', () =>
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.string()), (object, some) => {
      const names = [...some, ...Object.keys(object).slice(0, 2)]
      const rest = Object.fromEntries(Object.entries(object).filter(([key]) => !names.includes(key)))
      const digits = { with: 32, without: 16 }
      expect(hashesWithAndWithout(object, (key) => names.includes(key), digits)).toEqual({
        with: hash(object, 32),
        without: hash(rest, 16),
      })
    }),
  ))
