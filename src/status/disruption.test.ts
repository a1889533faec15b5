import { failed, job, pod, run } from './testdata/observed.ts'
import { ended, testRuns } from './testdata/runs.ts'

/** A pod that is asked at 9:20 to end within 30 seconds, and whose agent ends at that time. */
const deleted = (finishedAt: string, exitCode: number, disrupted?: { reason?: string; message?: string }) => {
  const state = { terminated: { exitCode, reason: exitCode ? 'Error' : 'Completed', finishedAt } }
  const conditions = disrupted ? [{ type: 'DisruptionTarget', status: 'True', ...disrupted }] : []
  const one = pod(state, { phase: exitCode ? 'Failed' : 'Succeeded', conditions })
  return {
    ...one,
    metadata: { ...one.metadata, deletionTimestamp: '2026-05-04T09:20:30Z', deletionGracePeriodSeconds: 30 },
  }
}
const killed = '2026-05-04T09:20:00Z'

const cases = [
  {
    name: 'a pod that the Eviction API has ended',
    given: deleted(killed, 143, { reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }),
    exitCode: 143,
    reason: 'EvictionByEvictionAPI',
    message: 'the pod was evicted through the Eviction API, as "kubectl drain" does',
  },
  {
    name: 'the same of an agent that ends with 0 when it is told to',
    given: deleted(killed, 0, { reason: 'EvictionByEvictionAPI' }),
    exitCode: 0,
    reason: 'EvictionByEvictionAPI',
    message: 'the pod was evicted through the Eviction API, as "kubectl drain" does',
  },
  {
    name: 'a disruption that is new to us',
    given: deleted(killed, 143, { reason: 'DeletionByComet', message: 'Comet: impact' }),
    exitCode: 143,
    reason: 'DeletionByComet',
    message: 'the pod was taken away: Comet: impact',
  },
  {
    name: 'a disruption without a reason',
    given: deleted(killed, 143, {}),
    exitCode: 143,
    reason: 'DisruptionTarget',
    message: 'the pod was taken away: DisruptionTarget',
  },
  {
    name: 'a pod that somebody deleted',
    given: deleted('2026-05-04T09:20:01Z', 137),
    exitCode: 137,
    reason: 'PodDeleted',
    message: 'the pod was deleted before the agent had ended',
  },
  {
    name: 'a pod that somebody deleted before its agent had started',
    given: { ...pod(), metadata: { ...pod().metadata, deletionTimestamp: killed } },
    exitCode: undefined,
    reason: 'PodDeleted',
    message: 'the pod was deleted before the agent had ended',
  },
  {
    name: 'a pod that somebody deleted after its end',
    given: deleted('2026-05-04T09:19:59Z', 3),
    exitCode: 3,
    reason: 'Error',
    message: undefined,
  },
]

testRuns(
  cases.map(({ name, given, exitCode, reason, message }) => ({
    name,
    given: { job: job('e1', { status: failed() }), pods: [given] },
    want: run('e1', {
      ...{ phase: 'Failed' as const, reason, ...ended },
      ...(message === undefined ? {} : { message }),
      ...(exitCode === undefined ? {} : { exitCode }),
    }),
  })),
)
