import { expect, test } from 'bun:test'
import { parseDuration } from './duration.ts'

const cases: { given: string; want: number | undefined }[] = [
  { given: '0', want: 0 },
  { given: '30', want: 30_000 },
  { given: '30s', want: 30_000 },
  { given: '1h30m', want: 5_400_000 },
  { given: '1.5m', want: 90_000 },
  { given: '250ms', want: 250 },
  { given: '', want: undefined },
  { given: '5 m', want: undefined },
  { given: '-1s', want: undefined },
  { given: '5d', want: undefined },
  { given: 'm', want: undefined },
]

test.each(cases)('duration "$given"', ({ given, want }) => {
  expect(parseDuration(given)).toBe(want as number)
})
