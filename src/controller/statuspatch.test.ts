import { expect, test } from 'bun:test'
import { mergePatchOf } from './statuspatch.ts'

const cases: { name: string; before: object; after: object; want: object }[] = [
  { name: 'nothing before', before: {}, after: { phase: 'Pending' }, want: { phase: 'Pending' } },
  { name: 'a field that is gone', before: { a: 1, b: 2 }, after: { a: 1 }, want: { a: 1, b: null } },
  {
    name: 'a field that is gone from a field',
    before: { due: { time: 'x', heldBy: 'Suspended' } },
    after: { due: { time: 'x' } },
    want: { due: { time: 'x', heldBy: null } },
  },
  {
    name: 'a list is taken whole',
    before: { runs: [{ a: 1 }] },
    after: { runs: [{ b: 1 }] },
    want: { runs: [{ b: 1 }] },
  },
  { name: 'another kind of value', before: { a: [1] }, after: { a: { b: 1 } }, want: { a: { b: 1 } } },
  {
    name: 'a member that is named like one of every object',
    before: { constructor: 'x', a: '1' },
    after: { a: '2' },
    want: { constructor: null, a: '2' },
  },
]
for (const { name, before, after, want } of cases)
  test(`a merge patch: ${name}`, () => expect(mergePatchOf(before, after)).toStrictEqual(want as never))
