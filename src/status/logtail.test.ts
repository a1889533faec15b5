import { expect, test } from 'bun:test'
import { logTailOf } from './logtail.ts'
import { complete, failed, job, run, terminated } from './testdata/observed.ts'
import { ended, testRuns, timedOut } from './testdata/runs.ts'

const numbered = (count: number, line = (n: number) => `line ${n}`) => Array.from({ length: count }, (_, n) => line(n))

const cases: { name: string; given: string; want: string | undefined }[] = [
  { name: 'nothing', given: '', want: undefined },
  { name: 'nothing to see', given: '\n \n\u001b[0m\n', want: undefined },
  { name: 'a line without its end', given: 'one\ntwo', want: 'one\ntwo' },
  { name: 'empty lines', given: '\n\none\r\n  \n  two\n\n', want: 'one\n  two' },
  { name: 'twenty of many', given: numbered(50).join('\n'), want: numbered(50).slice(-20).join('\n') },
  {
    name: 'colours, tabs, bells and what is written over',
    given: '\u001b[1;31mred\u001b[0m\tbl\u0007ue\u0000\n 10 %\r 50 %\r100 %\r\n\u001b]0;title\u0007end\u009b31m\u0085',
    want: 'red blue\n100 %\nend',
  },
  { name: 'bytes that are no text', given: Buffer.from([0x61, 0xff, 0xfe, 0x62]).toString(), want: 'a\ufffd\ufffdb' },
  { name: 'a long line', given: `x\n${'y'.repeat(3000)}\nz`, want: `x\n${'y'.repeat(511)}…\nz` },
  {
    name: 'long lines: as many of the last as there is room for',
    given: numbered(9, (n) => String(n).repeat(500)).join('\n'),
    want: numbered(9, (n) => String(n).repeat(500))
      .slice(-4)
      .join('\n'),
  },
  {
    name: 'a token in an address',
    given: 'fatal: unable to access https://x-access-token:ghs_16C7e42F@github.com/a/b.git/: 403',
    want: 'fatal: unable to access https://…@github.com/a/b.git/: 403',
  },
  { name: 'no half of a character', given: '😀'.repeat(300), want: `${'😀'.repeat(255)}…` },
]

for (const { name, given, want } of cases)
  test(`the end of a log: ${name}`, () => expect(logTailOf(given)).toBe(want as string))

test('the end of a log is small and plain whatever it was, and soon', () => {
  const hostile = [
    '\u001b['.repeat(500_000),
    `\u001b]${'9;'.repeat(500_000)}`,
    `${'\r'.repeat(1_000_000)}x`,
    `x${'\r'.repeat(1_000_000)}`,
    '\u001b[1;'.repeat(300_000),
  ]
  for (const log of [...hostile, hostile.join('\n')]) {
    const begin = process.cpuUsage()
    const tail = logTailOf(log) ?? ''
    // in microseconds, whatever else the machine does
    expect(process.cpuUsage(begin).user).toBeLessThan(2_000_000)
    expect(tail.length).toBeLessThanOrEqual(2048)
    expect(tail).not.toMatch(/[^\P{Cc}\n]/u)
  }
})

testRuns([
  {
    name: 'the end of the log of one that failed',
    given: { job: job('e1', { status: failed() }), pods: [terminated(3)], logTail: 'no such branch' },
    want: run('e1', { phase: 'Failed', reason: 'Error', ...ended, exitCode: 3, logTail: 'no such branch' }),
  },
  {
    name: 'the same of one whose time was up',
    given: { job: job('e1', { status: failed() }), pods: [timedOut], logTail: 'still at it' },
    want: run('e1', {
      ...{ phase: 'TimedOut', reason: 'DeadlineExceeded', ...ended, exitCode: 143, result: 'half' },
      logTail: 'still at it',
    }),
  },
  {
    name: 'the same of a program that ends with 0',
    given: {
      job: job('e1', { status: complete }),
      pods: [terminated(0)],
      output: { isError: true, error: 'no credit' },
      logTail: 'no credit',
    },
    want: run('e1', {
      ...{ phase: 'Failed', reason: 'AgentError', ...ended, exitCode: 0, message: 'no credit', result: 'no credit' },
      logTail: 'no credit',
    }),
  },
  {
    name: 'of one that went well or was stopped it is not kept',
    given: { job: job('e1', { ended: 'Stopped', status: failed() }), pods: [timedOut], logTail: 'still at it' },
    want: run('e1', { phase: 'Stopped', reason: 'Stopped', ...ended, exitCode: 143, result: 'half' }),
  },
  {
    name: 'the end of a log once it is told, and the pod is gone',
    given: { job: job('e1', { status: failed() }) },
    before: run('e1', { phase: 'Failed', reason: 'Error', ...ended, exitCode: 3, logTail: 'no such branch' }),
    want: run('e1', { phase: 'Failed', reason: 'Error', ...ended, exitCode: 3, logTail: 'no such branch' }),
  },
])
