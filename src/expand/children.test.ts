import { expect, test } from 'bun:test'
import { withAppliedHash } from './children.ts'

const child = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', annotations: { b: 'c' } } }
const hashOf = (given: object) =>
  withAppliedHash({ ...child, ...given }).metadata.annotations?.['agentjob.io/applied-hash']

test('the applied hash is added to what there is', () =>
  expect(withAppliedHash(child)).toEqual({
    ...child,
    metadata: {
      name: 'a',
      annotations: { b: 'c', 'agentjob.io/applied-hash': expect.stringMatching(/^[0-9a-f]{16}$/) },
    },
  }))

test('the applied hash tells every change', () => {
  expect(hashOf({ data: {} })).not.toBe(hashOf({}) as string)
  expect(hashOf({ metadata: { name: 'a' } })).not.toBe(hashOf({}) as string)
})

test('the applied hash is not of itself', () =>
  expect(withAppliedHash(withAppliedHash(child))).toEqual(withAppliedHash(child)))
