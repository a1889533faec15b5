import { expect, test } from 'bun:test'
import { AgentJobStatus } from '../../api/agentjobstatus.ts'
import type { Problem } from '../../api/expansion.ts'
import { deriveStatus } from '../derive.ts'
import type { ObservedRun } from '../observed.ts'
import { type Kstatus, kstatusOf } from './kstatus.ts'
import { active, complete, type Given, job, observed, run, running, terminated } from './observed.ts'
import { ended } from './runs.ts'

export const absent: Problem = {
  reason: 'ReferenceNotFound',
  path: 'spec.runtimeRef',
  message: 'there is no such thing',
}
export const forbidden: Problem = { reason: 'Forbidden', path: 'spec.clusterAccessRef', message: 'not entitled' }

export const runs: ObservedRun = { job: job('e1', { status: active }), pods: [running()] }
export const done: ObservedRun = { job: job('e1', { status: complete }), pods: [terminated(0, 'done')] }
export const doneRun = run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done' })

/** What a status says of the Job of revision e1 that was started last. */
export const ofE1 = { revision: 'e1', inputHash: 'i1' }

/** What a status says of the run that it shows, beside `phase` and `reason`. */
export const shown = ({ startTime, completionTime, attempts, exitCode, result, jobName }: ReturnType<typeof run>) =>
  Object.fromEntries(
    Object.entries({
      startTime,
      completionTime,
      attempts,
      exitCode,
      result,
      jobName,
      lastRunTime: startTime,
    }).filter(([, value]) => value !== undefined),
  )

/** What is known of an AgentJob, and the status that comes of it. */
export interface StatusCase {
  name: string
  given: Given
  want: Record<string, unknown>
  /** TYPE=STATUS/REASON, in their order. */
  conditions: string[]
  kstatus: Kstatus
}

const statusOf = (given: Given) => {
  // what is due has a table of its own
  const { due: _, ...status } = deriveStatus(observed(given))
  return { ...status, conditions: status.conditions?.map((one) => `${one.type}=${one.status}/${one.reason}`) }
}

/** Three tests for each status: what it says, what kstatus makes of it, that its schema knows all of it. */
export function testStatuses(what: string, cases: StatusCase[]): void {
  for (const { name, given, want, conditions, kstatus } of cases) {
    test(`${what}: ${name}`, () => {
      const { configHash, ...rest } = { observedGeneration: 3, configHash: 'c1' as unknown, ...want, conditions }
      expect(statusOf(given)).toStrictEqual({ ...rest, ...(configHash ? { configHash } : {}) } as never)
    })
    test(`${what}: ${name}: kstatus reads ${kstatus}`, () => {
      const { job } = observed(given)
      expect(kstatusOf({ ...job, status: deriveStatus(observed(given)) })).toBe(kstatus)
    })
    test(`${what}: ${name}: the schema knows it`, () =>
      expect(AgentJobStatus.strict().safeParse(deriveStatus(observed(given))).error?.issues).toBeUndefined())
  }
}
