import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { GOOD } from './objects.ts'
import { reviewOf } from './review.ts'
import type { Want } from './want.ts'

/** A POST /mutate whose HTTP is in order and whose body is not. */
export interface BadBody {
  what: string
  body: Uint8Array
  headers?: Record<string, string>
  want: Want
}

const TEXT = JSON.stringify(reviewOf(GOOD))
const bytes = (text: string) => new TextEncoder().encode(text)
const noReview: Want = { path: '', right: /^the body must be an AdmissionReview/ }
const tooLarge: Want = { path: '', right: /^the request is larger than 8388608 bytes$/ }

/** The sound review with some of its text replaced. */
const edited = (from: string | RegExp, to: string) => bytes(TEXT.replace(from, to))

/** Bytes in the place of the prompt. */
function withBytes(...inside: number[]): Uint8Array {
  const [before, after] = TEXT.split(GOOD.spec.prompt as string) as [string, string]
  return new Uint8Array([...bytes(before), ...inside, ...bytes(after)])
}

const TEXTS: [string, string, Want?][] = [
  ['nothing', ''],
  ['spaces', '   \n'],
  ['no JSON', 'apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\n'],
  ['HTML', '<!doctype html><title>502</title>'],
  ['two of them', TEXT + TEXT],
  ['something behind it', `${TEXT} x`],
  ['a comma too many', TEXT.replace(/}$/, ',}')],
  ['a comment', `// a\n${TEXT}`],
  ['NaN', TEXT.replace('"dryRun":true', '"dryRun":NaN')],
  ['quotes of another kind', TEXT.replaceAll('"', "'")],
  ['a list of it', `[${TEXT}]`],
  ['a text of it', JSON.stringify(TEXT)],
  ['1,000,000 lists', '['.repeat(1_000_000)],
  ['1,000,000 lists that end', '['.repeat(1_000_000) + ']'.repeat(1_000_000)],
  ['a control character', TEXT.replace('hello', 'hel\u0001lo')],
]

const KEYS: [string, Uint8Array, Want][] = [
  [
    'a prompt that stands twice',
    edited('"runtimeRef"', '"prompt":7,"runtimeRef"'),
    { path: 'spec.prompt', right: /^must be a string, not 7/ },
  ],
  ['a spec that stands twice', edited(/"spec":\{.*?\}/, '$&,"spec":7'), { path: 'spec', right: /^must be an object/ }],
  ['an object named __proto__', edited('"request":{', '"__proto__":{"request":{}},"request":{'), { rule: 'envelope' }],
]

const BYTES: [string, Uint8Array, Want][] = [
  ['bytes that are no UTF-8', withBytes(0x61, 0xff, 0xc3, 0x28), { rule: 'replaced' }],
  ['half a surrogate in UTF-8', withBytes(0xed, 0xa0, 0x80), { rule: 'replaced' }],
  ['an overlong slash', withBytes(0xc0, 0xaf), { rule: 'replaced' }],
  ['a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, ...bytes(TEXT)]), { rule: 'replaced' }],
  ['UTF-16', new Uint8Array(new Uint16Array([...TEXT].map((letter) => letter.charCodeAt(0))).buffer), noReview],
  ['noise', new Uint8Array(4096).map((_, index) => (index * 7919) % 256), noReview],
  ['9 MiB', bytes(TEXT.replace('Say hello.', 'x'.repeat(9 * 2 ** 20))), tooLarge],
]

const COMPRESSED: [string, Uint8Array][] = [
  ['gzip', gzipSync(TEXT)],
  ['deflate', deflateSync(TEXT)],
  ['br', brotliCompressSync(TEXT)],
]

const TYPES = [
  'text/plain',
  'application/yaml',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  '',
  'x'.repeat(5000),
  'application/vnd.kubernetes.protobuf',
]

const FIXED: BadBody[] = [
  ...TEXTS.map(([what, text]) => ({ what, body: bytes(text), want: noReview })),
  ...[...KEYS, ...BYTES].map(([what, body, want]) => ({ what, body, want })),
  ...COMPRESSED.map(([encoding, body]) => ({
    what: `compressed by ${encoding}`,
    body,
    headers: { 'content-encoding': encoding },
    want: noReview,
  })),
  ...TYPES.map(
    (type): BadBody => ({
      what: `content type ${type.slice(0, 40)}`,
      body: bytes(TEXT),
      headers: { 'content-type': type },
      want: { rule: 'contentType' },
    }),
  ),
]

const truncated: fc.Arbitrary<BadBody> = fc
  .integer({ min: 1, max: TEXT.length - 1 })
  .map((length) => ({ what: `cut off after ${length} bytes`, body: bytes(TEXT.slice(0, length)), want: noReview }))

const flipped: fc.Arbitrary<BadBody> = fc
  .uint8Array({ maxLength: 2000 })
  .map((body) => ({ what: 'noise', body, want: noReview }))

/** Bodies that are no AdmissionReview, or hardly. */
export const brokenBodies: fc.Arbitrary<BadBody> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...FIXED) },
  { weight: 2, arbitrary: truncated },
  { weight: 1, arbitrary: flipped },
)
