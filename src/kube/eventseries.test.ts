import { describe, expect, test } from 'bun:test'
import { createEventSeries, type EventContent } from './eventseries.ts'

const event = (note: string, uid = 'u'): EventContent => ({
  regarding: { apiVersion: 'v1', kind: 'Pod', namespace: 'ns', name: uid, uid },
  type: 'Normal',
  reason: 'Seen',
  note,
})

const MINUTE = 60_000

function given() {
  const clock = { ms: 0 }
  return { clock, series: createEventSeries(() => clock.ms) }
}

describe('the same event', () => {
  const cases = [
    { name: 'at once', after: 0, again: event('a'), want: 2 },
    { name: 'within 10 minutes', after: 10 * MINUTE - 1, again: event('a'), want: 2 },
    { name: 'later', after: 10 * MINUTE, again: event('a'), want: 1 },
    { name: 'another note', after: 0, again: event('b'), want: 1 },
    { name: 'another object', after: 0, again: event('a', 'v'), want: 1 },
    { name: 'another type', after: 0, again: { ...event('a'), type: 'Warning' as const }, want: 1 },
  ]
  for (const { name, after, again, want } of cases) {
    test(name, () => {
      const { clock, series } = given()
      const first = series.count(event('a'))
      clock.ms = after
      const second = series.count(again)
      expect(second?.count).toBe(want)
      expect(second === first).toBe(want === 2)
    })
  }
})

test('an object has 25 at once and one more a minute, others are not hurt; counting goes on', () => {
  const { clock, series } = given()
  const written = () => series.count(event('a'))?.count
  expect(Array.from({ length: 26 }, written).filter((count) => count !== undefined).length).toBe(25)
  expect(series.count(event('a', 'other'))?.count).toBe(1)
  clock.ms = MINUTE
  expect([written(), written()]).toEqual([27, undefined])
  expect(JSON.stringify(series.count(event('b')))).toBeUndefined()
})

test('what has nothing more to say is forgotten', () => {
  const { clock, series } = given()
  for (let n = 0; n < 100; n++) series.count(event('a', `${n}`))
  expect(series.remembered()).toBe(200)
  clock.ms = 10 * MINUTE - 1
  series.count(event('a', 'later'))
  // one token is back after a minute, an event can come again for ten
  expect(series.remembered()).toBe(102)
  clock.ms = 10 * MINUTE
  series.count(event('a', 'later'))
  expect(series.remembered()).toBe(2)
})
