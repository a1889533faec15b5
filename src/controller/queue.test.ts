import { afterEach, beforeEach, expect, jest, test } from 'bun:test'
import type { Result } from './queue.ts'
import { pass, world } from './testing/queue.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

test('a key that waits is worked on once, however often it is added', async () => {
  const { queue, started, end } = world({ concurrency: 1 })
  for (const key of ['a', 'b', 'c', 'b', 'c', 'b']) queue.add(key)
  for (const key of ['a', 'b', 'c']) await end(key)
  expect(started).toEqual(['a', 'b', 'c'])
  expect(queue.length).toBe(0)
})

test('a key that is added while it is worked on is worked on again, once, and not at the same time', async () => {
  const { queue, started, end } = world()
  queue.add('a')
  queue.add('a')
  queue.add('a')
  expect(started).toEqual(['a'])
  await end('a')
  expect(started).toEqual(['a', 'a'])
  await end('a')
  expect(started).toEqual(['a', 'a'])
})

test('no more keys at a time than there are hands', async () => {
  const { queue, started, end } = world({ concurrency: 2 })
  for (const key of ['a', 'b', 'c', 'd']) queue.add(key)
  expect(started).toEqual(['a', 'b'])
  expect(queue.length).toBe(4)
  await end('b')
  expect(started).toEqual(['a', 'b', 'c'])
})

test('what is added again waits its turn', async () => {
  const { queue, started, end } = world({ concurrency: 1 })
  for (const key of ['a', 'b', 'a']) queue.add(key)
  await end('a')
  await end('b')
  expect(started).toEqual(['a', 'b', 'a'])
})

for (const { name, results } of [
  { name: 'a retry', results: Array<Result>(10).fill({ retry: true }) },
  { name: 'an error', results: Array<Error>(10).fill(new Error('no connection')) },
])
  test(`${name} comes back with back-off, up to half a minute`, async () => {
    const { queue, started, end } = world()
    queue.add('a')
    const waits: number[] = []
    for (const result of results) {
      const before = started.length
      await end('a', result)
      let ms = 0
      for (; started.length === before; ms += 50) await pass(50)
      waits.push(ms)
    }
    expect(waits).toEqual([150, 300, 600, 1200, 2400, 4800, 9600, 19200, 22500, 22500])
  })

for (const { random, want } of [
  { random: 0, want: 100 },
  { random: 1, want: 200 },
])
  test(`half of the back-off is jitter: ${random}`, async () => {
    const { queue, started, end } = world({ random: () => random })
    queue.add('a')
    await end('a', { retry: true })
    await pass(want - 1)
    expect(started).toHaveLength(1)
    await pass(1)
    expect(started).toHaveLength(2)
  })

test('back-off is a matter of one key, and begins anew after a success', async () => {
  const { queue, started, end } = world()
  queue.add('a')
  await end('a', { retry: true })
  await pass(150)
  await end('a', { retry: true })
  queue.add('b')
  await end('b', { retry: true })
  await pass(150)
  expect(started).toEqual(['a', 'a', 'b', 'b'])
  await pass(150)
  await end('a')
  queue.add('a')
  await end('a', { retry: true })
  await pass(150)
  expect(started.filter((key) => key === 'a')).toHaveLength(5)
})

test('an error is logged, and is not that of the process', async () => {
  const { queue, seen, end } = world()
  queue.add('a')
  await end('a', new Error('no connection'))
  expect(seen.logged).toEqual([{ name: 'a', err: new Error('no connection') }])
})

test('a key that was added meanwhile does not wait for its back-off', async () => {
  const { queue, started, end } = world()
  queue.add('a')
  queue.add('a')
  await end('a', { retry: true })
  expect(started).toEqual(['a', 'a'])
})

test('another look after some time', async () => {
  const { queue, started, end } = world()
  queue.add('a')
  await end('a', { afterMs: 60_000 })
  await pass(59_999)
  expect(started).toHaveLength(1)
  await pass(1)
  expect(started).toHaveLength(2)
})

for (const { name, given, want } of [
  { name: 'the earlier one first', given: [1000, 5000], want: 1000 },
  { name: 'the earlier one last', given: [5000, 1000], want: 1000 },
])
  test(`of two delays the earlier one counts: ${name}`, async () => {
    const { queue, started, end } = world()
    for (const ms of given) queue.addAfter('a', ms)
    await pass(want - 1)
    expect(started).toEqual([])
    await pass(1)
    expect(started).toEqual(['a'])
    await end('a')
    await pass(10_000)
    expect(started).toEqual(['a'])
  })

test('a delay that no timer takes is one look too early, not one at once', async () => {
  const { queue, started } = world()
  queue.addAfter('a', 100 * 24 * 3600 * 1000)
  await pass(1000)
  expect(started).toEqual([])
  await pass(2 ** 31 - 1001)
  expect(started).toEqual(['a'])
})

test('what is forgotten is not scheduled any more, and its failures do not count', async () => {
  const { queue, started, end } = world()
  queue.add('a')
  await end('a', { retry: true })
  queue.forget('a')
  await pass(60_000)
  expect(started).toEqual(['a'])
  queue.add('a')
  await end('a', { retry: true })
  await pass(150)
  expect(started).toEqual(['a', 'a', 'a'])
})

test('close waits for what is under way, and takes nothing more', async () => {
  const { queue, started, seen, end } = world({ concurrency: 1 })
  queue.add('a')
  queue.add('a')
  queue.add('b')
  queue.addAfter('c', 1000)
  let closed = false
  void queue.close().then(() => {
    closed = true
  })
  queue.add('d')
  queue.addAfter('e', 1000)
  await pass(60_000)
  expect({ closed, started }).toEqual({ closed: false, started: ['a'] })
  await end('a', new Error('aborted'))
  await pass(60_000)
  expect({ closed, started }).toEqual({ closed: true, started: ['a'] })
  // an end that was asked for is nothing to be told of
  expect(seen.logged).toEqual([])
})

test('close of an idle queue is done at once', async () => {
  const { queue } = world()
  queue.addAfter('a', 1000)
  await queue.close()
  expect(queue.length).toBe(0)
})

test('what is measured: how many wait, and how it went', async () => {
  const { queue, seen, end } = world({ concurrency: 1 })
  queue.add('a')
  queue.add('b')
  expect(seen.depths.at(-1)).toBe(1)
  await end('a')
  expect(seen.depths.at(-1)).toBe(0)
  await end('b', { afterMs: 1 })
  await pass(1)
  await end('b', { retry: true })
  await pass(200)
  await end('b', new Error('x'))
  expect(seen.reconciled).toEqual(['success', 'requeue_after', 'requeue', 'error'])
})

test('what is counted: each time that a key comes into line, how long it stands there, and who is worked on', async () => {
  const { queue, seen, end } = world({ concurrency: 1 })
  for (const key of ['a', 'b', 'b', 'a', 'a']) queue.add(key)
  queue.add('b', { urgent: true })
  // a, which was taken at once, b, and a again, while it is worked on
  expect(seen.counts).toEqual({ added: 3, delayed: 0 })
  expect(seen.underWay?.()).toHaveLength(1)
  await pass(3000)
  await end('a')
  await end('b')
  await end('a', { afterMs: 1000 })
  expect(seen.waited.map(Math.round)).toEqual([0, 3, 3])
  expect(seen.counts).toEqual({ added: 3, delayed: 1 })
  expect(seen.underWay?.()).toEqual([])
})

test('a queue that is closed reports nothing that waits', async () => {
  const { queue, seen } = world({ concurrency: 1 })
  for (const key of ['a', 'b']) queue.add(key)
  void queue.close()
  expect(seen.depths.at(-1)).toBe(0)
  expect(seen.underWay).toBeUndefined()
})

test('a look that follows at once leaves no timer of the one before behind', async () => {
  const { queue, started, seen, end } = world()
  queue.add('a')
  queue.forget('a')
  queue.add('a')
  await end('a', { afterMs: 60_000 })
  await end('a')
  await pass(60_000)
  expect({ started, delayed: seen.counts.delayed }).toEqual({ started: ['a', 'a'], delayed: 0 })
})
