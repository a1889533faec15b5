import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer } from 'node:tls'
import { splitLines } from '../../../src/kube/lines.ts'
import { type Connection, type Received, serveConnection } from './connection.ts'
import { createArmed, type LinkFault, type RequestFault, type TrafficFault } from './faults.ts'
import { createGate } from './gate.ts'
import { statusBody } from './statuses.ts'
import { matches, type Traffic, trafficOf } from './traffic.ts'
import { type Answer, bodyOf, createUpstream } from './upstream.ts'
import { createWatchStream, type WatchStream } from './watchstream.ts'

/** Stands between one replica of the operator and the API server. */
export interface FaultProxy {
  /** URL for its kubeconfig. */
  server: string
  /** From now on, once or for as long as the fault says. */
  inject(fault: TrafficFault): void
  /** Ends every fault; what was kept back arrives. */
  heal(): void
  close(): void
}

export interface ProxyOptions {
  /** URL and CA (PEM) of the API server. */
  upstream: { server: string; ca: string | Buffer }
  /** Of the proxy; for 127.0.0.1. */
  certificate: { cert: string; key: string }
  /** Called for what a fault has hit, in words. */
  onFault?(what: string): void
  /** Called for each write that the API server has carried out, whatever became of its answer. */
  onWritten?(request: { method: string; target: string }, answer: Buffer): void
}

interface OpenWatch {
  traffic: Traffic
  stream: WatchStream
}

const JSON_TYPE = { 'content-type': 'application/json' }
const WRITES: Traffic['verb'][] = ['create', 'update', 'patch', 'delete']

/** Listens on a free port of 127.0.0.1. Without a fault, everything passes as it comes. */
export async function startProxy(o: ProxyOptions): Promise<FaultProxy> {
  const upstream = createUpstream(o.upstream)
  const armed = createArmed()
  const gate = createGate()
  const watches = new Set<OpenWatch>()
  const connections = new Set<Connection>()
  /** Paths of watches that the server cannot go on with: whoever does not list again hears nothing any more. */
  const expired = new Set<string>()
  let refuseUntil = 0

  const server = createServer(o.certificate, (socket) => {
    const connection = serveConnection(socket, (request) => void serve(connection, request))
    connections.add(connection)
    connection.onClose(() => connections.delete(connection))
    if (performance.now() < refuseUntil) connection.cut('rst')
  })

  async function serve(connection: Connection, request: Received): Promise<void> {
    const traffic = trafficOf(request.method, request.target)
    const fault = armed.next((match) => matches(match, traffic))
    if (fault) o.onFault?.(`${fault.kind} ${request.method} ${request.target}`)
    try {
      await gate.passed()
      if (fault?.kind === 'lost-request') return connection.cut(fault.cut)
      if (fault?.kind === 'refused') return refuse(connection, fault)
      if (fault?.kind === 'late-request') await sleep(fault.ms)
      if (traffic.verb !== 'watch') await once(connection, request, traffic, fault)
      else if (fault && 'cut' in fault) connection.cut(fault.cut)
      else await watch(connection, request, traffic)
    } catch {
      // the API server is away: whoever asks it directly sees his connection reset as well
      connection.cut('rst')
    }
  }

  async function once(connection: Connection, request: Received, traffic: Traffic, fault?: RequestFault) {
    if (traffic.verb === 'list') expired.delete(pathOf(request.target))
    const answer = await upstream.send(request, { watch: false })
    const body = await bodyOf(answer)
    if (WRITES.includes(traffic.verb) && answer.status < 300) o.onWritten?.(request, body)
    await gate.passed()
    if (fault?.kind === 'late-answer') await sleep(fault.ms)
    if (fault?.kind === 'lost-answer') connection.cut(fault.cut)
    else if (fault?.kind === 'half-answer') connection.half(answer.status, answer.headers, body, fault.cut)
    else if (fault?.kind === 'misreported') connection.answer(fault.status, JSON_TYPE, statusBody(fault.status))
    else connection.answer(answer.status, answer.headers, body)
  }

  async function watch(connection: Connection, request: Received, traffic: Traffic) {
    const path = pathOf(request.target)
    if (expired.has(path)) return refuse(connection, { kind: 'refused', status: 410 })
    const closed = new AbortController()
    connection.onClose(() => closed.abort())
    const answer = await upstream.send(request, { watch: true, signal: closed.signal })
    if (answer.status !== 200) return connection.answer(answer.status, answer.headers, await bodyOf(answer))
    connection.begin(answer.status, answer.headers)
    const open = { traffic, stream: createWatchStream(connection, () => expired.add(path)) }
    watches.add(open)
    connection.onClose(() => watches.delete(open))
    if (gate.closedForMs() > 0) open.stream.inject({ kind: 'stall', ms: gate.closedForMs() })
    await pump(answer, open.stream)
  }

  function disturb(fault: LinkFault): void {
    if (fault.kind === 'outage') {
      refuseUntil = performance.now() + fault.ms
      for (const connection of connections) connection.cut('rst')
      return
    }
    gate.close(fault.ms)
    for (const { stream } of watches) stream.inject({ kind: 'stall', ms: fault.ms })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    inject(fault) {
      if (fault.on === 'request') return armed.arm(fault.match, fault.times, fault.fault)
      if (fault.on === 'link') return disturb(fault.fault)
      for (const { traffic, stream } of watches) if (matches(fault.match, traffic)) stream.inject(fault.fault)
    },
    heal() {
      armed.clear()
      refuseUntil = 0
      gate.open()
      for (const { stream } of watches) stream.heal()
    },
    close() {
      for (const connection of connections) connection.cut('rst')
      server.close()
      upstream.close()
    },
  }
}

function refuse(connection: Connection, { status, retryAfter }: RequestFault & { kind: 'refused' }): void {
  const headers = { ...JSON_TYPE, ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }) }
  connection.answer(status, headers, statusBody(status, retryAfter))
}

const pathOf = (target: string) => target.replace(/\?.*/, '')

async function pump(answer: Answer, stream: WatchStream): Promise<void> {
  try {
    for await (const line of splitLines(answer.chunks)) stream.push(line)
    stream.finish('end')
  } catch {
    stream.finish('rst')
  }
}
