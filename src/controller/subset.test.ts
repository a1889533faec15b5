import { expect, test } from 'bun:test'
import { isSubset } from './subset.ts'

const cases: { name: string; wanted: unknown; live: unknown; want: boolean }[] = [
  { name: 'the same', wanted: { a: 1, b: 'x' }, live: { a: 1, b: 'x' }, want: true },
  { name: 'defaults of the API server', wanted: { a: 1 }, live: { a: 1, b: 2 }, want: true },
  { name: 'a field that somebody changed', wanted: { a: 1 }, live: { a: 2 }, want: false },
  { name: 'a field that somebody took away', wanted: { a: 1, b: 2 }, live: { a: 1 }, want: false },
  { name: 'a number is not its text', wanted: { a: 1 }, live: { a: '1' }, want: false },
  { name: 'false is not absent', wanted: { suspend: false }, live: {}, want: false },
  { name: 'what is undefined is not asked for', wanted: { a: undefined }, live: {}, want: true },
  { name: 'an empty list that the API server leaves out', wanted: { rules: [] }, live: {}, want: true },
  { name: 'an empty map that the API server leaves out', wanted: { resources: {} }, live: {}, want: true },
  { name: 'an empty list, and there is something in it', wanted: { rules: [] }, live: { rules: [1] }, want: false },
  { name: 'an empty map, and there is something in it', wanted: { data: {} }, live: { data: { a: 1 } }, want: true },
  { name: 'deep defaults', wanted: { a: { b: { c: 1 } } }, live: { a: { b: { c: 1, d: 2 }, e: 3 } }, want: true },
  { name: 'deep changes', wanted: { a: { b: { c: 1 } } }, live: { a: { b: { c: 2 } } }, want: false },
  { name: 'a map that is gone', wanted: { a: { b: 1 } }, live: {}, want: false },
  { name: 'a map that is null', wanted: { a: { b: 1 } }, live: { a: null }, want: false },
  { name: 'items with defaults', wanted: [{ name: 'x' }], live: [{ name: 'x', protocol: 'TCP' }], want: true },
  { name: 'items in another order', wanted: ['a', 'b'], live: ['b', 'a'], want: false },
  { name: 'an item more', wanted: ['a'], live: ['a', 'b'], want: false },
  { name: 'an item less', wanted: ['a', 'b'], live: ['a'], want: false },
  { name: 'a list is no map', wanted: ['a'], live: { 0: 'a' }, want: false },
  { name: 'a text is no map', wanted: { length: 1 }, live: 'x', want: false },
  { name: 'nothing there', wanted: { a: 1 }, live: undefined, want: false },
]

for (const { name, wanted, live, want } of cases)
  test(`a subset: ${name}`, () => expect(isSubset(wanted, live)).toBe(want))
