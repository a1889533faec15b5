import type { IncomingHttpHeaders } from 'node:http'
import { ApiError, type Status } from './errors.ts'
import type { HttpAnswer } from './http.ts'

/** Reads a whole body; JSON becomes a value, anything else (such as "ok" of /readyz) is text. */
// biome-ignore lint/suspicious/noExplicitAny: what it is depends on the path
export async function jsonOf(answer: HttpAnswer): Promise<any> {
  const chunks: Buffer[] = []
  for await (const chunk of answer.chunks) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  return answer.headers['content-type']?.includes('json') ? JSON.parse(text) : text
}

/** The ApiError of an answer from 400 on; also of proxies in between, which do not speak Status. */
export async function errorOf(answer: HttpAnswer): Promise<ApiError> {
  const body = (await jsonOf(answer)) as Status | string
  const status = typeof body === 'string' ? { message: shorten(body) } : body
  return new ApiError(answer.status, status, retryAfter(answer.headers['retry-after']))
}

function shorten(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ')
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}

/** In seconds; the API server never sends the header's other form, a date. */
function retryAfter(header: string | undefined): number | undefined {
  const seconds = Number(header)
  return header && Number.isFinite(seconds) ? seconds : undefined
}

/** The texts of `Warning: 299 - "text"` headers (RFC 7234, 5.5), unquoted. */
export function warningsOf(headers: IncomingHttpHeaders): string[] {
  const warnings: string[] = []
  for (const match of (headers.warning ?? '').matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)) {
    warnings.push((match[1] ?? '').replace(/\\(.)/g, '$1'))
  }
  return warnings
}
