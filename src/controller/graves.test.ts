import { expect, test } from 'bun:test'
import type { CachedPod } from './caches.ts'
import { withFirstDeletion } from './graves.ts'

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
