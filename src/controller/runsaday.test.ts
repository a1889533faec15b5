import { expect, test } from 'bun:test'
import { ApiError } from '../kube/errors.ts'
import type { CachedReference } from '../references/caches.ts'
import { type Context, createMemory } from './context.ts'
import { countRun, inTurn, nextDay, quotaSeen, startedToday } from './runsaday.ts'

interface Used {
  day?: string
  runsToday?: number
  runningRuns?: number
}

/** An API server with one AgentQuota, and leaders whose caches saw it once and never again. */
function world() {
  const stored = { uid: 'u', version: 1, used: {} as Used, writes: 0 }
  const object = () => ({
    metadata: { namespace: 'a', name: 'team', uid: stored.uid, resourceVersion: `${stored.version}` },
    status: { used: { ...stored.used } },
  })
  let time = '2026-03-01T23:59:00Z'
  const client = {
    get: async () => object(),
    mergePatch: async (
      _: unknown,
      __: unknown,
      patch: { metadata: { resourceVersion?: string }; status: { used: Used } },
    ) => {
      const { resourceVersion } = patch.metadata
      if (resourceVersion !== undefined && resourceVersion !== `${stored.version}`)
        throw new ApiError(409, { reason: 'Conflict', message: 'it has changed' })
      Object.assign(stored.used, patch.status.used)
      stored.version++
      stored.writes++
      return object()
    },
  }
  const leader = () => {
    const ctx = { client, memory: createMemory(), now: () => new Date(time) } as unknown as Context
    const { metadata, status } = object()
    const quota = { metadata, used: status.used } as unknown as CachedReference
    return { ctx, quota, start: (job: string, limit = 3) => inTurn(ctx, quota, () => countRun(ctx, quota, limit, job)) }
  }
  const at = (now: string): void => {
    time = now
  }
  return { stored, leader, at }
}

test('so many on a day, and as many on the next', async () => {
  const { leader, at, stored } = world()
  const { start } = leader()
  const first = await Promise.all(['a/1', 'a/2', 'a/3', 'a/4'].map((job) => start(job)))
  expect(first).toEqual([true, true, true, false])
  at('2026-03-02T00:00:00Z')
  expect(await start('a/4')).toBe(true)
  expect(stored.used).toEqual({ day: '2026-03-02', runsToday: 1 })
})

test('a run is counted once, however often it is tried', async () => {
  const { leader, stored } = world()
  const { start } = leader()
  for (let tries = 0; tries < 5; tries++) expect(await start('a/1')).toBe(true)
  expect([stored.used.runsToday, stored.writes]).toEqual([1, 1])
})

test('a new leader goes on from what stands there, although its cache is behind', async () => {
  const { leader, stored } = world()
  const [before, after] = [leader(), leader()]
  for (const job of ['a/1', 'a/2']) expect(await before.start(job)).toBe(true)
  expect(startedToday(after.ctx, after.quota).runs).toBe(0)
  expect([await after.start('a/3'), await after.start('a/4')]).toEqual([true, false])
  expect(stored.used.runsToday).toBe(3)
})

test('somebody who changes the AgentQuota meanwhile loses no run', async () => {
  const { leader, stored } = world()
  const { start } = leader()
  await start('a/1')
  stored.version++
  expect(await start('a/2')).toBe(true)
  expect(stored.used.runsToday).toBe(2)
})

test('an AgentQuota that another has taken the place of counts nothing', async () => {
  const { leader, stored } = world()
  const { start } = leader()
  stored.version++
  stored.uid = 'another'
  expect(await start('a/1')).toBe(true)
  expect(stored.writes).toBe(0)
})

/** An AgentQuota of a version and a count, as it comes by the cache. */
const version = (quota: CachedReference, resourceVersion: string, used: Used) =>
  ({ ...quota, metadata: { ...quota.metadata, resourceVersion }, used }) as CachedReference

test('what somebody else has written is believed, and no run is counted twice by it', async () => {
  const { leader, stored } = world()
  const { ctx, quota, start } = leader()
  for (const job of ['a/1', 'a/2', 'a/3']) await start(job)
  stored.version = 9
  stored.used.runsToday = 1
  expect(await start('a/4')).toBe(false)
  const lowered = version(quota, '9', { day: '2026-03-01', runsToday: 1 })
  expect(quotaSeen(ctx, lowered)).toBe(true)
  expect(startedToday(ctx, quota).runs).toBe(1)
  expect([await start('a/1'), await start('a/4')]).toEqual([true, true])
  expect(stored.used.runsToday).toBe(2)
  expect(quotaSeen(ctx, version(quota, '11', { day: '2026-03-01', runsToday: 3 }))).toBe(false)
  expect(await start('a/5')).toBe(false)
})

test('what this leader has written is not taken for something newer where it comes late', async () => {
  const { leader } = world()
  const { ctx, quota, start } = leader()
  for (const job of ['a/1', 'a/2', 'a/3']) await start(job)
  for (const [at, runsToday] of [1, 2, 3].entries()) {
    expect(quotaSeen(ctx, version(quota, `${at + 2}`, { day: '2026-03-01', runsToday }))).toBe(false)
    expect(startedToday(ctx, quota).runs).toBe(3)
  }
  expect(ctx.memory.days.get('u')?.seen.size).toBe(1)
})

test('the next day begins at midnight in UTC', () => {
  expect(nextDay(new Date('2026-02-28T12:00:00Z')).toISOString()).toBe('2026-03-01T00:00:00.000Z')
})
