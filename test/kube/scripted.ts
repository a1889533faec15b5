import net, { type AddressInfo } from 'node:net'
import type { Connection } from '../../src/kube/connection.ts'
import type { Log } from '../../src/kube/log.ts'

/** What a scripted server got. `connection` counts the connections, `query` is parsed. */
export interface ScriptedRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: Record<string, string>
  body: string
  connection: number
}

/** How it can answer, well or badly. */
export interface Answering {
  json(status: number, body: unknown, headers?: Record<string, string>): void
  /** Starts an endless answer. */
  head(): void
  /** A piece of it, cut anywhere. */
  chunk(bytes: string | Uint8Array): void
  /** A watch event and its newline. */
  event(type: string, object: object): void
  /** Ends the answer properly. */
  end(): void
  /** Closes the connection in the middle of it. */
  fin(): void
  /** Resets it. */
  rst(): void
}

type Script = (request: ScriptedRequest, answer: Answering) => void

/** A server that speaks just enough HTTP/1.1 to break it on purpose; `requests` holds what it was asked. */
export async function scripted(script: Script) {
  const requests: ScriptedRequest[] = []
  const sockets = new Set<net.Socket>()
  let connections = 0
  const server = net.createServer((socket) => {
    const connection = ++connections
    sockets.add(socket)
    let received: Buffer = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data])
      for (let parsed = parse(received); parsed; parsed = parse(received)) {
        received = parsed.rest
        const request = { ...parsed.request, connection }
        requests.push(request)
        script(request, answering(socket))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = (server.address() as AddressInfo).port
  return {
    requests,
    port,
    connection: plainConnection(`http://127.0.0.1:${port}`),
    open: () => sockets.size,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function parse(received: Buffer) {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [first = '', ...lines] = received.subarray(0, end).toString().split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  )
  const until = end + 4 + Number(headers['content-length'] ?? 0)
  if (received.length < until) return undefined
  const [method = '', target = ''] = first.split(' ')
  const url = new URL(target, 'http://x')
  const body = received.subarray(end + 4, until).toString()
  const request = { method, path: url.pathname, query: url.searchParams, headers, body }
  return { request, rest: received.subarray(until) }
}

function answering(socket: net.Socket): Answering {
  const chunk = (bytes: string | Uint8Array) => {
    const piece = Buffer.from(bytes as string)
    socket.write(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]))
  }
  return {
    json(status, body, headers = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const type = typeof body === 'string' ? 'text/plain' : 'application/json'
      const all = { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(text)), ...headers }
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
      socket.write(`HTTP/1.1 ${status} X\r\n${lines.join('')}\r\n${text}`)
    },
    head: () =>
      void socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'),
    chunk,
    event: (type, object) => chunk(`${JSON.stringify({ type, object })}\n`),
    end: () => void socket.write('0\r\n\r\n'),
    fin: () => void socket.end(),
    rst: () => void socket.resetAndDestroy(),
  }
}

/** A connection without credentials. */
export const plainConnection = (server: string): Connection => ({
  server,
  namespace: 'default',
  requestOptions: async () => ({}),
  refresh: () => {},
})

/** Keeps what was logged. */
export function memoryLog(): Log & { entries: { level: string; message: string; fields: object }[] } {
  const entries: { level: string; message: string; fields: object }[] = []
  const at = (level: string) => (fields: object, message: string) => void entries.push({ level, message, fields })
  return { entries, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Waits until it is so; throws what it waited for. */
export async function eventually(what: string, isSo: () => boolean | Promise<boolean>, withinMs = 5000): Promise<void> {
  const until = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > until) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
