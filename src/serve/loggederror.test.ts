import { expect, test } from 'bun:test'
import { Writable } from 'node:stream'
import { ApiError, TransportError } from '../kube/errors.ts'
import { createLog } from './log.ts'
import { loggedError } from './loggederror.ts'

const MARKER = 'the-secret-of-a-user'

/** The API server's own words for what it refuses. */
const INVALID = new ApiError(422, {
  reason: 'Invalid',
  message: `Job.batch "a-1" is invalid: spec.template.spec.containers[0].env[0].name: Invalid value: "${MARKER}"`,
  details: {
    ...{ name: 'a-1', group: 'batch', kind: 'Job' },
    causes: [
      { reason: 'FieldValueInvalid', message: `Invalid value: "${MARKER}"`, field: 'spec.template.env[0].name' },
      { reason: 'FieldValueInvalid', message: 'no', field: `spec.template.spec.nodeSelector[${MARKER}]` },
    ],
  },
})
const FORBIDDEN = new ApiError(403, {
  reason: 'Forbidden',
  message:
    'jobs.batch is forbidden: User "system:serviceaccount:a:b" cannot list resource "jobs" in API group "batch" at the cluster scope',
  details: { group: 'batch', kind: 'jobs' },
})

test('a refusal tells code, reason, object and fields, and nothing of what they hold', () => {
  expect(loggedError(INVALID)).toMatchObject({
    ...{ type: 'ApiError', status: 422, reason: 'Invalid', resource: 'Job.batch', name: 'a-1' },
    fields: ['spec.template.env[0].name', 'spec.template.spec.nodeSelector[…]'],
    message: undefined,
  })
})

test('a right that is missing is told in the API server’s words', () => {
  expect(loggedError(FORBIDDEN)).toMatchObject({
    message: 'User "system:serviceaccount:a:b" cannot list resource "jobs" in API group "batch" at the cluster scope',
  })
})

test('a connection that failed says which, and how', () => {
  const error = new TransportError('GET https://10.0.0.1:6443/api: read ECONNRESET', { code: 'ECONNRESET' })
  expect(loggedError(error)).toMatchObject({ code: 'ECONNRESET', message: error.message })
})

test('a bug says what and where', () => {
  const { message, stack } = loggedError(new TypeError('undefined is not an object')) as Record<string, string>
  expect(message).toBe('undefined is not an object')
  expect(stack).toStartWith('at ')
  expect(stack).toContain('loggederror.test.ts')
})

const errorOf = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

const quoting: [string, unknown][] = [
  ['a refusal', INVALID],
  ['a refusal by a policy, in its own words', new ApiError(403, { reason: 'Forbidden', message: `no ${MARKER} here` })],
  ['a refusal to understand', new ApiError(400, { message: `json: cannot unmarshal ${MARKER} into Go value` })],
  ['a broken answer', errorOf(() => JSON.parse(`{"prompt": ${MARKER}}`))],
  ['an answer in pieces', new SyntaxError(`Unexpected token, "{"prompt": "${MARKER}"}" is not valid JSON`)],
  ['something of a library', new Error(`cannot read "{"prompt": "${MARKER}"}" or '${MARKER}'`)],
  ['an error with more in it', Object.assign(new Error('no'), { object: { prompt: MARKER } })],
  ['an error with a cause', new Error('no', { cause: new Error(`prompt ${MARKER}`) })],
  ['a name of an error', Object.assign(new TypeError(`Cannot read properties (reading '${MARKER}')`))],
  ['what is no error', { prompt: MARKER }],
  ['a text', MARKER],
]

for (const [name, error] of quoting)
  test(`a log line never quotes: ${name}`, () => {
    let text = ''
    const log = createLog(
      'debug',
      new Writable({
        write(chunk, _, done) {
          text += String(chunk)
          done()
        },
      }),
    )
    log.warn({ namespace: 'agents', name: 'a', err: error }, 'a reconcile failed')
    expect(JSON.parse(text)).toMatchObject({ namespace: 'agents', name: 'a', msg: 'a reconcile failed' })
    expect(text).not.toContain(MARKER)
  })
