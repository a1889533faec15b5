import type { Certificate, CertificateSource } from '../certs/source.ts'
import { delay } from '../src/kube/delay.ts'
import type { Log } from '../src/kube/log.ts'

/** What to serve, and where. */
export interface ListenerOptions {
  fetch: (request: Request) => Response | Promise<Response>
  source: CertificateSource
  /** 0: any that is free. */
  port: number
  /** Whether other processes have the same port (SO_REUSEPORT); else it is refused where it is taken. */
  sharePort?: boolean
  /** All addresses unless said. */
  hostname?: string
  log: Log
  /** Called with each certificate that clients get from now on. */
  onServing?(certificate: Certificate): void
}

/** A listener at work. */
export interface Listener {
  port: number
  /**
   * Answers for another `graceMs`, each answer with `connection: close`, so that clients in the middle of their work
   * leave without an error; then takes no new connections, and ends when what is under way is answered, after 5 s at most.
   */
  stop(graceMs: number): Promise<void>
}

/** What a runtime's TLS server is given. */
export interface TlsServerOptions {
  fetch: (request: Request) => Promise<Response>
  port: number
  sharePort?: boolean
  hostname?: string
  certificate: Certificate
  idleSeconds: number
  log: Log
}

/** A TLS server of one runtime. */
export interface TlsServer {
  port: number
  /** New connections get this certificate; old ones go on. Throws where key and certificate do not make a pair. */
  setCertificate(certificate: Certificate): void
  /** Takes no new connections, ends idle ones and each other one after its answer; resolves when the last has ended. */
  close(): Promise<void>
  /** Cuts off what is left. */
  destroy(): void
}

/** The API server keeps idle connections for 90 s, and does not send a POST again that met a closed one. */
const IDLE_SECONDS = 150
/** As long as the API server waits for an answer (`timeoutSeconds` of the webhook configuration). */
const LAST_ANSWERS_MS = 5000
/** Ample for the last answer to leave. */
const FLUSH_MS = 200

/**
 * Serves `fetch` over TLS 1.2 and later, always with the source's current certificate: a renewal disturbs no connection.
 * HTTP/1.1 only, the one version that the API server speaks with a Service (docs/adr/0003-listener.md). Rejects when the
 * port is taken.
 */
export async function startListener(o: ListenerOptions): Promise<Listener> {
  let stopping = false
  let underWay = 0
  const server = await startTlsServer({
    async fetch(request) {
      underWay++
      try {
        const answer = await o.fetch(request)
        return stopping ? lastAnswer(answer) : answer
      } finally {
        underWay--
      }
    },
    port: o.port,
    sharePort: o.sharePort,
    hostname: o.hostname,
    certificate: o.source.current(),
    idleSeconds: IDLE_SECONDS,
    log: o.log,
  })
  o.onServing?.(o.source.current())
  const forget = o.source.onChange((certificate) => {
    try {
      server.setCertificate(certificate)
      o.onServing?.(certificate)
      o.log.info({ notAfter: certificate.notAfter }, 'serving a new certificate')
    } catch (error) {
      o.log.error({ err: error }, 'a new certificate could not be used; still serving the old one')
    }
  })
  return {
    port: server.port,
    async stop(graceMs) {
      stopping = true
      await delay(graceMs)
      forget()
      const closed = server.close()
      const deadline = performance.now() + LAST_ANSWERS_MS
      // Neither runtime ends connections that were never used, and clients open some in advance.
      do await delay(FLUSH_MS)
      while (underWay > 0 && performance.now() < deadline)
      server.destroy()
      await closed
    },
  }
}

async function startTlsServer(o: TlsServerOptions): Promise<TlsServer> {
  if ('Bun' in globalThis) return (await import('./bunserver.ts')).startBunServer(o)
  return (await import('./nodeserver.ts')).startNodeServer(o)
}

/** The same answer, after which the connection ends. */
export function lastAnswer(answer: Response): Response {
  const headers = new Headers(answer.headers)
  headers.set('connection', 'close')
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers })
}
