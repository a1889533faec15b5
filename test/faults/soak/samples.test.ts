import { expect, test } from 'bun:test'
import { growthOf, plotOf, type Sample } from './samples.ts'

const MB = 1e6
const samples = (heapAt: (at: number) => number): Sample[] =>
  Array.from({ length: 360 }, (_, n) => ({
    at: n * 10,
    agentJobs: 0,
    jobs: 0,
    // they change places every ten minutes, and who leads takes ten megabytes more
    replicas: Object.fromEntries(
      ['a', 'b'].map((name, index) => {
        const leads = n % 120 < 60 === !index
        const heap = heapAt(n * 10) + (leads ? 10 * MB : 0)
        return [
          name,
          { rss: 100 * MB, capacity: 2 * heap, heap, objects: 1, role: leads ? 'leader' : 'standby', requests: n },
        ]
      }),
    ),
  }))

test('growth is that of the last half hour, and a peak is none', () => {
  expect(
    growthOf(
      samples((at) => (at < 1800 ? at * MB : 1800 * MB)),
      'heap',
    ),
  ).toEqual({ leader: 0, standby: 0 })
  expect(
    growthOf(
      samples((at) => (at === 3000 ? 999 * MB : 5 * MB)),
      'heap',
    ),
  ).toEqual({ leader: 0, standby: 0 })
  const grown = samples((at) => at * 1000)
  expect(growthOf(grown, 'heap').leader).toBeWithin(1.1 * MB, 1.3 * MB)
  expect(growthOf(grown, 'heap').standby).toBe(growthOf(grown, 'heap').leader)
})

test('what takes longer than an hour is looked at in its last half hour, too', () => {
  const hour = samples((at) => at * 1000)
  const before = hour.map((one) => ({ ...one, at: one.at - 3600 }))
  expect(growthOf([...before, ...hour], 'heap').leader).toBeWithin(1.1 * MB, 1.3 * MB)
})

test('a plot has a point a minute, with the extremes of that minute', () => {
  const { series } = plotOf(
    samples((at) => (at % 60) * MB),
    'heap',
  )
  expect(series[1]?.points.length).toBe(60)
  expect(series[1]?.points[1]).toEqual({ x: 1, y: 30, low: 0, high: 50 })
})
