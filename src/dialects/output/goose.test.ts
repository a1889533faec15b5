import { expect, test } from 'bun:test'
import { type Case, logOf } from './cases.ts'
import { readGoose } from './goose.ts'

const message = (role: string, ...content: object[]) => ({ type: 'message', message: { id: 'm', role, content } })
const said = (text: string) => message('assistant', { type: 'text', text })
const USED = [
  message('assistant', { type: 'text', text: 'I begin.' }, { type: 'toolRequest', id: 't' }),
  message('user', { type: 'toolResponse', id: 't' }),
]
const COMPLETE = {
  ...{ type: 'complete', total_tokens: 26, input_tokens: 19, output_tokens: 7 },
  ...{ cache_read_input_tokens: 5, cache_write_input_tokens: 3, cost_usd: 0.00015075 },
}
const TOOK = { inputTokens: 11, outputTokens: 7, cacheReadTokens: 5, cacheWriteTokens: 3, costUSD: '0.00015075' }

const cases: Case[] = [
  {
    name: 'a run that went well, its answer in pieces',
    given: [...USED, said('po'), said('ng'), COMPLETE],
    want: { result: 'pong', isError: false, usage: TOOK },
  },
  {
    name: 'what a model costs that it has no price for',
    given: [said('pong'), { type: 'complete', input_tokens: 19, output_tokens: 7, cost_usd: null }],
    want: { result: 'pong', isError: false, usage: { inputTokens: 19, outputTokens: 7 } },
  },
  {
    name: 'a failure, whatever comes after it',
    given: [{ type: 'error', error: 'fake failure' }, { type: 'complete' }],
    want: { isError: true, error: 'fake failure' },
  },
  { name: 'a run that was ended', given: USED, want: undefined },
  { name: 'an error before it began', given: ['error: No provider configured.'], want: undefined },
]

for (const { name, given, want } of cases)
  test(`goose: ${name}`, () => expect(readGoose(logOf(given))).toEqual(want as object))
