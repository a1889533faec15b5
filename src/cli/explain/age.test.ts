import { expect, test } from 'bun:test'
import { age } from './age.ts'

const cases: [seconds: number, want: string][] = [
  [-5, '0s'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [200, '3m20s'],
  [599, '9m59s'],
  [600, '10m'],
  [10_799, '179m'],
  [10_800, '3h'],
  [172_799, '47h'],
  [172_800, '2d'],
]
test.each(cases)('%d seconds are %s', (seconds, want) => expect(age(seconds * 1000)).toBe(want))
