import fc from 'fast-check'
import { MALFORMED, malformed } from './malformed.ts'
import { BYTES, post, said, type Unusual } from './requests.ts'
import type { Step } from './wire.ts'

export type BadWire = Unusual

const head = BYTES.slice(0, BYTES.indexOf('{'))

/** Slow, and in pieces: it gets its answer. */
const SLOW: Unusual[] = [
  said('byte by byte', 'slow', [{ trickle: BYTES, bytes: 7 }]),
  said('a head that comes in two', 'slow', [{ send: BYTES.slice(0, 9) }, { waitMs: 50 }, { send: BYTES.slice(9) }]),
  said('a body that comes late', 'slow', [{ send: head }, { waitMs: 300 }, { send: BYTES.slice(head.length) }]),
  said('an expectation', 'slow', [{ send: post({ expect: '100-continue' }) }]),
  said('a query', 'slow', [{ send: BYTES.replace('/mutate', '/mutate?timeout=5s') }]),
  said('the end of the connection in its head', 'slow', [{ send: post({ connection: 'close' }) }]),
  said(
    'several, one after the other',
    'slow',
    [{ send: BYTES }, { waitMs: 300 }, { send: BYTES }],
    [['allowed'], ['allowed']],
  ),
  ...[2, 20].map((count) => ({
    ...said(`${count} at once`, 'pipelined', [{ send: BYTES.repeat(count) }], Array(count).fill(['allowed'])),
    mayClose: true,
  })),
]

const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const PATHS = [
  '/',
  '/mutate/',
  '//mutate',
  '/mutate/x',
  '/MUTATE',
  '/validate',
  '/%6dutat%65%00',
  '/..%2fmutate',
  '/__proto__',
  '/metrics/..%00',
  `/${'x'.repeat(5000)}`,
]

const ELSEWHERE: Unusual[] = [
  ...METHODS.map((method) => `${method} /mutate HTTP/1.1\r\nhost: webhook\r\n\r\n`),
  ...PATHS.map((path) => BYTES.replace('/mutate', path)),
].map((text) => said(text.slice(0, 40).split('\r\n')[0] as string, 'nothingThere', [{ send: text }], [[404]]))

/** Promises that are not kept. */
const GONE: Unusual[] = (
  [
    ['nothing at all', [{ waitMs: 100 }]],
    ['half a head', [{ send: BYTES.slice(0, 15) }, { waitMs: 100 }]],
    ['a head alone', [{ send: head }, { waitMs: 200 }]],
    ['half a body', [{ send: BYTES.slice(0, -50) }]],
    ['half a body, and a word of the end', [{ send: BYTES.slice(0, -50) }, { end: true }, { waitMs: 300 }]],
    ['a request, and a word of the end', [{ send: BYTES }, { end: true }, { waitMs: 300 }]],
    ['half a chunk', [{ send: `${post({ 'transfer-encoding': 'chunked' }, '')}ff\r\n{"a"` }, { waitMs: 100 }]],
    ['a request, gone before its answer', [{ send: BYTES }]],
  ] as [string, Step[]][]
).map(([what, steps]) => ({
  ...said(what, 'gone', [...steps, { reset: true }], [['allowed', 'refused', 400]]),
  mayClose: true,
}))

/** A good request in pieces of any size. */
const pieces: fc.Arbitrary<Unusual> = fc
  .uniqueArray(fc.integer({ min: 1, max: BYTES.length - 1 }), { minLength: 1, maxLength: 5 })
  .map((cuts) => {
    const ends = [...cuts.sort((a, b) => a - b), BYTES.length]
    const steps = ends.flatMap((end, index): Step[] => [
      { send: BYTES.slice(ends[index - 1] ?? 0, end) },
      { waitMs: 5 },
    ])
    return said(`in pieces at ${cuts.join(', ')}`, 'slow', steps)
  })

/** A good request that goes on as noise. */
const noise: fc.Arbitrary<Unusual> = fc
  .tuple(fc.nat(BYTES.length), fc.string({ maxLength: 200, unit: 'binary-ascii' }))
  .map(([at, text]) => ({
    ...malformed(`noise at ${at}: ${JSON.stringify(text)}`, BYTES.slice(0, at) + text),
    steps: [{ send: BYTES.slice(0, at) + text }, { waitMs: 100 }, { reset: true }],
  }))

/** Conversations that are slow, broken off, elsewhere or no HTTP. */
export const badWires: fc.Arbitrary<Unusual> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...SLOW, ...ELSEWHERE, ...GONE, ...MALFORMED) },
  { weight: 1, arbitrary: pieces },
  { weight: 1, arbitrary: noise },
)
