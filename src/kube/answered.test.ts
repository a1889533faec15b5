import { expect, test } from 'bun:test'
import { untilAnswered } from './answered.ts'
import { ApiError, TransportError } from './errors.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }
const options = { what: 'a question', signal: new AbortController().signal, log, random: () => 0 }

test('no answer, 429 and 5xx are asked again', async () => {
  const failures = [new TransportError('cut'), new ApiError(429, {}), new ApiError(500, {}), new ApiError(504, {})]
  const answer = await untilAnswered(async () => {
    const failure = failures.shift()
    if (failure) throw failure
    return 'yes'
  }, options)
  expect(answer).toBe('yes')
})

test('a no is an answer, and so is a bug', async () => {
  for (const error of [new ApiError(403, {}), new ApiError(404, {}), new TypeError('a bug')])
    await expect(untilAnswered(() => Promise.reject(error), options)).rejects.toBe(error)
})

test('nobody waits longer than his signal', async () => {
  const reason = new Error('enough')
  const controller = new AbortController()
  const waiting = untilAnswered(() => Promise.reject(new TransportError('cut')), {
    ...options,
    signal: controller.signal,
    random: () => 1,
  })
  setTimeout(() => controller.abort(reason), 10)
  await expect(waiting).rejects.toBe(reason)
})
