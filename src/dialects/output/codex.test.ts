import { expect, test } from 'bun:test'
import { type Case, logOf } from './cases.ts'
import { readCodex } from './codex.ts'

const STARTED = { type: 'thread.started', thread_id: '01a1' }
const said = (text: string) => ({ type: 'item.completed', item: { id: 'item_3', type: 'agent_message', text } })
const USAGE = { input_tokens: 11, cached_input_tokens: 5, cache_write_input_tokens: 0, output_tokens: 7 }
const TOOK = { inputTokens: 6, outputTokens: 7, cacheReadTokens: 5, cacheWriteTokens: 0 }

const cases: Case[] = [
  {
    name: 'a run that went well, with errors that were none',
    given: [
      STARTED,
      { type: 'error', message: 'Reconnecting... 2/5' },
      { type: 'item.completed', item: { type: 'error', message: 'Model metadata not found.' } },
      said('I begin.'),
      { type: 'item.completed', item: { type: 'command_execution', exit_code: 1, status: 'failed' } },
      said('pong'),
      { type: 'turn.completed', usage: USAGE },
    ],
    want: { result: 'pong', sessionId: '01a1', isError: false, usage: TOOK },
  },
  {
    name: 'a failure',
    given: [STARTED, { type: 'error', message: 'x' }, { type: 'turn.failed', error: { message: 'fake failure' } }],
    want: { sessionId: '01a1', isError: true, error: 'fake failure' },
  },
  { name: 'a run that was ended', given: [STARTED, said('I begin.')], want: { result: 'I begin.', sessionId: '01a1' } },
  {
    name: 'a log that is cut',
    given: ['"text":"x"}}', said('pong'), { type: 'turn.completed', usage: USAGE }],
    want: { result: 'pong', isError: false, usage: TOOK },
  },
  { name: 'an error before it began', given: ['Error loading config.toml'], want: undefined },
]

for (const { name, given, want } of cases)
  test(`codex: ${name}`, () => expect(readCodex(logOf(given))).toEqual(want as object))
