import { expect, test } from 'bun:test'
import { withoutNulls } from './nulls.ts'

const LEFT_OUT = 'is empty, which is the same as left out'

test('members that are null are left out, and told of where they stand in the spec', () =>
  expect(
    withoutNulls({
      metadata: { labels: null },
      spec: { a: null, 'b.c': [{ d: null, e: 1 }, null], podTemplate: { f: null } },
    }),
  ).toEqual({
    object: { metadata: {}, spec: { 'b.c': [{ e: 1 }, null], podTemplate: { f: null } } },
    nulls: [
      { path: 'spec.a', message: LEFT_OUT },
      { path: 'spec["b.c"][0].d', message: LEFT_OUT },
    ],
  }))

test('a member named __proto__ stays one', () => {
  const { object } = withoutNulls(JSON.parse('{"spec": {"__proto__": {"a": 1}}}'))
  expect(Object.keys(object.spec as object)).toEqual(['__proto__'])
})
