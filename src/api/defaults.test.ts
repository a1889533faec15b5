import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { withoutDefaults } from './defaults.ts'

const schema = z.object({
  size: z.string().default('1Gi').meta({ description: 'x' }),
  count: z.int().default(0),
  on: z.boolean().default(false),
  list: z.array(z.object({ on: z.boolean().default(true) })).optional(),
  map: z.record(z.string(), z.string()).optional(),
  inner: z.object({ size: z.string().default('2Gi'), text: z.string().optional() }).optional(),
  choice: z.object({ a: z.int() }).default({ a: 1 }),
})

const cases: { name: string; given: unknown; want: unknown }[] = [
  { name: 'nothing', given: {}, want: undefined },
  { name: 'every default spelled out', given: { size: '1Gi', count: 0, on: false, choice: { a: 1 } }, want: undefined },
  { name: 'other values', given: { size: '2Gi', count: 1, on: true }, want: { size: '2Gi', count: 1, on: true } },
  { name: 'falsy values that are no default', given: { inner: { text: '' } }, want: { inner: { text: '' } } },
  {
    name: 'inside of an optional object',
    given: { inner: { size: '2Gi', text: 'x' } },
    want: { inner: { text: 'x' } },
  },
  { name: 'an object that is left empty', given: { inner: { size: '2Gi' } }, want: undefined },
  { name: 'empty lists and maps', given: { list: [], map: {} }, want: undefined },
  { name: 'items of a list stay as they are', given: { list: [{ on: true }] }, want: { list: [{ on: true }] } },
  { name: 'undefined members', given: { size: undefined, inner: undefined }, want: undefined },
  { name: 'fields that no schema knows', given: { more: 1, constructor: 2 }, want: { more: 1, constructor: 2 } },
  {
    name: 'values of another type',
    given: { size: null, inner: 5, list: 'x' },
    want: { size: null, inner: 5, list: 'x' },
  },
  { name: 'no object at all', given: 'x', want: 'x' },
]

describe('withoutDefaults', () => {
  for (const { name, given, want } of cases)
    test(name, () => expect(withoutDefaults(schema, given)).toEqual(want as object))

  test('the order of keys in a default means nothing', () => {
    const ordered = z.object({ a: z.object({ x: z.int(), y: z.int() }).default({ x: 1, y: 2 }) })
    expect(withoutDefaults(ordered, { a: { y: 2, x: 1 } })).toBeUndefined()
  })
})
