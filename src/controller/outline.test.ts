import { expect, test } from 'bun:test'
import type { CachedAgentJob } from './caches.ts'
import { createOutline } from './outline.ts'

const job = (name: string, runtime: string) =>
  ({
    apiVersion: 'agentjob.io/v1alpha1',
    kind: 'AgentJob',
    metadata: { namespace: 'agents', name, uid: name, resourceVersion: '1', labels: { a: 'b' } },
    spec: { prompt: 'Go.' },
    status: { phase: 'Succeeded', result: 'done' },
    expansion: {
      references: [{ kind: 'AgentRuntime', namespace: 'agents', name: runtime, hash: '1' }],
      signature: `${Buffer.from('{"alg":"HS256","kid":"2"}').toString('base64url')}.a.b`,
    },
  }) as unknown as CachedAgentJob

test('an outline has what tells of a change, and no more', () => {
  expect(createOutline()(job('a', 'echo'))).toEqual({
    apiVersion: 'agentjob.io/v1alpha1',
    kind: 'AgentJob',
    metadata: { namespace: 'agents', name: 'a', uid: 'a', resourceVersion: '1' },
    expansion: { references: [{ kind: 'AgentRuntime', namespace: 'agents', name: 'echo', hash: '1' }] },
    phase: 'Succeeded',
    epoch: 2,
    asleep: true,
  })
})

test('AgentJobs that look the same things up share one list of them', () => {
  const outline = createOutline()
  const [one, same, other] = [outline(job('a', 'echo')), outline(job('b', 'echo')), outline(job('c', 'other'))]
  expect(same.expansion.references).toBe(one.expansion.references)
  expect(other.expansion.references).not.toBe(one.expansion.references)
})

test('a list that nobody holds any more is forgotten', async () => {
  const lists: Parameters<typeof createOutline>[0] = new Map()
  const outline = createOutline(lists)
  const kept = outline(job('kept', 'echo'))
  for (let n = 0; n < 1000; n++) outline(job(`a${n}`, `r${n}`))
  expect(lists.size).toBe(1001)
  for (let tries = 0; lists.size > 100 && tries < 50; tries++) {
    Bun.gc(true)
    await Bun.sleep(10)
  }
  // the collector may take some of what lies on the stack for held
  expect(lists.size).toBeLessThanOrEqual(100)
  expect(outline(job('b', 'echo')).expansion.references).toBe(kept.expansion.references)
})
