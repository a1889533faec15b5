import { createServer } from 'node:http'
import { hostname } from 'node:os'
import { serve as serveHttp } from '@hono/node-server'
import { startFiles } from '../../certs/files.ts'
import { startSelfSigned } from '../../certs/selfsigned.ts'
import type { CertificateSource } from '../../certs/source.ts'
import { createApp } from '../../webhook/app.ts'
import { startListener } from '../../webhook/listener.ts'
import { kindOf } from '../api/kinds.ts'
import { startCaches } from '../controller/caches.ts'
import { runController } from '../controller/controller.ts'
import { referenced } from '../expand/referenced.ts'
import type { Settings } from '../expand/settings.ts'
import { CERTIFICATE_SECRET } from '../install/rights.ts'
import { WEBHOOK_CONFIGURATION } from '../install/webhookconfiguration.ts'
import { reviewAccess, whoAmI } from '../kube/access.ts'
import { type Client, createClient } from '../kube/client.ts'
import type { Connection } from '../kube/connection.ts'
import type { Log } from '../kube/log.ts'
import type { KubeObject } from '../kube/object.ts'
import { createTransport } from '../kube/transport.ts'
import { type ReferenceCaches, startReferenceCaches, typeOf } from '../references/caches.ts'
import { loadSigningKey } from '../signing/key.ts'
import type { SigningKey } from '../signing/signature.ts'
import { healthRoutes } from './health.ts'
import { createMetrics, type Metrics } from './metrics.ts'

export interface ServeOptions {
  connection: Connection
  /** The operator's own namespace: its Lease, its signing key, its certificate. */
  namespace: string
  webhook: boolean
  controller: boolean
  settings: Settings
  /** Port of the webhook (TLS); 0: any that is free. */
  port: number
  /** Port of /healthz, /readyz and /metrics (plain HTTP); 0: any that is free. */
  healthPort: number
  /** Names and addresses under which the API server reaches the webhook. */
  hosts: string[]
  /** Folder with tls.crt, tls.key and ca.crt; without it the certificate is self-signed and renewed by us. */
  certificateDirectory?: string
  /** How long requests are still answered after SIGTERM, in milliseconds. */
  graceMs: number
  /** How long other replicas wait for a leader that is gone, in milliseconds. */
  leaseDurationMs: number
  log: Log
  signal: AbortSignal
  /** Called when both listeners are up. */
  onListening?(ports: { port?: number; healthPort: number }): void
}

/** Runs the operator, webhook and controller or one of them, until `signal`; resolves when all has ended in order. */
export async function serve(o: ServeOptions): Promise<void> {
  const metrics = createMetrics()
  const client = createClient(createTransport(o.connection, { metrics, userAgent: 'agentjob' }))
  const stop = new AbortController()
  const key = await loadSigningKey(client, o.namespace)
  const references = startReferenceCaches({ client, signal: stop.signal, log: o.log, metrics })
  references.synced.catch(() => {})
  const problems: (() => string | undefined)[] = [
    () => (references.hasSynced() ? undefined : 'the caches are not filled yet'),
    () => (o.signal.aborted ? 'shutting down' : undefined),
  ]
  const notReady = () => problems.map((problem) => problem()).find((reason) => reason !== undefined)
  const health = healthRoutes({ notReady, registry: metrics.registry })
  const running = o.controller
    ? runTheController(o, { client, key, references, metrics, stop: stop.signal })
    : undefined
  // connections of its own: a flood of admissions must not keep the leader from renewing its lease
  const asking = createClient(createTransport(o.connection, { metrics, userAgent: 'agentjob' }))
  const webhook = o.webhook
    ? await runTheWebhook(o, { client: asking, key, references, metrics, stop: stop.signal, problems, notReady })
    : undefined
  // Bun.serve, under the webhook, takes no Response but the runtime's own
  const server = serveHttp({ fetch: health.fetch, port: o.healthPort, createServer, overrideGlobalObjects: false })
  await new Promise<void>((resolve) => (server.listening ? resolve() : server.once('listening', resolve)))
  const address = server.address()
  o.onListening?.({
    port: webhook?.port,
    healthPort: address && typeof address === 'object' ? address.port : o.healthPort,
  })
  await Promise.race([aborted(o.signal), running ?? new Promise<never>(() => {})])
  // the lease goes first, so that another replica takes over while this one still answers
  await Promise.all([running, webhook?.stop(o.graceMs)])
  stop.abort()
  server.close()
  client.transport.close()
  asking.transport.close()
}

interface Parts {
  client: Client
  key: SigningKey
  references: ReferenceCaches
  metrics: Metrics
  stop: AbortSignal
}

async function runTheController(o: ServeOptions, parts: Parts): Promise<void> {
  const { client, references, metrics, stop } = parts
  const caches = startCaches({ client, references, signal: stop, log: o.log, metrics })
  const identity = `${hostname()}_${process.pid}_${Date.now().toString(36)}`
  try {
    const { namespace, leaseDurationMs, signal, log } = o
    await runController({ ...parts, caches, namespace, identity, leaseDurationMs, signal, log })
  } catch (error) {
    // a shutdown before the caches were filled is an ordinary one
    if (!stop.aborted && !o.signal.aborted) throw error
  }
}

async function runTheWebhook(
  o: ServeOptions,
  parts: Parts & { problems: (() => string | undefined)[]; notReady(): string | undefined },
) {
  const { client, key, references, metrics, problems } = parts
  const source = await certificates(o, client, parts.stop)
  problems.push(() => source.problem())
  const app = createApp({
    lookup: references.lookup,
    read: (kind, namespace, name) => readLive(client, kind, namespace, name),
    operator: await whoAmI(client),
    review: async ({ username = '', ...user }, attributes) =>
      (await reviewAccess(client, { username, ...user }, attributes, { timeoutMs: 3000 })).allowed,
    key,
    settings: o.settings,
    metrics,
    log: o.log,
  })
  app.route('/', healthRoutes({ notReady: parts.notReady, registry: metrics.registry }))
  return startListener({ fetch: app.fetch, source, port: o.port, log: o.log })
}

function certificates(o: ServeOptions, client: Client, signal: AbortSignal): Promise<CertificateSource> {
  if (o.certificateDirectory) return startFiles({ directory: o.certificateDirectory, signal, log: o.log })
  const isAddress = (host: string) => /^[0-9.]+$/.test(host) || host.includes(':')
  return startSelfSigned({
    client,
    namespace: o.namespace,
    secretName: CERTIFICATE_SECRET,
    dnsNames: o.hosts.filter((host) => !isAddress(host)),
    ipAddresses: o.hosts.filter(isAddress),
    webhookConfiguration: WEBHOOK_CONFIGURATION,
    signal,
    log: o.log,
  })
}

/** An object that no cache has, straight from the API server. */
async function readLive(client: Client, kind: string, namespace: string, name: string) {
  const definition = kindOf(kind)
  // the API server waits 5 s for the whole answer; what comes too late comes by a touch
  const signal = AbortSignal.timeout(2000)
  const object = definition && (await client.get<KubeObject>(typeOf(definition), { namespace, name }, { signal }))
  return object && !object.metadata.deletionTimestamp ? referenced(kind, object.spec) : undefined
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  )
