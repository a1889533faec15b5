import { Agent, type RequestOptions, request } from 'node:https'
import type { Received } from './connection.ts'

/** An answer of the API server's; `chunks` is its body as it comes. */
export interface Answer {
  status: number
  headers: Record<string, string>
  chunks: AsyncIterable<Buffer>
}

/** Headers that speak of one connection only. */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host']

/** Passes requests on to the API server at `server`, whose certificate `ca` (PEM) has signed, with the sender's own credentials. */
export function createUpstream({ server, ca }: { server: string; ca: string | Buffer }) {
  const { hostname, port } = new URL(server)
  const agent = new Agent({ keepAlive: true, timeout: 30_000 })
  const base: RequestOptions = { hostname, port, ca }
  return {
    /** Rejects where there is no answer. A watch gets a connection of its own, which ends with `signal`. */
    send({ method, target, headers, body }: Received, o: { watch: boolean; signal?: AbortSignal }): Promise<Answer> {
      return new Promise((resolve, reject) => {
        const sent = request(
          {
            ...base,
            agent: o.watch ? undefined : agent,
            method,
            path: target,
            headers: { ...passedOn(headers), ...(body.length ? { 'content-length': body.length } : {}) },
          },
          (response) => {
            response.on('error', () => {})
            resolve({
              status: response.statusCode ?? 0,
              headers: passedOn(response.headers as Record<string, string>),
              chunks: response,
            })
          },
        )
        sent.on('error', reject)
        o.signal?.addEventListener('abort', () => sent.destroy(), { once: true })
        sent.end(body)
      })
    },
    close: () => agent.destroy(),
  }
}

const passedOn = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.includes(name)))

/** A whole body; rejects where it is cut off. */
export async function bodyOf({ chunks }: Answer): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const chunk of chunks) pieces.push(chunk)
  return Buffer.concat(pieces)
}
