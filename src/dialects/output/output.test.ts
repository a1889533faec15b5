import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { DIALECTS } from '../../api/agentruntime.ts'
import { dialectOf } from '../dialect.ts'
import { decimal, jsonLines, less } from './lines.ts'

const WORDS = [
  ...['type', 'result', 'error', 'message', 'complete', 'item.completed', 'turn.completed', 'turn.failed', 'text'],
  ...['item', 'part', 'usage', 'stats', 'content', 'role', 'assistant', 'session_id', 'sessionID', 'step_finish'],
  ...['tokens', 'cache', 'cost', 'is_error', 'errors', 'tool_use', 'init', 'data', 'agent_message', 'toolRequest'],
]
const key = fc.oneof(fc.constantFrom(...WORDS), fc.string())
/** JSON in the words of the programs, of whatever shape. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...WORDS, null, true, -1, 0, 1.5, 1e300, 7, ''),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6 }),
  ),
}))
const line = fc.oneof(
  value.map((one) => JSON.stringify(one)),
  fc.string({ unit: 'binary' }),
)

describe('whatever the text is, reading it throws nothing and gives texts and counts', () => {
  for (const name of DIALECTS)
    test(name, () => {
      fc.assert(
        fc.property(fc.array(line), fc.nat(), (lines, cut) => {
          const text = lines.join('\n')
          const output = dialectOf(name).readOutput(text.slice(cut % (text.length + 1)))
          const { usage = {}, isError = false, ...texts } = output ?? {}
          expect(typeof isError).toBe('boolean')
          expect(Object.values(texts).filter((one) => typeof one !== 'string')).toEqual([])
          const { costUSD = '0', ...counts } = usage
          expect(costUSD).toMatch(/^\d+(\.\d+)?$/)
          expect(Object.values(counts).filter((one) => !Number.isSafeInteger(one) || one < 0)).toEqual([])
        }),
        { numRuns: 300 },
      )
      for (const text of ['{'.repeat(200_000), `{"a":${'['.repeat(200_000)}`, '\n'.repeat(200_000), '\0'])
        expect(dialectOf(name).readOutput(text)).toBeUndefined()
    })
})

test('jsonLines: objects alone, and nothing that is cut', () =>
  expect(jsonLines('x {"a":1}\n {"b":2} \r\n[1]\n{"c":\n"d"\nnull\n{}')).toEqual([{ b: 2 }, {}]))

const decimals: [unknown, string | undefined][] = [
  [0, '0'],
  [10, '10'],
  [0.00015075, '0.00015075'],
  [1e-7, '0.0000001'],
  [0.1 + 0.2, '0.3'],
  [1e300, undefined],
  [-1, undefined],
  ['1', undefined],
  [Number.NaN, undefined],
]
for (const [given, want] of decimals) test(`decimal of ${given}`, () => expect(decimal(given)).toBe(want as string))

test('less: never below nothing', () =>
  expect([less(19, 5, 3), less(3, 5), less(undefined, 1), less(3, undefined)]).toEqual([11, 0, undefined, 3]))
