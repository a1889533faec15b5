import { afterEach, beforeEach, expect, jest, test } from 'bun:test'
import { memoryLog } from '../../test/kube/scripted.ts'
import { Outbox, type Owed } from './outbox.ts'
import type { Attempt, Message } from './send.ts'

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

const START = Date.parse('2026-05-04T10:00:00Z')
const MINUTE = 60_000
const DELIVERED: Attempt = { isDelivered: true, code: 200 }
const failed = (more: Partial<Attempt> = {}) =>
  ({ isDelivered: false, isFinal: false, message: 'its receiver answered 503', code: 503, ...more }) as Attempt

/** An outbox whose attempts end when the test says so. Without jitter: pauses are as long as they can be. */
function world() {
  let now = START
  const sent: (Message & { n: number })[] = []
  const open = new Map<string, { resolve(attempt: Attempt): void; reject(error: unknown): void }>()
  const [settled, counted]: string[][] = [[], []]
  const leader = new AbortController()
  const log = memoryLog()
  const outbox = new Outbox({
    send(message, n) {
      sent.push({ ...message, n })
      return new Promise((resolve, reject) => open.set(message.id, { resolve, reject }))
    },
    now: () => new Date(now),
    random: () => 1,
    signal: leader.signal,
    log,
    metrics: { notified: (result) => void counted?.push(result) },
    onSettled: (key) => void settled?.push(key),
  })
  async function end(id: string, how: Attempt | Error) {
    const one = open.get(id)
    if (!one) throw new Error(`${id} is not under way`)
    open.delete(id)
    if (how instanceof Error) one.reject(how)
    else one.resolve(how)
    await settle()
  }
  async function pass(ms: number) {
    now += ms
    jest.advanceTimersByTime(ms)
    await settle()
  }
  return { outbox, sent, ids: () => sent.map(({ id }) => id), end, pass, settled, counted, leader, log, open }
}

const owed = (id: string, more: Partial<Owed> = {}): Owed => ({
  ...{ id, url: 'https://hooks.test/', since: new Date(START), body: () => `body of ${id}` },
  ...more,
})

test('what is owed is sent at once, and once, however often it is said', async () => {
  const { outbox, sent, end, settled, counted } = world()
  outbox.owe('a/one', [owed('1')])
  outbox.owe('a/one', [owed('1')])
  const about = { namespace: 'a', name: 'one' }
  expect(sent).toEqual([{ id: '1', url: 'https://hooks.test/', body: 'body of 1', about, n: 0 }])
  await end('1', DELIVERED)
  outbox.owe('a/one', [owed('1')])
  expect(sent).toHaveLength(1)
  expect([settled, counted]).toEqual([['a/one'], ['delivered']])
  const delivery = { state: 'Delivered' as const, code: 200, time: new Date(START) }
  expect([...outbox.deliveriesOf('a/one')]).toEqual([['1', delivery]])
  // the status tells of it by now
  outbox.owe('a/one', [])
  expect(outbox.deliveriesOf('a/one').size).toBe(0)
})

test('what fails is tried again, after longer and longer pauses, and given up after an hour', async () => {
  const { outbox, sent, end, pass, settled, counted } = world()
  outbox.owe('a/one', [owed('1')])
  const at: number[] = []
  for (let minutes = 0; minutes < 90 * 12; minutes++) {
    if (at.length < sent.length) {
      at.push(minutes * 5)
      await end('1', failed())
    }
    await pass(5000)
  }
  expect(at).toEqual([0, 5, 20, 65, 200, 605, 1205, 1805, 2405, 3005])
  expect(sent.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(outbox.deliveriesOf('a/one').get('1')).toEqual({
    ...{ state: 'Failed', code: 503, message: 'its receiver answered 503' },
    // another pause would have been longer than what was left of the hour
    time: new Date(START + 3005_000),
  })
  expect([settled, counted]).toEqual([['a/one'], ['failed']])
})

test('however old it is, it is tried once', async () => {
  const { outbox, sent, end, settled } = world()
  outbox.owe('a/one', [owed('1', { since: new Date(START - 120 * MINUTE) })])
  expect(sent).toHaveLength(1)
  await end('1', failed())
  expect(settled).toEqual(['a/one'])
})

test('what is final is given up at once', async () => {
  const { outbox, sent, end, pass } = world()
  outbox.owe('a/one', [owed('1')])
  await end('1', failed({ isFinal: true, code: 404, message: 'its receiver answered 404' } as never))
  await pass(60 * MINUTE)
  expect(sent).toHaveLength(1)
  expect(outbox.deliveriesOf('a/one').get('1')).toMatchObject({ state: 'Failed', code: 404 })
})

test('Retry-After is a pause, where it is longer; one beyond the hour is the end', async () => {
  const { outbox, sent, end, pass } = world()
  outbox.owe('a/one', [owed('1')])
  await end('1', failed({ retryAfterMs: 2 * MINUTE } as never))
  await pass(2 * MINUTE - 1)
  expect(sent).toHaveLength(1)
  await pass(1)
  expect(sent).toHaveLength(2)
  await end('1', failed({ retryAfterMs: 1000 } as never))
  await pass(1000)
  expect(sent).toHaveLength(2)
  await pass(14_000)
  expect(sent).toHaveLength(3)
  await end('1', failed({ retryAfterMs: 58 * MINUTE } as never))
  expect(outbox.deliveriesOf('a/one').get('1')).toMatchObject({ state: 'Failed', code: 503 })
})

test('what is no longer owed is not sent, whether it waits or pauses; what is under way counts for nothing', async () => {
  const { outbox, sent, end, pass, settled } = world()
  outbox.owe('a/one', [owed('1')])
  await end('1', failed())
  outbox.owe('a/two', [owed('2')])
  for (const key of ['a/one', 'a/two']) outbox.owe(key, [])
  await end('2', failed())
  expect(jest.getTimerCount()).toBe(0)
  await pass(60 * MINUTE)
  expect(sent).toHaveLength(2)
  expect([settled, outbox.length]).toEqual([[], 0])
})

test('the next attempt goes where the spec says by then', async () => {
  const { outbox, sent, end, pass } = world()
  outbox.owe('a/one', [owed('1')])
  await end('1', failed())
  outbox.owe('a/one', [owed('1', { url: 'https://other.test/' })])
  await pass(5000)
  expect(sent.map(({ url }) => url)).toEqual(['https://hooks.test/', 'https://other.test/'])
})

test('a slow host holds up nobody else', async () => {
  const { outbox, ids, end } = world()
  for (let i = 0; i < 10; i++) outbox.owe(`a${i}/one`, [owed(`slow-${i}`, { url: 'https://slow.test/' })])
  outbox.owe('b/one', [owed('quick', { url: 'https://quick.test/' })])
  expect(ids()).toEqual([...Array.from({ length: 8 }, (_, i) => `slow-${i}`), 'quick'])
  await end('slow-1', DELIVERED)
  expect(ids().at(-1)).toBe('slow-8')
  for (const i of [0, 2, 3, 4, 5, 6, 7, 8, 9]) await end(`slow-${i}`, DELIVERED)
  const before = ids().length
  for (let i = 0; i < 10; i++) outbox.owe(`c${i}/one`, [owed(`again-${i}`, { url: 'https://slow.test/' })])
  expect(ids()).toHaveLength(before + 8)
})

test('a tenant with many slow hosts leaves room for others', async () => {
  const { outbox, ids } = world()
  for (let i = 0; i < 40; i++) outbox.owe(`a/${i}`, [owed(`a-${i}`, { url: `https://${i}.slow.test/` })])
  expect(ids()).toHaveLength(8)
  outbox.owe('b/one', [owed('b', { url: 'https://quick.test/' })])
  expect(ids().at(-1)).toBe('b')
})

test('a tenant with much to tell a slow host holds up nobody else there', async () => {
  const { outbox, ids, end } = world()
  for (let i = 0; i < 40; i++) outbox.owe(`a/${i}`, [owed(`a-${i}`)])
  expect(ids()).toEqual(['a-0', 'a-1'])
  outbox.owe('b/one', [owed('b')])
  expect(ids()).toEqual(['a-0', 'a-1', 'b'])
  await end('a-0', failed())
  expect(ids().at(-1)).toBe('a-2')
})

test('the run of another AgentJob, named by somebody else, is his own message', async () => {
  const { outbox, sent, end, pass } = world()
  outbox.owe('b/job', [owed('1')])
  await end('1', failed())
  outbox.owe('a/job', [owed('1', { url: 'https://a.test/' })])
  outbox.owe('a/job', [])
  await pass(5000)
  expect(sent.map(({ url }) => url)).toEqual(['https://hooks.test/', 'https://a.test/', 'https://hooks.test/'])
})

test('there is an end to how many are under way, and nothing is lost by it', async () => {
  const { outbox, ids, end, open } = world()
  for (let i = 0; i < 100; i++) outbox.owe(`n${i}/one`, [owed(`${i}`, { url: `https://${i}.test/` })])
  expect(ids()).toHaveLength(32)
  while (open.size) await end([...open.keys()][0] as string, DELIVERED)
  expect(new Set(ids()).size).toBe(100)
})

test('who is no longer the leader sends nothing, and says nothing of what was under way', async () => {
  const { outbox, sent, end, pass, settled, leader, log } = world()
  outbox.owe('a/one', [owed('1'), owed('2')])
  await end('1', failed())
  leader.abort()
  await end('2', new Error('aborted'))
  outbox.owe('a/two', [owed('3')])
  await pass(60 * MINUTE)
  expect(sent).toHaveLength(2)
  expect([settled, log.entries]).toEqual([[], []])
})

test('a bug of ours is told in the log, and ends there', async () => {
  const { outbox, sent, end, pass, log } = world()
  outbox.owe('a/one', [owed('1')])
  await end('1', new Error('a bug'))
  await pass(60 * MINUTE)
  expect(sent).toHaveLength(1)
  expect(log.entries).toMatchObject([{ level: 'error', message: 'a notification could not be sent' }])
  const message = 'the operator could not send it; its log says why'
  expect(outbox.deliveriesOf('a/one').get('1')).toMatchObject({ state: 'Failed', message })
})

test('a URL that is none stops nobody', async () => {
  const { outbox, ids } = world()
  outbox.owe('a/one', [owed('1', { url: 'https://hooks.test:99999/' }), owed('2')])
  expect(ids()).toEqual(['1', '2'])
})
