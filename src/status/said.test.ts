import { complete, failed, job, run, terminated } from './testdata/observed.ts'
import { ended, testRuns } from './testdata/runs.ts'

testRuns([
  {
    name: 'a result longer than a status holds',
    given: { job: job('e1', { status: complete }), pods: [terminated(0, `${'x'.repeat(7998)}😀😀`)] },
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: `${'x'.repeat(7998)}…` }),
  },
  {
    name: 'what its program says of it, before the end of its log',
    given: {
      job: job('e1', { status: complete }),
      pods: [terminated(0, 'the end of the log')],
      output: { result: 'done', sessionId: 's1', usage: { inputTokens: 7, costUSD: '0.01', turns: 2 } },
    },
    want: run('e1', {
      ...{ phase: 'Succeeded', ...ended, exitCode: 0, result: 'done', sessionId: 's1' },
      usage: { inputTokens: 7, costUSD: '0.01', turns: 2 },
    }),
  },
  {
    name: 'the same once it is told: nobody reads the log again',
    given: { job: job('e1', { status: complete }), pods: [terminated(0, 'the end of the log')] },
    before: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done', usage: { turns: 2 } }),
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done', usage: { turns: 2 } }),
  },
  {
    name: 'what no status can hold is left out',
    given: {
      job: job('e1', { status: complete }),
      pods: [terminated(0)],
      output: {
        result: 'x'.repeat(9000),
        sessionId: 's'.repeat(300),
        usage: { inputTokens: -1, outputTokens: 1.5, costUSD: 'much', turns: 2 ** 40 },
      },
    },
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: `${'x'.repeat(7999)}…` }),
  },
  {
    name: 'a program that says it failed and ends with 0',
    given: {
      job: job('e1', { status: complete }),
      pods: [terminated(0)],
      output: { isError: true, error: 'Ran into this error: no credit' },
    },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'AgentError', ...ended, exitCode: 0 },
      ...{ message: 'Ran into this error: no credit', result: 'Ran into this error: no credit' },
    }),
  },
  {
    name: 'the same once it is told',
    given: { job: job('e1', { status: complete }), pods: [terminated(0)] },
    before: run('e1', { phase: 'Failed', reason: 'AgentError', ...ended, exitCode: 0, message: 'no credit' }),
    want: run('e1', { phase: 'Failed', reason: 'AgentError', ...ended, exitCode: 0, message: 'no credit' }),
  },
  {
    name: 'an exit code, and what the program says of it',
    given: {
      job: job('e1', { status: failed() }),
      pods: [terminated(1, '{"type":"result"}')],
      output: { isError: true, error: 'API Error: 400' },
    },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'Error', ...ended, exitCode: 1 },
      ...{ message: 'API Error: 400', result: 'API Error: 400' },
    }),
  },
])
