import { Agent } from 'node:https'
import { exchange } from '../../src/kube/http.ts'
import { GOOD } from './objects.ts'
import { responseOf, reviewOf } from './review.ts'
import type { WireAnswer } from './wire.ts'

export interface Address {
  host: string
  port: number
}

/** Ample: the API server itself waits 5 s. */
const TIMEOUT_MS = 10_000

/** POSTs bodies to the webhook as the API server does, over connections that stay. */
export function webhookClient({ host, port }: Address) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false })
  const server = new URL(`https://${host}:${port}`)
  const post = async (body: string | Uint8Array, headers: Record<string, string> = {}): Promise<WireAnswer> => {
    const answer = await exchange({
      method: 'POST',
      server,
      path: '/mutate?timeout=5s',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
      body: body as string,
      options: { agent, rejectUnauthorized: false },
      timeoutMs: TIMEOUT_MS,
    })
    const chunks: Buffer[] = []
    for await (const chunk of answer.chunks) chunks.push(chunk)
    return { status: answer.status, body: Buffer.concat(chunks).toString() }
  }
  return {
    post,
    /** Whether a sound request is answered, and within the time that the API server gives. */
    async isWell(): Promise<boolean> {
      const started = performance.now()
      const { body } = await post(JSON.stringify(reviewOf(GOOD)))
      return responseOf(body)?.allowed === true && performance.now() - started < 5000
    },
    close: () => agent.destroy(),
  }
}

export type WebhookClient = ReturnType<typeof webhookClient>
