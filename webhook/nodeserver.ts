import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Certificate } from '../certs/source.ts'
import type { TlsServer, TlsServerOptions } from './listener.ts'

/** The TLS server of Node and Deno: node:https, whose certificate can be replaced in place. */
export async function startNodeServer(o: TlsServerOptions): Promise<TlsServer> {
  const server = createAdaptorServer({
    fetch: o.fetch,
    createServer,
    serverOptions: { ...secureContext(o.certificate), keepAliveTimeout: o.idleSeconds * 1000 },
  }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: o.port, host: o.hostname, reusePort: o.sharePort }, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    setCertificate: (certificate) => server.setSecureContext(secureContext(certificate)),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
    destroy: () => server.closeAllConnections(),
  }
}

const secureContext = ({ cert, key }: Certificate) => ({ cert, key, minVersion: 'TLSv1.2' as const })
