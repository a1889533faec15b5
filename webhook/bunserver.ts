import { randomUUID } from 'node:crypto'
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
import type { Certificate } from '../certs/source.ts'
import type { Log } from '../src/kube/log.ts'
import { lastAnswer, type TlsServer, type TlsServerOptions } from './listener.ts'

/**
 * The TLS server of Bun. Neither Bun.serve nor Bun's node:https can change a certificate, so each certificate has a
 * Bun.serve of its own, out of sight, and a plain TCP server in front hands every new connection, byte for byte, to the
 * newest of them. The listening socket outlives all certificates: a renewal refuses and resets nothing.
 */
export async function startBunServer(o: TlsServerOptions): Promise<TlsServer> {
  let newest = startBackend(o, o.certificate)
  const backends = new Set([newest])
  const clients = new Set<Socket>()
  const front = createServer((client) => {
    const backend = newest
    backend.connections++
    clients.add(client)
    relay(client, backend.address, o.log)
    client.on('close', () => {
      clients.delete(client)
      backend.connections--
      discard(backend)
    })
  })
  const discard = (backend: Backend) => {
    if (backend === newest || backend.connections > 0) return
    backends.delete(backend)
    void backend.stop()
  }
  const listening = new Promise<void>((resolve, reject) => {
    front.once('error', reject)
    front.listen({ port: o.port, host: o.hostname, reusePort: o.sharePort }, resolve)
  })
  await listening.catch(async (error) => {
    // a server that goes on keeps the process from its end
    await newest.stop()
    throw error
  })
  return {
    port: (front.address() as AddressInfo).port,
    setCertificate(certificate) {
      const old = newest
      newest = startBackend(o, certificate)
      backends.add(newest)
      old.retire()
      discard(old)
    },
    close() {
      for (const backend of backends) void backend.stop()
      return new Promise((resolve) => void front.close(() => resolve()))
    },
    destroy() {
      for (const client of clients) client.destroy()
    },
  }
}

/** A Bun.serve with one certificate. */
interface Backend {
  address: NetConnectOpts
  /** How many are relayed to it. */
  connections: number
  /** From now on a connection ends with its next answer. */
  retire(): void
  /** Ends idle connections now, the others after their answer. */
  stop(): Promise<void>
}

function startBackend(o: TlsServerOptions, { cert, key }: Certificate): Backend {
  let retired = false
  const options = {
    tls: { cert, key },
    idleTimeout: o.idleSeconds,
    development: false as const,
    fetch: (request: Request) => (retired ? o.fetch(request).then(lastAnswer) : o.fetch(request)),
  }
  // Linux has sockets without a file, which need no directory to write to.
  const path = process.platform === 'linux' ? `\0agentjob-${randomUUID()}` : undefined
  const where = path ? { unix: path } : { hostname: '127.0.0.1', port: 0 }
  // The types leave idleTimeout out for Unix sockets; Bun does not.
  const server = Bun.serve({ ...options, ...where } as Bun.Serve.Options<undefined>)
  return {
    address: path ? { path } : { host: '127.0.0.1', port: server.port! },
    connections: 0,
    retire() {
      retired = true
    },
    stop: () => server.stop(),
  }
}

/** Passes bytes both ways until either side ends; how long a silent one may last is the backend's business. */
function relay(client: Socket, address: NetConnectOpts, log: Log): void {
  const backend = connect(address)
  client.setNoDelay(true)
  client.pipe(backend)
  backend.pipe(client)
  client.on('error', () => backend.destroy())
  client.on('close', () => backend.destroy())
  backend.on('error', (error) => {
    log.warn({ err: error }, 'a connection to the webhook was cut off inside')
    client.destroy()
  })
  backend.on('close', () => client.destroySoon())
}
