import { describe, expect, test } from 'bun:test'
import { figuresOf, format, table } from './report.ts'
import { median, percentile } from './statistics.ts'
import { unmeasured } from './targets.ts'

const plain = (_: unknown, text: string) => text

test('percentiles and medians', () => {
  expect(percentile([4, 1, 3, 2], 0.5)).toBe(3)
  expect(percentile([4, 1, 3, 2], 0.99)).toBe(4)
  expect(median([5, 1, 3])).toBe(3)
  expect(median([4, 1, 3, 2])).toBe(2.5)
})

test.each([
  [0, '0'],
  [0.1234, '0.12'],
  [12.34, '12.3'],
  [1234.5, '1,235'],
  [Number.NaN, '–'],
])('%p as %s', (value, text) => expect(format(value)).toBe(text))

describe('figures', () => {
  const round = (value: number) => [{ name: 'added by the webhook, p50', unit: 'ms' as const, value }]

  test('the median over the rounds decides', () => {
    const figures = figuresOf(
      'admission',
      [1.5, 9, 1.8].map((value) => round(value)),
    )
    expect(figures).toMatchObject([{ min: 1.5, median: 1.8, max: 9, target: { atMost: 2 }, reached: true }])
    expect(figuresOf('admission', [round(2.1)])).toMatchObject([{ reached: false }])
  })

  test('a target at least, a target of one size, and none', () => {
    const one = (benchmark: string, name: string, value: number, size?: number) =>
      figuresOf(benchmark, [[{ name, unit: 'ms', value, size }]])[0]?.reached
    expect(one('expand', 'expansions', 20_000)).toBe(true)
    expect(one('expand', 'expansions', 19_999)).toBe(false)
    expect(one('coldstart', 'exec → ready', 2.5, 10_000)).toBe(true)
    expect(one('coldstart', 'exec → ready', 2.5, 0)).toBe(false)
    expect(one('coldstart', 'exec → ready', 99, 1000)).toBeUndefined()
  })

  test('sizes are figures of their own, in one table', () => {
    const rounds = [1, 2].map((value) => [0, 1000].map((size) => ({ name: 'p50', unit: 'ms' as const, value, size })))
    const text = table(figuresOf('growth', rounds), plain)
    expect(text.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
      'BENCHMARK FIGURE MIN MEDIAN MAX UNIT TARGET',
      'growth p50 (0 AgentJobs) 1 1.50 2 ms',
      'growth p50 (1,000 AgentJobs) 1 1.50 2 ms',
      '',
    ])
  })
})

test('a target that nothing was measured for is told of', () => {
  const figure = { benchmark: 'coldstart', name: 'exec → ready', size: 0 }
  expect(unmeasured(['coldstart'], [0, 1000], [figure])).toEqual([])
  expect(unmeasured(['coldstart'], [0, 10_000], [figure])).toEqual(['coldstart/exec → ready@10000'])
  expect(unmeasured(['expand'], [], [figure])).toEqual(['expand/expansions', 'expand/expansions with full contexts'])
})
