import { describe, expect, test } from 'bun:test'
import { HELD_ANNOTATION } from '../expand/names.ts'
import { deriveStatus } from './derive.ts'
import type { WaitsFor } from './observed.ts'
import { cronJob, observed, scheduledJob } from './testdata/observed.ts'

const AT = '2026-05-04T09:59:00Z'

describe('a run that waits for its turn says what for', () => {
  const cases: { waitsFor: WaitsFor; reason: string; says: string }[] = [
    {
      waitsFor: { kind: 'AgentRuntime', name: 'echo' },
      reason: 'ConcurrencyLimit',
      says: 'AgentRuntime "echo" has as many runs under way as its maxConcurrentRuns allows',
    },
    {
      waitsFor: { kind: 'AgentQuota', name: 'team' },
      reason: 'AgentQuotaReached',
      says: 'AgentQuota "team" has as many runs of this namespace under way as its maxRunningRuns allows',
    },
    {
      waitsFor: { kind: 'AgentQuotaDay', name: 'team' },
      reason: 'AgentQuotaReached',
      says: 'AgentQuota "team" has had as many runs of this namespace start today as its maxRunsPerDay allows',
    },
  ]
  for (const { waitsFor, reason, says } of cases) {
    const want = { phase: 'Queued' as const, reason, message: expect.stringContaining(says) as unknown as string }

    test(`${waitsFor.kind}: a one-shot, which has no Job`, () => {
      expect(deriveStatus(observed({ waitsFor }))).toMatchObject(want)
    })

    test(`${waitsFor.kind}: a schedule, whose Job is suspended`, () => {
      const held = scheduledJob(AT, { suspend: true })
      held.metadata.annotations = { ...held.metadata.annotations, [HELD_ANNOTATION]: 'true' }
      const given = { schedule: '* * * * *', cronJob: cronJob(), runs: [{ job: held, pods: [] }], waitsFor }
      const status = deriveStatus(observed(given))
      expect(status).toMatchObject(want)
      expect(status.runs?.map((run) => [run.phase, run.reason])).toEqual([['Queued', reason]])
    })
  }
})
