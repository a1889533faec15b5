import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { atMost } from './problems.ts'

test('what a value takes at most is never less than what it takes', () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json().map((text) => JSON.parse(text)),
        fc.jsonValue({ stringUnit: 'binary' }),
      ),
      (value) => {
        expect(atMost(value)).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(value)))
      },
    ),
  ))

test('of what is nested too deep for a stack it is anything', () => {
  let deep: unknown = 1
  for (let depth = 0; depth < 100_000; depth++) deep = { deep }
  expect(atMost(deep)).toBe(Number.POSITIVE_INFINITY)
})
