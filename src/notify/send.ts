import { lookup } from 'node:dns/promises'
import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { type Allowance, allowanceOf } from '../expand/notifyhosts.ts'
import type { NotifySettings } from '../expand/settings.ts'
import { TransportError } from '../kube/errors.ts'
import { exchange, type HttpAnswer } from '../kube/http.ts'
import type { Log } from '../kube/log.ts'
import { isAllowed } from './addresses.ts'
import type { NotificationKey } from './signature.ts'

/** What is sent, and where. */
export interface Message {
  /** The same at every attempt; no full stop in it. */
  id: string
  url: string
  /** JSON. */
  body: string
  /** Of the AgentJob, for the log. */
  about: { namespace?: string; name?: string }
}

/** How an attempt went. What it says is for whoever wrote the URL: nothing that a server has answered but its status. */
export type Attempt =
  | { isDelivered: true; code: number }
  | { isDelivered: false; isFinal: boolean; message: string; code?: number; retryAfterMs?: number }

/** Makes one attempt, the `n`th of this message; rejects when `signal` aborts. */
export type Sender = (message: Message, n: number, signal: AbortSignal) => Promise<Attempt>

export interface SenderOptions {
  /** Where notifications may go. */
  settings: NotifySettings
  /** What to sign with; nothing is sent, and all of it kept, while there is none. */
  key: () => NotificationKey | undefined
  now: () => Date
  log: Log
  /** The addresses of a host name; those that DNS has, unless said. */
  resolve?: (hostname: string) => Promise<string[]>
  /** Which addresses are sent to; see isAllowed. */
  isAllowed?: typeof isAllowed
  /** For an attempt, from the look-up of the name to the end of the answer; 10 s unless said. */
  limitMs?: number
}

/** What is read of an answer, so that whoever sends it comes to its end. */
const MAX_ANSWER = 16 * 1024

/**
 * Sends to hosts that the settings name and to nobody else, whoever has written the URL and whatever DNS says: the address
 * that was checked is the one that is connected to, with the name in the URL to be proved by its certificate. No redirect
 * is followed, no proxy of the environment is asked, no connection is used twice.
 */
export function createSender(o: SenderOptions): Sender {
  const agents: Record<string, http.Agent> = {
    'http:': new http.Agent({ keepAlive: false }),
    'https:': new https.Agent({ keepAlive: false }),
  }
  const { resolve = addressesOf, limitMs = 10_000 } = o

  /** Where to connect to, or why not. */
  async function target(
    { url, about: { namespace, name } }: { url: URL } & Pick<Message, 'about'>,
    allowance: Allowance,
    n: number,
    signal: AbortSignal,
  ): Promise<URL | Attempt> {
    const addresses = await unlessAborted(resolve(url.hostname), signal)
    const isGood = (address: string) => (o.isAllowed ?? isAllowed)(address, allowance)
    if (!addresses.length || !addresses.every(isGood)) {
      o.log.warn({ namespace, name, host: url.host }, 'a notification may not go to the addresses of its host')
      return refused('its host has an address that notifications may not go to')
    }
    const address = addresses[n % addresses.length] as string
    const port = url.port || (url.protocol === 'http:' ? 80 : 443)
    return new URL(`${url.protocol}//${isIP(address) === 6 ? `[${address}]` : address}:${port}`)
  }

  return async ({ id, url: text, body, about }, n, signal) => {
    const allowance = allowanceOf(text, o.settings)
    if (!allowance) return refused("the operator's settings do not allow its host")
    const key = o.key()
    if (!key) return { isDelivered: false, isFinal: false, message: 'the operator has no key to sign it with' }
    const url = new URL(text)
    const limited = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
    try {
      const server = await target({ url, about }, allowance, n, limited)
      if (!(server instanceof URL)) return server
      const exchanged = exchange({
        method: 'POST',
        server,
        path: url.pathname + url.search,
        headers: {
          host: url.host,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'agentjob',
          ...key.headersOf(id, o.now(), body),
        },
        body,
        // whatever the environment has to say of it
        options: {
          agent: agents[url.protocol],
          rejectUnauthorized: true,
          ...(isNamed(url) ? { servername: url.hostname } : {}),
        },
        signal: limited,
      })
      // whatever the runtime's client makes of an answer
      const answer = await unlessAborted(exchanged, limited)
      await unlessAborted(readSome(answer), limited).catch(() => {})
      return verdictOn(answer, o.now())
    } catch (error) {
      signal.throwIfAborted()
      // an error of the wire quotes the path, which may be all that keeps a receiver's URL secret
      const { namespace, name } = about
      const { code } = error as TransportError
      o.log.info({ namespace, name, host: url.host, code }, 'a notification was not delivered')
      return { isDelivered: false, isFinal: false, message: whatFailed(error, limitMs) }
    }
  }
}

const refused = (message: string): Attempt => ({ isDelivered: false, isFinal: true, message })

const isNamed = ({ hostname }: URL) => !hostname.startsWith('[') && isIP(hostname) === 0

/**
 * IPv4 first, which more networks reach. The full stop at the end keeps the search domains of a pod out: a name of the
 * Internet is not looked for among the Services and pods of tenants.
 */
async function addressesOf(hostname: string): Promise<string[]> {
  const literal = hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal)) return [literal]
  const found = await lookup(`${hostname}.`, { all: true })
  return found.sort((a, b) => a.family - b.family).map(({ address }) => address)
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}

/** Its status is known; what else comes is nobody's business, and may never end. */
async function readSome({ chunks }: HttpAnswer): Promise<void> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER) break
  }
}

/**
 * What no other attempt would mend. A receiver that does not know a new key yet (401), whose clock is wrong, or that is being
 * replaced (404) does in a while.
 */
const FINAL = [400, 405, 410, 413, 414, 415, 422]

/** https://www.standardwebhooks.com: 2xx is success, redirects are failures, and Retry-After is to be honoured. */
function verdictOn({ status: code, headers }: HttpAnswer, now: Date): Attempt {
  // what a status has no room for says nobody
  if (code < 100 || code > 599) return { isDelivered: false, isFinal: false, message: 'its receiver speaks no HTTP' }
  if (code >= 200 && code < 300) return { isDelivered: true, code }
  const isRedirect = code >= 300 && code < 400
  const message = `its receiver answered ${code}${isRedirect ? ', and redirects are not followed' : ''}`
  const isFinal = isRedirect || FINAL.includes(code)
  return { isDelivered: false, isFinal, message, code, retryAfterMs: retryAfterMs(headers['retry-after'], now) }
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now.getTime()
  return ms > 0 ? ms : undefined
}

function whatFailed(error: unknown, limitMs: number): string {
  if ((error as Error).name === 'TimeoutError') return `its receiver did not answer within ${limitMs / 1000} s`
  const code = error instanceof TransportError ? error.code : undefined
  return /CERT|SIGNATURE/.test(code ?? '')
    ? 'the certificate of its receiver is not accepted'
    : 'its receiver could not be reached'
}
