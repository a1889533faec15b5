import { expect, test } from 'bun:test'
import { growthOf, plotOf, type Sample } from './samples.ts'

const MB = 1e6
const samples = (heapAt: (at: number) => number): Sample[] =>
  Array.from({ length: 360 }, (_, n) => ({
    at: n * 10,
    agentJobs: 0,
    jobs: 0,
    replicas: { a: { rss: 100 * MB, heap: heapAt(n * 10), objects: 1, requests: n } },
  }))

test('growth is that of the second half, and a single peak is none', () => {
  expect(
    growthOf(
      samples((at) => (at < 1800 ? at * MB : 1800 * MB)),
      'heap',
    ),
  ).toEqual({ a: 0 })
  expect(
    growthOf(
      samples((at) => (at === 3000 ? 999 * MB : 5 * MB)),
      'heap',
    ),
  ).toEqual({ a: 0 })
  const { a } = growthOf(
    samples((at) => at * 1000),
    'heap',
  )
  expect(a).toBeWithin(1.4 * MB, 1.5 * MB)
})

test('a plot has a point a minute, with the extremes of that minute', () => {
  const { series } = plotOf(
    samples((at) => (at % 60) * MB),
    'heap',
  )
  expect(series[0]?.points.length).toBe(60)
  expect(series[0]?.points[1]).toEqual({ x: 1, y: 30, low: 0, high: 50 })
})
