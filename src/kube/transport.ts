import type { KubeMetrics } from './metrics.ts'

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

export interface TransportOptions {
  metrics?: KubeMetrics
  userAgent?: string
  /** Connections for plain requests; watches and logs have their own. */
  maxSockets?: number
}
