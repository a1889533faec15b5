import { afterEach, beforeEach, expect, test } from 'bun:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogLevel } from '../expand/settings.ts'
import { followLevel } from './followlevel.ts'

let stop: AbortController
beforeEach(() => {
  stop = new AbortController()
})
afterEach(() => stop.abort())

/** A log that follows what the test says. */
function given(first: LogLevel) {
  const said: string[] = []
  const say = (_: object, message: string) => void said.push(message)
  const log = { level: first as string, debug() {}, info() {}, warn: say, error: say }
  let next: LogLevel | undefined | Error = first
  const read = () => (next instanceof Error ? Promise.reject(next) : Promise.resolve(next))
  void followLevel({ read, otherwise: 'warn', log, signal: stop.signal, intervalMs: 2 })
  const eventually = async (done: () => boolean) => {
    for (let tries = 0; !done() && tries < 500; tries++) await sleep(2)
    expect(done()).toBe(true)
  }
  return {
    log,
    said,
    eventually,
    says(level: LogLevel | undefined | Error) {
      next = level
    },
  }
}

test('the log follows the settings, and says so at any level; where they say nothing, the flag holds', async () => {
  const { log, said, says, eventually } = given('error')
  says('debug')
  await eventually(() => log.level === 'debug')
  says(undefined)
  await eventually(() => log.level === 'warn')
  await sleep(20)
  expect(said).toEqual(['the log has another level', 'the log has another level'])
})

test('settings that cannot be read change nothing, and are told of once', async () => {
  const { log, said, says, eventually } = given('info')
  says(new Error('settings.yaml:1:1: logLevel: must be one of …'))
  await eventually(() => said.length > 0)
  await sleep(20)
  expect(said).toEqual(['the settings cannot be read; the level of the log stays'])
  expect(log.level).toBe('info')
  says('debug')
  await eventually(() => log.level === 'debug')
})

test('nothing is read after the end', async () => {
  const { log, says } = given('info')
  stop.abort()
  says('debug')
  await sleep(20)
  expect(log.level).toBe('info')
})
