import http from 'node:http'
import https from 'node:https'
import { TransportError } from './errors.ts'

/** One HTTP request on the wire. `options` carry TLS material, authorization header and agent. */
export interface HttpRequest {
  method: string
  /** http: or https:, host and port. */
  server: URL
  path: string
  headers: http.OutgoingHttpHeaders
  body?: string
  options: https.RequestOptions
  signal?: AbortSignal
  /** From the start to the last byte of the answer. */
  timeoutMs?: number
  /** From any byte to the next. */
  idleTimeoutMs?: number
}

/** Status and headers are there; the body comes, and must be read to its end (or broken off) to free the connection. */
export interface HttpAnswer {
  status: number
  headers: http.IncomingHttpHeaders
  chunks: AsyncIterable<Buffer>
}

/**
 * Sends a request through node:http(s), the one client that takes a CA and a client certificate on Bun, Deno and Node
 * alike. Failures, also while the body is read, are TransportErrors; after an abort, the signal's reason is thrown.
 */
export function exchange(r: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = (r.server.protocol === 'http:' ? http : https).request({
      ...r.options,
      // A URL writes an IPv6 address in brackets, a socket does not.
      hostname: r.server.hostname.replace(/^\[|\]$/g, ''),
      port: r.server.port || undefined,
      method: r.method,
      path: r.path,
      headers: { ...r.headers, ...r.options.headers },
    })
    const limits = limit(request, r)
    request.on('error', (error) => {
      limits.lift()
      reject(failure(error, r, { stale: request.reusedSocket }))
    })
    // 101, which nobody has asked for: without a listener Bun says nothing more of the request, not even that it has ended
    request.on('upgrade', (_, socket) => {
      limits.lift()
      socket.destroy()
      reject(failure(new Error('the server has changed the protocol'), r))
    })
    request.on('response', (response) => {
      limits.touch()
      // Errors reach the reader of the body; before it reads, nobody must fall over them.
      response.on('error', () => {})
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        chunks: bodyOf(response, limits, r),
      })
    })
    request.end(r.body)
  })
}

async function* bodyOf(response: http.IncomingMessage, limits: Limits, r: HttpRequest): AsyncIterable<Buffer> {
  try {
    for await (const chunk of response) {
      limits.touch()
      yield chunk
    }
    if (!response.complete) throw new Error('the answer was cut off')
  } catch (error) {
    throw failure(limits.exceeded() ?? error, r)
  } finally {
    limits.lift()
  }
}

interface Limits {
  /** Something came. */
  touch(): void
  lift(): void
  exceeded(): TransportError | undefined
}

/** Ends the request when its signal aborts or its time is up. */
function limit(request: http.ClientRequest, r: HttpRequest): Limits {
  let exceeded: TransportError | undefined
  const expire = (ms: number, what: string) => () => {
    exceeded = new TransportError(`${r.method} ${r.path}: ${what} ${ms / 1000} s`, { code: 'ETIMEDOUT' })
    request.destroy(exceeded)
  }
  const start = (ms: number | undefined, what: string) => (ms ? setTimeout(expire(ms, what), ms) : undefined)
  const total = start(r.timeoutMs, 'no answer within')
  let idle = start(r.idleTimeoutMs, 'nothing came for')
  const abort = () => request.destroy(r.signal?.reason)
  if (r.signal?.aborted) abort()
  r.signal?.addEventListener('abort', abort, { once: true })
  return {
    touch() {
      clearTimeout(idle)
      idle = start(r.idleTimeoutMs, 'nothing came for')
    },
    lift() {
      clearTimeout(total)
      clearTimeout(idle)
      r.signal?.removeEventListener('abort', abort)
    },
    exceeded: () => exceeded,
  }
}

function failure(error: unknown, r: HttpRequest, o: { stale?: boolean } = {}): unknown {
  if (r.signal?.aborted) return r.signal.reason
  if (error instanceof TransportError) return error
  const { code, message } = error as NodeJS.ErrnoException
  const host = `${r.server.protocol}//${r.server.host}`
  return new TransportError(`${r.method} ${host}${r.path}: ${message || code}`, { code, cause: error, stale: o.stale })
}
