import { expect, test } from 'bun:test'
import { createBackoff, delay } from './delay.ts'

test('backoff doubles to its cap, and starts over', () => {
  const backoff = createBackoff({ baseMs: 200, capMs: 30_000, random: () => 1 })
  const waits = Array.from({ length: 10 }, () => backoff.next())
  expect(waits).toEqual([200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000])
  backoff.reset()
  expect(backoff.next()).toBe(200)
  expect(createBackoff({ baseMs: 200, capMs: 30_000, random: () => 0 }).next()).toBe(0)
})

test('a delay ends with its signal', async () => {
  const reason = new Error('enough')
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), 10)
  await expect(delay(10_000, controller.signal)).rejects.toBe(reason)
  await expect(delay(10_000, controller.signal)).rejects.toBe(reason)
  await delay(1, new AbortController().signal)
})
