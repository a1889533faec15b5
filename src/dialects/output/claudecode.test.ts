import { expect, test } from 'bun:test'
import { type Case, logOf } from './cases.ts'
import { readClaudeCode } from './claudecode.ts'

const SESSION = { session_id: 'db4b' }
const INIT = { type: 'system', subtype: 'init', ...SESSION, tools: [] }
const SAID = { type: 'assistant', message: { content: [{ type: 'text', text: 'I begin.' }] }, ...SESSION }
const USAGE = { input_tokens: 11, cache_creation_input_tokens: 3, cache_read_input_tokens: 5, output_tokens: 7 }
const END = { type: 'result', ...SESSION, num_turns: 2, total_cost_usd: 0.00015075, usage: USAGE }
const TOOK = {
  ...{ inputTokens: 11, outputTokens: 7, cacheReadTokens: 5, cacheWriteTokens: 3 },
  ...{ costUSD: '0.00015075', turns: 2 },
}

const cases: Case[] = [
  {
    name: 'a run that went well',
    given: [INIT, SAID, { ...END, subtype: 'success', is_error: false, result: 'pong' }],
    want: { result: 'pong', sessionId: 'db4b', isError: false, usage: TOOK },
  },
  {
    name: 'a failure that calls itself a success',
    given: [INIT, { ...END, subtype: 'success', is_error: true, result: 'API Error: 400 fake failure' }],
    want: { sessionId: 'db4b', isError: true, error: 'API Error: 400 fake failure', usage: TOOK },
  },
  {
    name: 'too many turns, without a result',
    given: [{ ...END, subtype: 'error_max_turns', is_error: true, errors: ['Reached 1', 5, 'x'] }],
    want: { sessionId: 'db4b', isError: true, error: 'Reached 1; x', usage: TOOK },
  },
  {
    name: 'an error that has no words',
    given: [{ type: 'result', ...SESSION, subtype: 'error_during_execution', is_error: true }],
    want: { sessionId: 'db4b', isError: true, error: 'error_during_execution' },
  },
  { name: 'a run that was ended', given: [INIT, SAID], want: { sessionId: 'db4b' } },
  {
    name: 'a log that is cut and mixed with other words',
    given: ['age":{"content":[]}}', 'warning: {', '{"type":"result"', { ...END, is_error: false, result: 'x' }, '{}'],
    want: { result: 'x', sessionId: 'db4b', isError: false, usage: TOOK },
  },
  { name: 'a shell that could not start it', given: ['sh: exec: claude: not found'], want: undefined },
]

for (const { name, given, want } of cases)
  test(`claude-code: ${name}`, () => expect(readClaudeCode(logOf(given))).toEqual(want as object))
