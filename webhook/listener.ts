import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { CertificateSource } from '../certs/source.ts'
import type { Log } from '../src/kube/log.ts'

/** What to serve, and where. */
export interface ListenerOptions {
  fetch: (request: Request) => Response | Promise<Response>
  source: CertificateSource
  /** 0: any that is free. */
  port: number
  /** All addresses unless said. */
  hostname?: string
  log: Log
}

/** A listener at work. */
export interface Listener {
  port: number
  /** Answers for another `graceMs`, then asks each client to go (GOAWAY, connection: close) and ends. */
  stop(graceMs: number): Promise<void>
}

/** The API server keeps idle connections for 90 s, and does not send a POST again that met a closed one. */
const IDLE_MS = 150_000

/** Serves `fetch` over TLS (1.2 and later), always with the source's current certificate. */
export async function startListener(o: ListenerOptions): Promise<Listener> {
  const { cert, key } = o.source.current()
  const server = createAdaptorServer({
    fetch: o.fetch,
    createServer: createSecureServer,
    serverOptions: { allowHTTP1: true, minVersion: 'TLSv1.2', cert, key },
  }) as Http2SecureServer
  server.setTimeout(IDLE_MS)
  Object.assign(server, { keepAliveTimeout: IDLE_MS })
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(o.port, o.hostname, () => resolve())
  })
  const off = o.source.onChange(({ cert, key }) => {
    server.setSecureContext({ cert, key, minVersion: 'TLSv1.2' })
    o.log.info({}, 'serving a renewed certificate')
  })
  return {
    port: (server.address() as AddressInfo).port,
    async stop(graceMs) {
      await new Promise((resolve) => setTimeout(resolve, graceMs))
      off()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const session of sessions) session.close()
      await closed
    },
  }
}
