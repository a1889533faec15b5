import { expect, test } from 'bun:test'
import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import type { CachedAgentJob } from './caches.ts'
import { createMemory } from './context.ts'
import { remember, statusOf } from './newest.ts'

const status = (revision: string) => ({ revision }) as AgentJobStatus
const cached = (resourceVersion: string) =>
  ({ metadata: { uid: 'u', resourceVersion }, status: status(resourceVersion) }) as CachedAgentJob

test('what we have written last is the newest, whichever version of ours before it the cache shows', () => {
  const memory = createMemory()
  remember(memory, 'u', { over: 'r0', resourceVersion: 'r1', status: status('first') })
  remember(memory, 'u', { over: 'r0', resourceVersion: 'r2', status: status('second') })
  remember(memory, 'u', { over: 'r1', resourceVersion: 'r3', status: status('third') })
  for (const version of ['r0', 'r1', 'r2']) expect(statusOf(memory, cached(version))).toEqual(status('third'))
  for (const version of ['r3', 'of somebody else']) expect(statusOf(memory, cached(version))).toEqual(status(version))
})

test('what was written over what somebody else has made begins anew', () => {
  const memory = createMemory()
  remember(memory, 'u', { over: 'r0', resourceVersion: 'r1', status: status('first') })
  remember(memory, 'u', { over: 'r5', resourceVersion: 'r6', status: status('second') })
  expect(statusOf(memory, cached('r0'))).toEqual(status('r0'))
  expect(statusOf(memory, cached('r5'))).toEqual(status('second'))
})
