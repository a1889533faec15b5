import { expect, test } from 'bun:test'
import { ApiError, TransportError } from '../kube/errors.ts'
import { errorText } from './errortext.ts'
import { EXIT, Failure } from './exit.ts'

const cases: { name: string; given: unknown; lines: string[]; exitCode: number }[] = [
  { name: 'a Failure', given: new Failure(['a', 'b'], EXIT.timeout), lines: ['a', 'b'], exitCode: 3 },
  {
    name: 'a refusal',
    given: new ApiError(403, { message: 'no', reason: 'Forbidden' }),
    lines: ['the API server says no (Forbidden): no'],
    exitCode: 1,
  },
  { name: 'something that is not there', given: new ApiError(404, { message: 'none' }), lines: ['none'], exitCode: 4 },
  {
    name: 'bad credentials',
    given: new ApiError(401, { message: 'Unauthorized' }),
    lines: [expect.stringContaining('check the credentials')],
    exitCode: 1,
  },
  {
    name: 'no answer',
    given: new TransportError('connect ECONNREFUSED'),
    lines: ['the API server cannot be reached: connect ECONNREFUSED'],
    exitCode: 5,
  },
  { name: 'an error with words', given: new Error('the disk is full'), lines: ['the disk is full'], exitCode: 1 },
  {
    name: 'a bug, and only that, with its stack',
    given: new TypeError('x is undefined'),
    lines: [expect.stringMatching(/this is a bug.*\n? *at /s)],
    exitCode: 1,
  },
]
test.each(cases)('$name', ({ given, lines, exitCode }) => {
  expect(errorText(given)).toEqual({ lines, exitCode })
})
