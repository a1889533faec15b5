import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { createIndexes } from './indexes.ts'

const letter = fc.constantFrom('a', 'b', 'c')
const entries = fc.array(letter, { maxLength: 4 })

test('whatever comes and goes, under an entry are the objects that have it', () => {
  const change = fc.record({ key: fc.constantFrom('1', '2', '3', '4'), object: fc.option(entries, { nil: undefined }) })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const objects = new Map<string, string[]>()
      const indexes = createIndexes<string[]>()
      indexes.add('letter', (object) => object, [])
      for (const { key, object } of changes) {
        const before = objects.get(key)
        if (before) indexes.leave(key, before)
        objects.delete(key)
        if (!object) continue
        objects.set(key, object)
        indexes.enter(key, object)
      }
      for (const entry of ['a', 'b', 'c']) {
        const having = [...objects].filter(([, object]) => object.includes(entry)).map(([key]) => key)
        expect(indexes.keys('letter', entry).sort()).toEqual(having.sort())
      }
    }),
  )
})
