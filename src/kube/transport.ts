import type http from 'node:http'
import type https from 'node:https'
import { createAgents } from './agents.ts'
import type { Connection } from './connection.ts'
import { delay } from './delay.ts'
import { ApiError, TransportError } from './errors.ts'
import { exchange, type HttpAnswer } from './http.ts'
import { splitLines } from './lines.ts'
import type { KubeMetrics } from './metrics.ts'
import { errorOf, jsonOf, warningsOf } from './response.ts'
import { retryAfterMs } from './retry.ts'

export * from './errors.ts'

/** Query parameters; undefined ones are left out. */
export type Query = Record<string, string | number | boolean | undefined>

/** One request; `path` is encoded already, `body` becomes JSON. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  query?: Query
  body?: unknown
  /** Of the body; application/json unless said. */
  contentType?: string
  /** What to answer with; application/json unless said. */
  accept?: string
  /** For one attempt; 30 s unless said. */
  timeoutMs?: number
  signal?: AbortSignal
}

/** An answer below 400; `body` is parsed JSON, or text where it is none. `warnings` are the texts of its Warning headers. */
export interface ApiResponse {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: what it is depends on the path
  body: any
  warnings: string[]
}

/** A request whose answer goes on and on: a watch, or a pod's log. */
export interface StreamRequest {
  path: string
  query?: Query
  signal?: AbortSignal
  /** Ends with a TransportError when nothing at all came for so long. */
  idleTimeoutMs?: number
}

/** The wire to one API server. Failures are an ApiError (it answered) or a TransportError (it did not). */
export interface Transport {
  request(r: ApiRequest): Promise<ApiResponse>
  /** Whole lines, without their newline; half a line at the end is dropped. */
  lines(r: StreamRequest): AsyncIterable<string>
  stream(r: StreamRequest): AsyncIterable<Uint8Array>
  close(): void
}

/** All of it may be left out. */
export interface TransportOptions {
  metrics?: KubeMetrics
  /** `agentjob` unless said. */
  userAgent?: string
  /** Connections for plain requests, 32 unless said; watches and logs have their own. */
  maxSockets?: number
}

type Attempt = ApiRequest & { idleTimeoutMs?: number; streamed?: boolean }

/**
 * Opens a transport; connections are made as they are needed and kept alive. What the server has asked to be sent again
 * (429 or 503 with Retry-After) is, and what it can't have acted on: any verb after a 401, with fresh credentials, and a
 * GET whose kept-alive connection turned out to be closed. Nothing else: whether a POST that got no answer was carried
 * out only its sender can find out.
 */
export function createTransport(connection: Connection, o: TransportOptions = {}): Transport {
  const server = new URL(connection.server)
  const prefix = server.pathname.replace(/\/$/, '')
  const agents = createAgents(server, o.maxSockets ?? 32)

  async function attempt(r: Attempt): Promise<HttpAnswer> {
    const started = performance.now()
    const done = (code: string) =>
      o.metrics?.requested(r.method, code, server.host, (performance.now() - started) / 1000)
    try {
      const options = await credentials(connection)
      const body = r.body === undefined ? undefined : textOf(r.body)
      const answer = await exchange({
        method: r.method,
        server,
        path: prefix + r.path + queryString(r.query),
        headers: headersOf(r, body, o.userAgent ?? 'agentjob'),
        body,
        options: { ...options, agent: options.agent ?? agents.of(r) },
        signal: r.signal,
        timeoutMs: r.timeoutMs,
        idleTimeoutMs: r.idleTimeoutMs,
      })
      done(String(answer.status))
      if (answer.status >= 400) throw await errorOf(answer)
      return answer
    } catch (error) {
      if (!(error instanceof ApiError)) done('<error>')
      throw error
    }
  }

  async function open(r: Attempt): Promise<HttpAnswer> {
    for (let tries = 0; ; tries++) {
      try {
        return await attempt(r)
      } catch (error) {
        const ms = retryAfterMs(error, r.method, tries)
        if (ms === undefined) throw error
        if (error instanceof ApiError && error.status === 401) connection.refresh()
        await delay(ms, r.signal)
      }
    }
  }

  async function* stream(r: StreamRequest): AsyncIterable<Buffer> {
    yield* (await open({ method: 'GET', streamed: true, ...r })).chunks
  }

  return {
    async request(r) {
      const answer = await open({ ...r, timeoutMs: r.timeoutMs ?? 30_000 })
      return { status: answer.status, body: await jsonOf(answer), warnings: warningsOf(answer.headers) }
    },
    lines: (r) => splitLines(stream(r)),
    stream,
    close: () => agents.close(),
  }
}

async function credentials(connection: Connection): Promise<https.RequestOptions> {
  try {
    return await connection.requestOptions()
  } catch (cause) {
    const { message } = cause as Error
    throw new TransportError(`no credentials for ${connection.server}: ${message.trim()}`, { cause })
  }
}

function headersOf(r: Attempt, body: string | undefined, userAgent: string): http.OutgoingHttpHeaders {
  const headers: http.OutgoingHttpHeaders = { accept: r.accept ?? 'application/json', 'user-agent': userAgent }
  if (body !== undefined) {
    headers['content-type'] = r.contentType ?? 'application/json'
    headers['content-length'] = Buffer.byteLength(body)
  }
  return headers
}

function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
  return parameters.size ? `?${parameters}` : ''
}

/**
 * JSON that is YAML too: the API server reads the body of an apply as YAML, which has no room for some characters that
 * JSON strings may hold as they are.
 */
const textOf = (body: unknown): string =>
  JSON.stringify(body).replace(
    /[\u007f-\u009f\ufffe\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
