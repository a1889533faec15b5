import { expect, test } from 'bun:test'
import type { Run } from '../../api/agentjobstatus.ts'
import type { Job, ObservedRun } from '../observed.ts'
import { deriveRun } from '../run.ts'
import { ENDED, job, pod, STARTED } from './observed.ts'

/** What is known of a run, a Job of revision e1 without a pod where nothing else is said, and what comes of it. */
export interface RunCase {
  name: string
  given: Partial<ObservedRun>
  before?: Run
  want: Run
}

/** A test for each run. */
export function testRuns(cases: RunCase[]): void {
  for (const { name, given, before, want } of cases)
    test(`a run: ${name}`, () =>
      expect(deriveRun({ job: job('e1'), pods: [], ...given }, before)).toStrictEqual(want as never))
}

/** A Job of three attempts that does not count disruptions. */
export const retried = (status: Job['status']) =>
  job('e1', { status, backoffLimit: 2, podFailurePolicy: { rules: [{ action: 'Ignore' }] } })

/** What is told of a run that has started, and of one that has ended. */
export const started = { startTime: STARTED, attempts: 1 }
export const ended = { ...started, completionTime: ENDED }

/** A pod that no node takes. */
export const unschedulable = pod(undefined, {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' }],
})

/** A pod whose time was up. */
export const timedOut = pod(
  { terminated: { exitCode: 143, reason: 'Error', message: 'half' } },
  { phase: 'Failed', reason: 'DeadlineExceeded' },
)

/** Behind what is said of a run that had attempts left. */
export const UNTRIED = '; spec.retry.onFailures does not name that, so that it is not tried again'
