import { GOOD } from './objects.ts'
import { reviewOf } from './review.ts'
import type { Rule } from './want.ts'
import type { Conversation, Step } from './wire.ts'

/** `allowed` and `refused` are 200 with an AdmissionReview that says so. */
export type Outcome = number | 'allowed' | 'refused'

/** A conversation that no API server would hold. */
export interface Unusual extends Conversation {
  what: string
  rule: Rule
  /** What each answer may be. */
  right: Outcome[][]
  /** Whether it is as good when the other side just ends the connection. */
  mayClose?: boolean
}

/** A conversation that is answered, with yes unless said. */
export const said = (what: string, rule: Rule, steps: Step[], right: Outcome[][] = [['allowed']]): Unusual => ({
  what,
  rule,
  steps,
  answers: right.length,
  right,
})

/** The body of a good request. */
export const TEXT = JSON.stringify(reviewOf(GOOD))

/** A POST /mutate, byte for byte; `headers` beside the usual ones, or in their place. */
export function post(headers: Record<string, string | number> = {}, text = TEXT): string {
  const length = 'transfer-encoding' in headers ? {} : { 'content-length': Buffer.byteLength(text) }
  const all = { host: 'webhook', 'content-type': 'application/json', ...length, ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST /mutate HTTP/1.1\r\n${lines.join('')}\r\n${text}`
}

/** A good request. */
export const BYTES = post()
