import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import { Queue, type Result } from './queue.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

/** Lets everything go on that waits for no timer. */
async function settle() {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

async function pass(ms: number) {
  jest.advanceTimersByTime(ms)
  await settle()
}

/** A queue whose reconciles end when the test says so. */
function world(o: { concurrency?: number; random?: () => number } = {}) {
  const started: string[] = []
  const open = new Map<string, { resolve(result: Result): void; reject(error: Error): void }>()
  const seen = {
    ...{ depths: [] as number[], reconciled: [] as string[], logged: [] as object[] },
    ...{
      counts: { added: 0, delayed: 0 },
      waited: [] as number[],
      underWay: undefined as (() => number[]) | undefined,
    },
  }
  const log = { debug() {}, info() {}, error() {}, warn: (fields: object) => void seen.logged.push(fields) }
  const queue = new Queue({
    reconcile(key) {
      started.push(key)
      if (open.has(key)) throw new Error(`${key} is worked on twice at a time`)
      return new Promise((resolve, reject) => open.set(key, { resolve, reject })).finally(() =>
        open.delete(key),
      ) as never
    },
    concurrency: o.concurrency ?? 2,
    about: (name) => ({ name }),
    random: o.random ?? (() => 0.5),
    log,
    metrics: {
      depth: (length) => void seen.depths.push(length),
      added: () => void seen.counts.added++,
      delayed: () => void seen.counts.delayed++,
      taken: (seconds) => void seen.waited.push(seconds),
      working: (_, underWay) => {
        seen.underWay = underWay
      },
      reconciled: (result) => void seen.reconciled.push(result),
    },
  })
  async function end(key: string, result?: Result | Error) {
    const one = open.get(key)
    if (!one) throw new Error(`${key} is not worked on`)
    if (result instanceof Error) one.reject(result)
    else one.resolve(result)
    await settle()
  }
  return { queue, started, seen, end }
}

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

describe('urgent keys', () => {
  /** A queue with eight places, in which sixteen keys have just yielded. */
  async function inBurst(o: { apartMs?: number } = {}) {
    const one = world({ concurrency: 8 })
    for (let n = 0; n < 16; n++) {
      one.queue.add(`urgent-${n}`, { urgent: true })
      await one.end(`urgent-${n}`, { yield: true })
      await one.end(`urgent-${n}`)
      await pass(o.apartMs ?? 0)
    }
    one.started.length = 0
    return one
  }

  test('go first, and leave the others an eighth of the places', async () => {
    const { queue, started, end } = world({ concurrency: 8 })
    for (const key of 'abcdefgh') queue.add(key)
    for (const key of ['i', 'j']) queue.add(key)
    for (const n of [1, 2]) queue.add(`urgent-${n}`, { urgent: true })
    for (const key of 'abcdefgh') await end(key)
    expect(started.slice(8)).toEqual(['urgent-1', 'urgent-2', 'i', 'j'])
    for (const n of [3, 4, 5, 6, 7, 8]) queue.add(`urgent-${n}`, { urgent: true })
    for (const key of ['k', 'l']) queue.add(key)
    for (const key of ['i', 'j', 'urgent-1']) await end(key)
    expect(started.slice(12)).toEqual(['urgent-3', 'urgent-4', 'urgent-5', 'urgent-6', 'urgent-7', 'k', 'urgent-8'])
  })

  test('hold the others back while many of them have just been done', async () => {
    const { queue, started, end } = await inBurst()
    for (const key of ['a', 'b', 'c']) queue.add(key)
    expect(started).toEqual(['a'])
    queue.add('urgent', { urgent: true })
    await end('a')
    expect(started).toEqual(['a', 'urgent', 'b'])
    // nobody adds anything, and nothing ends
    await pass(400)
    expect(started).toHaveLength(3)
    await pass(100)
    expect(started).toEqual(['a', 'urgent', 'b', 'c'])
  })

  test('hold nobody back where they come one by one', async () => {
    const { queue, started } = await inBurst({ apartMs: 40 })
    for (const key of ['a', 'b', 'c']) queue.add(key)
    expect(started).toEqual(['a', 'b', 'c'])
  })

  test('leave half of the places to who has waited for five seconds, also in a moment in which none of them waits', async () => {
    const { queue, started, end } = await inBurst()
    for (const key of 'abcdef') queue.add(key)
    for (let n = 0; n < 499; n++) {
      queue.add(`more-${n}`, { urgent: true })
      await end(`more-${n}`, { yield: true })
      await pass(10)
    }
    const taken = () => started.filter((key) => !key.startsWith('more')).join('')
    expect(taken()).toBe('a')
    await pass(10)
    queue.add('more', { urgent: true })
    expect(taken()).toBe('abcd')
  })

  test('leave half of the places to who has waited for five seconds, however many of them wait', async () => {
    const { queue, started, end } = world({ concurrency: 8 })
    for (let n = 0; n < 600; n++) queue.add(`more-${n}`, { urgent: true })
    for (const key of 'abcdef') queue.add(key)
    const others = () => started.filter((key) => !key.startsWith('more')).join('')
    for (let n = 0; n < 498; n++) {
      await pass(10)
      await end(`more-${n}`)
    }
    expect(others()).toBe('a')
    await pass(30)
    for (let n = 498; n < 508; n++) await end(`more-${n}`)
    expect(others()).toBe('abcd')
    expect(started.at(-1)).toStartWith('more')
  })

  test('are urgent also where they were added while they were worked on', async () => {
    const { queue, started, end } = world({ concurrency: 1 })
    for (const key of ['a', 'b']) queue.add(key)
    queue.add('a', { urgent: true })
    queue.add('a')
    await end('a')
    expect(started).toEqual(['a', 'a'])
  })

  test('what a key leaves for later is not urgent', async () => {
    const { queue, started, end } = world({ concurrency: 1 })
    for (const key of ['a', 'b']) queue.add(key, { urgent: true })
    await end('a', { yield: true })
    expect(started).toEqual(['a', 'b'])
    await end('b')
    expect(started).toEqual(['a', 'b', 'a'])
  })
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
