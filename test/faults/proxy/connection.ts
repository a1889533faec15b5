import type { TLSSocket } from 'node:tls'
import type { Cut } from './faults.ts'

/** A request that has come in whole. The client is our own: its bodies have a Content-Length. */
export interface Received {
  method: string
  target: string
  /** Names in lower case. */
  headers: Record<string, string>
  body: Buffer
}

/** One connection of a replica, on which one request follows the other. */
export interface Connection {
  /** A whole answer. Headers that only speak of the connection are left out by the caller. */
  answer(status: number, headers: Record<string, string>, body: Uint8Array): void
  /** Half of an answer, and the end. */
  half(status: number, headers: Record<string, string>, body: Uint8Array, cut: Cut): void
  /** The head of an answer that goes on and on. */
  begin(status: number, headers: Record<string, string>): void
  /** A piece of it. */
  chunk(bytes: string): void
  /** Its proper end. */
  end(): void
  cut(how: Cut): void
  onClose(listener: () => void): void
}

/** Reads requests off a connection, one at a time; gives the ways to answer it. */
export function serveConnection(socket: TLSSocket, onRequest: (request: Received) => void): Connection {
  let received: Buffer = Buffer.alloc(0)
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on('data', (data: Buffer) => {
    received = received.length ? Buffer.concat([received, data]) : data
    for (let parsed = parse(received); parsed; parsed = parse(received)) {
      received = parsed.rest
      onRequest(parsed.request)
    }
  })
  const write = (bytes: string | Uint8Array) => {
    if (socket.writable) socket.write(bytes)
  }
  const cut = (how: Cut) => void (how === 'rst' ? socket.resetAndDestroy() : socket.end())
  const whole = (status: number, headers: Record<string, string>, body: Uint8Array) =>
    Buffer.concat([Buffer.from(head(status, { ...headers, 'content-length': String(body.length) })), body])
  return {
    answer: (status, headers, body) => write(whole(status, headers, body)),
    half(status, headers, body, how) {
      const bytes = whole(status, headers, body)
      write(bytes.subarray(0, bytes.length - Math.ceil(body.length / 2)))
      cut(how)
    },
    begin: (status, headers) => write(head(status, { ...headers, 'transfer-encoding': 'chunked' })),
    chunk: (bytes) => write(`${Buffer.byteLength(bytes).toString(16)}\r\n${bytes}\r\n`),
    end: () => write('0\r\n\r\n'),
    cut,
    onClose: (listener) => void socket.once('close', listener),
  }
}

function head(status: number, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n`
}

function parse(received: Buffer): { request: Received; rest: Buffer } | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [first = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const until = end + 4 + Number(headers['content-length'] ?? 0)
  if (received.length < until) return undefined
  const [method = '', target = ''] = first.split(' ')
  const body = received.subarray(end + 4, until)
  return { request: { method, target, headers, body }, rest: received.subarray(until) }
}
