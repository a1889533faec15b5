import { expect, test } from 'bun:test'
import { threeWayPatch } from './threeway.ts'

type Fields = Record<string, unknown>
const cases: { name: string; last?: Fields; manifest: Fields; live: Fields; want: Fields }[] = [
  { name: 'nothing new', manifest: { spec: { a: 1, b: [1] } }, live: { spec: { b: [1], a: 1, c: 3 } }, want: {} },
  { name: 'another value', manifest: { spec: { a: 2 } }, live: { spec: { a: 1, c: 3 } }, want: { spec: { a: 2 } } },
  { name: 'lists as a whole', manifest: { a: [1, 2] }, live: { a: [1] }, want: { a: [1, 2] } },
  { name: 'a new field', manifest: { a: { b: 1 } }, live: {}, want: { a: { b: 1 } } },
  {
    name: 'a field that is gone from the manifest',
    last: { spec: { a: 1, schedule: 'x' } },
    manifest: { spec: { a: 1 } },
    live: { spec: { a: 1, schedule: 'x' } },
    want: { spec: { schedule: null } },
  },
  { name: 'one that is gone from both', last: { a: 1, b: 2 }, manifest: { a: 1 }, live: { a: 1 }, want: {} },
  { name: 'what others have added', last: { a: 1 }, manifest: { a: 1 }, live: { a: 1, z: 26 }, want: {} },
]
test.each(cases)('$name', ({ last = {}, manifest, live, want }) =>
  expect(threeWayPatch(last, manifest, live)).toEqual(want),
)
