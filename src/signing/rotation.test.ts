import { expect, test } from 'bun:test'
import { readEpochs } from './epochs.ts'
import { nextStep, onlyWith, signingWith, withKey } from './rotation.ts'

const key = (fill: number) => new Uint8Array(32).fill(fill)

test('a rotation: a key that does not sign, then does, then is the only one; and the next', () => {
  expect(nextStep(undefined)).toEqual({ step: 'add', epoch: 2 })
  const added = withKey({}, 2, key(2))
  expect(readEpochs(added)).toMatchObject({ signs: 1, oldest: 1 })
  expect(nextStep(readEpochs(added))).toEqual({ step: 'sign', epoch: 2 })
  const signing = signingWith(added, 2)
  expect(readEpochs(signing)).toMatchObject({ signs: 2, oldest: 1 })
  expect(nextStep(readEpochs(signing))).toEqual({ step: 'retire', epoch: 2 })
  const retired = onlyWith(signing, 2)
  expect(readEpochs(retired)).toMatchObject({ signs: 2, oldest: 2 })
  expect(nextStep(readEpochs(retired))).toEqual({ step: 'add', epoch: 3 })
  const again = withKey(retired, 3, key(3))
  expect(readEpochs(again)).toMatchObject({ signs: 2, oldest: 2 })
  expect(Object.keys(onlyWith(signingWith(again, 3), 3)).sort()).toEqual(['epoch-3', 'oldest', 'signs'])
})

test('at once: a new key is the only one, whatever was under way', () => {
  const data = onlyWith(withKey(signingWith(withKey({}, 2, key(2)), 2), 3, key(3)), 3)
  expect(readEpochs(data)).toEqual({ keys: new Map([[3, key(3)]]), signs: 3, oldest: 3 })
})
