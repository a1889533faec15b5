import { expect, test } from 'bun:test'
import type { Phase } from '../api/agentjobstatus.ts'
import type { CachedAgentJob, CachedJob, CachedPod } from './caches.ts'
import type { Context } from './context.ts'
import { readLog } from './output.ts'

const run = (condition: string | undefined, annotations: Record<string, string> = {}) =>
  ({
    metadata: { name: 'a-r1', namespace: 'n', uid: 'run', annotations },
    status: { conditions: condition ? [{ type: condition, status: 'True' }] : [] },
  }) as unknown as CachedJob

const pod = (
  state: object | undefined = { terminated: { exitCode: 1, finishedAt: '2026-05-04T09:20:00Z' } },
  phase = 'Failed',
) =>
  ({
    metadata: { name: 'a-pod', namespace: 'n' },
    status: { phase, containerStatuses: [{ name: 'agent', state }] },
  }) as unknown as CachedPod

const CLAUDE = { 'agentjob.io/dialect': 'claude-code' }
const LOG = 'one\n{"type":"result","result":"done","session_id":"s"}\n'
const OUTPUT = expect.objectContaining({ result: 'done' })
const TAIL = LOG.trimEnd()

const cases: {
  name: string
  given: CachedJob
  told?: Phase
  pods?: CachedPod[]
  log?: unknown
  /** Lines that are asked for. */
  asked?: number
  want?: object
}[] = [
  { name: 'a run that goes on', given: run(undefined) },
  { name: 'an end that was told', given: run('Failed'), told: 'Failed' },
  { name: 'a run that succeeded', given: run('Complete'), pods: [pod(undefined, 'Succeeded')] },
  { name: 'a run that failed', given: run('Failed'), asked: 20, want: { output: undefined, logTail: TAIL } },
  { name: 'one that a person has stopped', given: run('Failed', { 'agentjob.io/ended': 'Stopped' }) },
  { name: 'one whose log is not to be told', given: run('Failed', { 'agentjob.io/log-tail': 'Never' }) },
  { name: 'one whose agent was never started', given: run('Failed'), pods: [pod({ waiting: {} })] },
  {
    name: 'one whose agent the kubelet did not find',
    given: run('Failed'),
    pods: [pod({ terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', finishedAt: null } })],
  },
  { name: 'one whose pod is gone', given: run('Failed'), pods: [] },
  {
    name: 'a program that prints its result',
    given: run('Complete', CLAUDE),
    asked: 400,
    want: { output: OUTPUT, logTail: TAIL },
  },
  {
    name: 'one that failed: the same request',
    given: run('Failed', CLAUDE),
    asked: 400,
    want: { output: OUTPUT, logTail: TAIL },
  },
  {
    name: 'one whose log is not to be told: its result alone',
    given: run('Failed', { ...CLAUDE, 'agentjob.io/log-tail': 'Never' }),
    asked: 400,
    want: { output: OUTPUT, logTail: undefined },
  },
  {
    name: 'a log whose end did not come',
    given: run('Failed'),
    log: 'x'.repeat(256 * 1024),
    asked: 20,
    want: { output: undefined, logTail: undefined },
  },
  { name: 'an empty log', given: run('Failed'), log: '', asked: 20, want: { output: undefined, logTail: undefined } },
  { name: 'a log that cannot be had', given: run('Failed'), log: new Error('no route to host'), asked: 20 },
]

for (const { name, given, told, pods = [pod()], log = LOG, asked, want = {} } of cases)
  test(`the log of ${name}: ${asked ? `${asked} lines` : 'not asked for'}`, async () => {
    const lines: unknown[] = []
    const transport = {
      async request({ query }: { query: { tailLines: number } }) {
        lines.push(query.tailLines)
        if (log instanceof Error) throw log
        return { body: log }
      },
    }
    const signal = new AbortController().signal
    const ctx = { client: { transport }, signal, log: { warn() {} } } as unknown as Context
    const job = { metadata: {}, status: { runs: told ? [{ uid: 'run', jobName: 'a-r1', phase: told }] : [] } }
    expect(await readLog(ctx, job as unknown as CachedAgentJob, given, pods)).toEqual(want)
    expect(lines).toEqual(asked ? [asked] : [])
  })
