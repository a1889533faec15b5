import { expect, test } from 'bun:test'
import { Phase } from '../api/agentjobstatus.ts'
import { Store } from '../kube/store.ts'
import type { CachedAgentJob } from './caches.ts'
import { createOutline, type SleepingAgentJob } from './outline.ts'
import { phasesOf } from './phases.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }
const job = (name: string, phase?: Phase) =>
  ({
    apiVersion: 'agentjob.io/v1alpha1',
    kind: 'AgentJob',
    metadata: { namespace: 'agents', name, uid: name, resourceVersion: '1' },
    expansion: { references: [] },
    status: phase && { phase },
  }) as unknown as CachedAgentJob

function cache(jobs: (CachedAgentJob | SleepingAgentJob)[]) {
  const agentJobs = new Store<CachedAgentJob | SleepingAgentJob>(log)
  for (const one of jobs) agentJobs.upsert(one)
  return { agentJobs }
}

test('AgentJobs are counted, whole and in outline; one without a status is Pending', () => {
  const outline = createOutline()
  const counts = phasesOf(
    cache([
      job('a', 'Running'),
      outline(job('b', 'Succeeded')),
      outline(job('c', 'Succeeded')),
      job('d'),
      outline(job('e')),
    ]),
  )
  const none = Object.fromEntries(Phase.options.map((phase) => [phase, 0]))
  expect(Object.fromEntries(counts)).toEqual({ ...none, Running: 1, Succeeded: 2, Pending: 2 })
})

test('ten thousand at rest are counted in a few milliseconds', () => {
  const outline = createOutline()
  const caches = cache(Array.from({ length: 10_000 }, (_, index) => outline(job(`job-${index}`, 'Scheduled'))))
  const before = process.cpuUsage()
  expect(phasesOf(caches).get('Scheduled')).toBe(10_000)
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(20)
})
