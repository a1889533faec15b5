import { expect, test } from 'bun:test'
import { type Case, logOf } from './cases.ts'
import { readOpencode } from './opencode.ts'

const line = (type: string, part: object) => ({ type, timestamp: 1, sessionID: 'ses_1', part })
const said = (text: string) => line('text', { type: 'text', text })
const TOKENS = { total: 26, input: 11, output: 7, reasoning: 0, cache: { write: 3, read: 5 } }
const ended = (reason: string) => line('step_finish', { type: 'step-finish', reason, tokens: TOKENS, cost: 0.00015075 })
const USED = line('tool_use', { type: 'tool', tool: 'bash', state: { status: 'completed' } })

const cases: Case[] = [
  {
    name: 'a run that went well, its steps added up',
    given: [line('step_start', {}), said('I begin.'), USED, ended('tool-calls'), said('po'), said('ng'), ended('stop')],
    want: {
      ...{ result: 'pong', sessionId: 'ses_1', isError: false },
      usage: {
        ...{ inputTokens: 22, outputTokens: 14, cacheReadTokens: 10, cacheWriteTokens: 6 },
        ...{ costUSD: '0.0003015', turns: 2 },
      },
    },
  },
  {
    name: 'a run that ended with a question nobody answered',
    given: [USED, ended('tool-calls'), '! permission requested: bash (touch x); auto-rejecting'],
    want: {
      ...{ sessionId: 'ses_1', isError: true },
      usage: {
        ...{ inputTokens: 11, outputTokens: 7, cacheReadTokens: 5, cacheWriteTokens: 3 },
        ...{ costUSD: '0.00015075', turns: 1 },
      },
    },
  },
  {
    name: 'a failure',
    given: [{ type: 'error', sessionID: 'ses_1', error: { name: 'APIError', data: { message: 'fake failure' } } }],
    want: { sessionId: 'ses_1', isError: true, error: 'fake failure' },
  },
  {
    name: 'a failure without words',
    given: [{ type: 'error', sessionID: 'ses_1', error: { name: 'UnknownError' } }],
    want: { sessionId: 'ses_1', isError: true, error: 'UnknownError' },
  },
  { name: 'lines of somebody else', given: [{ type: 'text', part: { text: 'x' } }, 'no JSON'], want: undefined },
]

for (const { name, given, want } of cases)
  test(`opencode: ${name}`, () => expect(readOpencode(logOf(given))).toEqual(want as object))
