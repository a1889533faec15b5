import { BYTES, post, TEXT, type Unusual } from './requests.ts'

/** Statuses with which a server may refuse what it does not understand. */
const STATUSES = [400, 404, 405, 411, 413, 414, 417, 426, 431, 501, 505]

/** What is no HTTP, or hardly: any refusal will do, or the end of the connection. */
export const malformed = (what: string, text: string): Unusual => ({
  what,
  rule: 'notHttp',
  steps: [{ send: text }],
  answers: 1,
  right: [[...STATUSES, 'refused', 'allowed']],
  mayClose: true,
})

const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
const chunked = (...pieces: string[]) => post({ 'transfer-encoding': 'chunked' }, pieces.join(''))
const END = '0\r\n\r\n'

const LENGTHS: [string, string][] = [
  ['a length of words', post({ 'content-length': 'many' })],
  ['a negative length', post({ 'content-length': -1 })],
  ['a length that is too small', post({ 'content-length': 10 })],
  ['a length beyond all numbers', post({ 'content-length': '9'.repeat(30) })],
  ['a length of 1 TB', post({ 'content-length': 10 ** 12 }, '')],
  ['two lengths', BYTES.replace('content-length', 'content-length: 3\r\ncontent-length')],
  ['a length and chunks', chunked(chunk(TEXT), END).replace('host', 'content-length: 5\r\nhost')],
]

const CHUNKS: [string, string][] = [
  ['chunks', chunked(chunk(TEXT.slice(0, 100)), chunk(TEXT.slice(100)), END)],
  ['chunks of one byte', chunked(...[...TEXT].map(chunk), END)],
  ['9 MiB in chunks', chunked(...Array(144).fill(chunk('x'.repeat(65_536))), END)],
  ['chunks with extensions', chunked(chunk(TEXT).replace('\r', ';a=b\r'), END)],
  ['chunks with trailers', chunked(chunk(TEXT), '0\r\nx-a: b\r\n\r\n')],
  ['a chunk of no size', chunked('zz\r\n{}\r\n', END)],
  ['a chunk beyond all numbers', chunked(`${'f'.repeat(17)}\r\n{}`)],
  ['a chunk of negative size', chunked('-1\r\n{}\r\n', END)],
  ['an encoding that there is not', post({ 'transfer-encoding': 'gzip' })],
]

const HEADS: [string, string][] = [
  ['an empty line before it', `\r\n${BYTES}`],
  ['noise', '\u0000\u0001\u0002\r\n\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['no version', 'GET /mutate\r\n\r\n'],
  ['a version that there is not', BYTES.replace('HTTP/1.1', 'HTTP/9.9')],
  ['HTTP/1.0', BYTES.replace('HTTP/1.1', 'HTTP/1.0')],
  ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['no host', BYTES.replace('host: webhook\r\n', '')],
  ['two hosts', BYTES.replace('host: webhook', 'host: a\r\nhost: b')],
  ['a head of 100 KB', post({ 'x-long': 'x'.repeat(100_000) })],
  ['a thousand headers', post(Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x-${index}`, index])))],
  ['NUL in a header', post({ 'x-a': 'a\0b' })],
  ['a header without a name', BYTES.replace('host', ': a\r\nhost')],
  ['a folded header', BYTES.replace('host: webhook', 'host: webhook\r\n  folded')],
  ['a newline alone', BYTES.replaceAll('\r\n', '\n')],
  ['a method in lower case', BYTES.replace('POST', 'post')],
  ['a method that there is not', BYTES.replace('POST', 'FROBNICATE')],
  ['an upgrade', 'GET /mutate HTTP/1.1\r\nhost: webhook\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'],
  ['a whole URL', BYTES.replace('/mutate', 'https://webhook/mutate')],
  ['CONNECT', 'CONNECT webhook:443 HTTP/1.1\r\nhost: webhook\r\n\r\n'],
]

/** On the port that wants TLS. */
const PLAIN: [string, string][] = [
  ['HTTP without TLS', BYTES],
  ['noise for TLS', '\u0016\u0003\u0001\u00ff\u00ff\u0001noise'],
  ['half a handshake', '\u0016\u0003\u0001'],
]

const IMPATIENCE = [{ waitMs: 200 }, { reset: true } as const]

/** Requests that no HTTP client would write. A server may wait for more of some of them, so their sender goes away. */
export const MALFORMED: Unusual[] = [
  ...[...LENGTHS, ...CHUNKS, ...HEADS].map(([what, text]) => malformed(what, text)),
  ...PLAIN.map(([what, text]) => ({ ...malformed(what, text), plain: true })),
].map((one) => ({ ...one, steps: [...one.steps, ...IMPATIENCE] }))
