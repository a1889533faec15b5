import { expect, test } from 'bun:test'
import { type Case, logOf } from './cases.ts'
import { readGemini } from './gemini.ts'

const INIT = { type: 'init', timestamp: 'T', session_id: 'ac34', model: 'gemini-2.5-flash' }
const said = (content: string) => ({ type: 'message', role: 'assistant', content, delta: true })
const STATS = { total_tokens: 18, input_tokens: 11, output_tokens: 7, cached: 5, input: 6, tool_calls: 1, models: {} }
const TOOK = { inputTokens: 6, outputTokens: 7, cacheReadTokens: 5 }
const USED = [
  { type: 'tool_use', tool_name: 'run_shell_command', tool_id: 'x', parameters: {} },
  { type: 'tool_result', tool_id: 'x', status: 'error', error: { type: 'policy_violation', message: 'denied' } },
]

const cases: Case[] = [
  {
    name: 'a run that went well, its answer in pieces',
    given: [
      'YOLO mode is enabled.',
      INIT,
      { type: 'message', role: 'user', content: 'hi' },
      said('I begin.'),
      ...USED,
      said('po'),
      said('ng'),
      { type: 'result', status: 'success', stats: STATS },
    ],
    want: { result: 'pong', sessionId: 'ac34', isError: false, usage: TOOK },
  },
  {
    name: 'a failure',
    given: [
      INIT,
      { type: 'result', status: 'error', error: { type: 'unknown', message: '[API Error: x]' }, stats: STATS },
    ],
    want: { sessionId: 'ac34', isError: true, error: '[API Error: x]', usage: TOOK },
  },
  { name: 'a run that was ended', given: [INIT, said('I begin.'), ...USED], want: { sessionId: 'ac34' } },
  {
    name: 'a log that is cut',
    given: ['ntent":"po","delta":true}', said('ng'), { type: 'result', status: 'success', stats: STATS }],
    want: { result: 'ng', isError: false, usage: TOOK },
  },
  { name: 'an error before it began', given: ['Invalid auth method selected.'], want: undefined },
]

for (const { name, given, want } of cases)
  test(`gemini: ${name}`, () => expect(readGemini(logOf(given))).toEqual(want as object))
