import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import { pass, world } from './testing/queue.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
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
