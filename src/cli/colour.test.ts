import { expect, test } from 'bun:test'
import { colourFor } from './colour.ts'

const cases = [
  { name: 'a terminal', isTTY: true, env: {}, want: '\u001b[31mx\u001b[0m' },
  { name: 'no terminal', isTTY: undefined, env: {}, want: 'x' },
  { name: 'NO_COLOR', isTTY: true, env: { NO_COLOR: '1' }, want: 'x' },
  { name: 'an empty NO_COLOR', isTTY: true, env: { NO_COLOR: '' }, want: '\u001b[31mx\u001b[0m' },
  { name: 'a dumb terminal', isTTY: true, env: { TERM: 'dumb' }, want: 'x' },
]

test.each(cases)('$name', ({ isTTY, env, want }) => {
  expect(colourFor({ isTTY }, env)('red', 'x')).toBe(want)
})
