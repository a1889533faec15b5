import { describe, expect, test } from 'bun:test'
import { parseQuantity } from './quantity.ts'

const cases: [string | number, number | undefined][] = [
  [2, 2],
  ['2', 2],
  ['0', 0],
  ['+1', 1],
  ['-1', -1],
  ['1.5', 1.5],
  ['1.', 1],
  ['.5', 0.5],
  ['500m', 0.5],
  ['100n', 1e-7],
  ['3u', 3e-6],
  ['1k', 1000],
  ['1M', 1e6],
  ['1G', 1e9],
  ['1T', 1e12],
  ['1P', 1e15],
  ['2E', 2e18],
  ['1Ki', 1024],
  ['1Mi', 1048576],
  ['1.5Gi', 1610612736],
  ['1Ti', 2 ** 40],
  ['1Pi', 2 ** 50],
  ['1Ei', 2 ** 60],
  ['1e3', 1000],
  ['1E3', 1000],
  ['12e-1', 1.2],
  ['', undefined],
  ['.', undefined],
  ['Gi', undefined],
  ['1 Gi', undefined],
  ['1K', undefined],
  ['1mi', undefined],
  ['1GiB', undefined],
  ['0x10', undefined],
  ['1e', undefined],
  ['1\n', undefined],
]

describe('parseQuantity', () => {
  for (const [given, want] of cases)
    test(JSON.stringify(given), () => {
      const number = parseQuantity(given)
      if (want === undefined) expect(number).toBeUndefined()
      else expect(number).toBeCloseTo(want, 12)
    })
})
