import { expect, test } from 'bun:test'
import type { CachedJob, CachedPod } from './caches.ts'
import { createMemory } from './context.ts'
import { bury, buryPod, forget, graveOf, withFirstDeletion } from './graves.ts'

const pod = (metadata: object = {}) => ({ metadata: { name: 'a', uid: 'a', ...metadata } }) as CachedPod
const asked = { deletionTimestamp: '2026-05-04T09:20:30Z', deletionGracePeriodSeconds: 30 }
const killed = { deletionTimestamp: '2026-05-04T09:20:02Z', deletionGracePeriodSeconds: 0 }

const cases: { name: string; now: CachedPod; before?: CachedPod; want: object }[] = [
  { name: 'one that lives', now: pod(), before: pod(), want: {} },
  { name: 'one that is asked to end', now: pod(asked), before: pod(), want: asked },
  { name: 'the kubelet lets go of it', now: pod(killed), before: pod(asked), want: asked },
  { name: 'one that was deleted when it had ended', now: pod(killed), before: pod(), want: killed },
  { name: 'nobody has seen it before', now: pod(killed), want: killed },
  { name: 'another one of its name', now: pod({ uid: 'b' }), before: pod(asked), want: { uid: 'b' } },
]
for (const { name, now, before, want } of cases)
  test(`when a pod was to end: ${name}`, () => {
    expect(withFirstDeletion(now, before).metadata).toEqual({ name: 'a', uid: 'a', ...want })
  })

const labels = { 'agentjob.io/agentjob': 'task' }
const job = { metadata: { namespace: 'agents', name: 'task-1', uid: 'job', labels } } as unknown as CachedJob
const itsPod = {
  metadata: { namespace: 'agents', name: 'p', labels, ownerReferences: [{ uid: 'job', controller: true }] },
} as unknown as CachedPod
const KEY = 'agents/task'

test('a Job is remembered while the end of its pod is still to come, and until that is told', () => {
  const memory = createMemory()
  bury(memory, job)
  const names = () => graveOf(memory, KEY).jobs.map(({ metadata }) => metadata.name)
  forget(memory, KEY, graveOf(memory, KEY), {}, () => true)
  expect(names()).toEqual(['task-1'])
  const told = graveOf(memory, KEY)
  buryPod(memory, itsPod)
  forget(memory, KEY, told, {})
  expect(names()).toEqual(['task-1'])
  forget(memory, KEY, graveOf(memory, KEY), {})
  expect(graveOf(memory, KEY)).toEqual({ jobs: [], pods: [] })
})
