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
    expansion: { references: [{ kind: 'AgentRuntime', namespace: 'agents', name: runtime, hash: '1' }] },
  }) as unknown as CachedAgentJob

test('an outline has what tells of a change, and no more', () => {
  expect(createOutline()(job('a', 'echo'))).toEqual({
    apiVersion: 'agentjob.io/v1alpha1',
    kind: 'AgentJob',
    metadata: { namespace: 'agents', name: 'a', uid: 'a', resourceVersion: '1' },
    expansion: { references: [{ kind: 'AgentRuntime', namespace: 'agents', name: 'echo', hash: '1' }] },
    phase: 'Succeeded',
    asleep: true,
  })
})

test('AgentJobs that look the same things up share one list of them', () => {
  const outline = createOutline()
  const [one, same, other] = [outline(job('a', 'echo')), outline(job('b', 'echo')), outline(job('c', 'other'))]
  expect(same.expansion.references).toBe(one.expansion.references)
  expect(other.expansion.references).not.toBe(one.expansion.references)
})

test('lists are not gone through at each new one, however many differ', () => {
  let derefs = 0
  const { WeakRef: real } = globalThis
  globalThis.WeakRef = class<T extends WeakKey> extends real<T> {
    override deref() {
      derefs++
      return super.deref()
    }
  }
  try {
    const outline = createOutline()
    const kept = Array.from({ length: 8000 }, (_, index) => outline(job(`a${index}`, `r${index}`)))
    expect(kept).toHaveLength(8000)
    expect(derefs).toBeLessThan(3 * 8000)
  } finally {
    globalThis.WeakRef = real
  }
})
