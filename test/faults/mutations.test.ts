import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mutants, mutate } from './mutations.ts'

const ROOT = join(import.meta.dirname, '..', '..')

test.each(mutants)('the code of "$name" is there to be broken', (mutant) => {
  const source = readFileSync(join(ROOT, mutant.file), 'utf8')
  expect(mutate(source, mutant)).not.toBe(source)
})

test('code that is not there, or twice, is refused', () => {
  const mutant = { name: 'm', file: 'f.ts', code: 'a', instead: '$&b' }
  expect(mutate('xax', mutant)).toBe('x$&bx')
  for (const source of ['x', 'aa']) expect(() => mutate(source, mutant)).toThrow('mutant "m": its code stands')
})
