import { connect as connectPlain, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'

/** What a sender does, one after the other. */
export type Step =
  | { send: string | Uint8Array }
  /** Byte by byte, or in pieces of so many. */
  | { trickle: string; bytes: number }
  | { waitMs: number }
  /** Says that nothing comes any more, and goes on listening. */
  | { end: true }
  /** Cuts the connection off. */
  | { reset: true }

export interface Conversation {
  steps: Step[]
  /** How many answers are waited for; with 0, only for the end of the connection. */
  answers: number
  /** Without TLS, on the port that wants it. */
  plain?: boolean
}

/** One HTTP answer. */
export interface WireAnswer {
  status: number
  body: string
}

/** What came back over a connection. */
export interface Heard {
  answers: WireAnswer[]
  /** Bytes that are no whole answer. */
  rest: string
  /** Whether the other side ended the connection. */
  closed: boolean
}

/** Holds a conversation, byte for byte as it is written down, and gives what was heard within `patienceMs`. */
export async function converse(
  { host, port }: { host: string; port: number },
  { steps, answers, plain }: Conversation,
  patienceMs: number,
): Promise<Heard> {
  const options = { host, port, rejectUnauthorized: false }
  const socket = plain ? connectPlain(options) : connect({ ...options, ALPNProtocols: ['http/1.1'] })
  const heard: Heard = { answers: [], rest: '', closed: false }
  let received = Buffer.alloc(0)
  const enough = Promise.withResolvers<void>()
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    Object.assign(heard, parseAnswers(received))
    if (answers && heard.answers.length >= answers) enough.resolve()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    heard.closed = true
    enough.resolve()
  })
  const patience = setTimeout(() => enough.resolve(), patienceMs)
  await Promise.race([enough.promise, play(socket, steps).then(() => enough.promise)])
  clearTimeout(patience)
  socket.destroy()
  return heard
}

async function play(socket: Socket, steps: Step[]): Promise<void> {
  for (const step of steps) {
    if (socket.destroyed) return
    if ('send' in step) socket.write(step.send)
    else if ('trickle' in step) await trickle(socket, step.trickle, step.bytes)
    else if ('waitMs' in step) await sleep(step.waitMs)
    else if ('end' in step) socket.end()
    else socket.destroy()
  }
}

async function trickle(socket: Socket, text: string, bytes: number): Promise<void> {
  for (let at = 0; at < text.length && !socket.destroyed; at += bytes) {
    socket.write(text.slice(at, at + bytes))
    await sleep(1)
  }
}

/** Every whole answer in the bytes, and what is left behind them. */
function parseAnswers(received: Buffer): Pick<Heard, 'answers' | 'rest'> {
  const answers: WireAnswer[] = []
  let text = received.toString('latin1')
  for (;;) {
    const head = /^HTTP\/1\.[01] (\d{3})[\s\S]*?\r\n\r\n/.exec(text)
    if (!head) return { answers, rest: text }
    const status = Number(head[1])
    const length = Number(/^content-length: *(\d+)/im.exec(head[0])?.[1] ?? 0)
    const end = head[0].length + (status < 200 || status === 204 ? 0 : length)
    if (text.length < end) return { answers, rest: text }
    if (status >= 200) answers.push({ status, body: text.slice(head[0].length, end) })
    text = text.slice(end)
  }
}
