import { hostname } from 'node:os'
import { startFiles } from '../../certs/files.ts'
import { validityOf } from '../../certs/renewal.ts'
import { startSelfSigned } from '../../certs/selfsigned.ts'
import type { CertificateSource } from '../../certs/source.ts'
import { createApp } from '../../webhook/app.ts'
import { startListener } from '../../webhook/listener.ts'
import { kindOf } from '../api/kinds.ts'
import { startCaches } from '../controller/caches.ts'
import { runController } from '../controller/controller.ts'
import { sendsAny } from '../expand/notifyhosts.ts'
import { referenced, referencedConfigMap } from '../expand/referenced.ts'
import type { Settings } from '../expand/settings.ts'
import { settingsHash } from '../expand/settingshash.ts'
import { CERTIFICATE_SECRET } from '../install/rights.ts'
import { WEBHOOK_CONFIGURATION } from '../install/webhookconfiguration.ts'
import { reviewAccess, whoAmI } from '../kube/access.ts'
import { untilAnswered } from '../kube/answered.ts'
import { type Client, createClient } from '../kube/client.ts'
import type { Connection } from '../kube/connection.ts'
import { delay } from '../kube/delay.ts'
import type { Log } from '../kube/log.ts'
import type { KubeObject } from '../kube/object.ts'
import { createTransport } from '../kube/transport.ts'
import { loadNotificationKey } from '../notify/key.ts'
import { createSender, type Sender } from '../notify/send.ts'
import type { NotificationKey } from '../notify/signature.ts'
import { CONFIG_MAP, type ReferenceCaches, startReferenceCaches, typeOf } from '../references/caches.ts'
import { SIGNING_SECRET } from '../signing/key.ts'
import { type Keyring, startKeyring } from '../signing/keyring.ts'
import { healthRoutes, serveHealth } from './health.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { portTaken } from './porttaken.ts'
import type { Traces } from './traces.ts'

export interface ServeOptions {
  connection: Connection
  /** The operator's own namespace: its Lease, its signing key, its certificate. */
  namespace: string
  webhook: boolean
  controller: boolean
  settings: Settings
  /** Name under which the API server knows the controller; our own unless said. */
  controllerUser?: string
  /** Port of the webhook (TLS); 0: any that is free. */
  port: number
  /** Whether other processes have the same port; new connections are spread over all that have it open. */
  sharePort?: boolean
  /** Port of /healthz, /readyz and /metrics (plain HTTP); 0: any that is free. */
  healthPort: number
  /** Names and addresses under which the API server reaches the webhook. */
  hosts: string[]
  /** Folder with tls.crt, tls.key and ca.crt; without it the certificate is self-signed and renewed by us. */
  certificateDirectory?: string
  /** For how long such a one is valid, in milliseconds. */
  certificateDurationMs: number
  /** How long requests are still answered after SIGTERM, in milliseconds. */
  graceMs: number
  /** How long other replicas wait for a leader that is gone, in milliseconds. */
  leaseDurationMs: number
  log: Log
  /** Where traces go, if anywhere. */
  traces?: Traces
  signal: AbortSignal
  /** Called when both listeners are up. */
  onListening?(ports: { port?: number; healthPort: number }): void
}

/**
 * Runs the operator, webhook and controller or one of them, until `signal`; resolves when all has ended in order. Rejects
 * when it cannot start, and then nothing of it goes on: half of it would hold the lease and answer nobody.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const [failed, stop] = [new AbortController(), new AbortController()]
  const metrics = createMetrics()
  const connect = () => createClient(createTransport(options.connection, { metrics, userAgent: 'agentjob' }))
  // connections of its own for admission: a flood of it must not keep the leader from renewing its lease
  const clients = { client: connect(), asking: connect() }
  const running: Promise<void>[] = []
  try {
    const o = { ...options, signal: AbortSignal.any([options.signal, failed.signal]) }
    await operate(o, { ...clients, metrics, stop: stop.signal, running })
  } catch (error) {
    // who is told to end while he waits for his start has not failed
    if (error !== options.signal.reason) throw error
  } finally {
    failed.abort()
    await Promise.allSettled(running)
    stop.abort()
    for (const { transport } of Object.values(clients)) transport.close()
    await options.traces?.stop()
  }
}

const NOT_FILLED = 'the caches are not filled yet'

/** How long after a failure the key of notifications is asked for again. */
const KEY_RETRY_MS = 10_000

interface Wires {
  client: Client
  asking: Client
  metrics: Metrics
  stop: AbortSignal
  /** What has been started and ends with the signal of the options. */
  running: Promise<void>[]
}

async function operate(o: ServeOptions, wires: Wires): Promise<void> {
  let started = false
  const problems: (() => string | undefined)[] = [() => (o.signal.aborted ? 'shutting down' : undefined)]
  // what a start waits for says more than that it waits
  const notReady = () =>
    problems.map((problem) => problem()).find((reason) => reason !== undefined) ?? (started ? undefined : 'starting')
  // from the start on: a process that waits for the API server is not dead
  const routes = healthRoutes({ notReady, registry: wires.metrics.registry })
  const health = await serveHealth(routes, o.healthPort).catch(portTaken(o.healthPort, '--health-port'))
  try {
    const webhook = await start(o, { ...wires, problems })
    started = true
    o.onListening?.({ port: webhook?.port, healthPort: health.port })
    await Promise.race([aborted(o.signal), ...wires.running])
    // the lease goes first, so that another replica takes over while this one still answers
    await Promise.all([...wires.running, webhook?.stop(o.graceMs)])
  } finally {
    health.close()
  }
}

interface Readiness {
  /** Why it cannot do its work, each in a sentence, where it cannot. */
  problems: (() => string | undefined)[]
}

/** Starts the parts; gives the webhook's listener, if there is one. */
async function start(o: ServeOptions, { client, asking, metrics, stop, running, problems }: Wires & Readiness) {
  const keys = await keyring(o, { client: asking, metrics, signal: stop })
  const references = startReferenceCaches({
    client,
    configMaps: o.controller,
    signal: stop,
    log: o.log,
    metrics,
  })
  references.synced.catch(() => {})
  problems.push(() => (references.hasSynced() ? undefined : NOT_FILLED))
  if (o.controller) {
    const parts = { client, keys, references, metrics, stop, problems, send: sender(o, client) }
    running.push(runTheController(o, parts))
  }
  if (!o.webhook) return undefined
  return runTheWebhook(o, { client: asking, keys, references, metrics, stop, problems })
}

/**
 * The signing keys, by the connections of admission, which may wait for one. A webhook that may not make the first waits
 * until a controller has.
 */
async function keyring(
  o: ServeOptions,
  wires: { client: Client; metrics: Metrics; signal: AbortSignal },
): Promise<Keyring> {
  const { namespace, log } = o
  for (let told = false; ; told = true) {
    const keys = await untilAnswered(() => startKeyring({ ...wires, namespace, log }), {
      what: 'the signing key',
      ...o,
    })
    if (keys) return keys
    if (!told) log.info({ secret: SIGNING_SECRET }, 'waiting for the signing key, which the controller makes')
    await delay(1000, o.signal)
  }
}

interface Parts {
  client: Client
  keys: Keyring
  references: ReferenceCaches
  metrics: Metrics
  stop: AbortSignal
}

/** Nobody waits for the key of notifications: what is wrong with it must not keep anything else from its work. */
function sender(o: ServeOptions, client: Client): Sender {
  const { log, settings, signal } = o
  const { notify = { hosts: [], privateHosts: [] } } = settings
  let key: NotificationKey | undefined
  const load = async () => {
    while (!key && !signal.aborted) {
      try {
        key = await loadNotificationKey(client, o.namespace)
      } catch (err) {
        if (!signal.aborted)
          log.error({ err }, 'the key of notifications cannot be had; none is sent, and it is tried again')
        await delay(KEY_RETRY_MS, signal).catch(() => {})
      }
    }
  }
  // whoever sends none needs none
  if (sendsAny(notify)) void load()
  return createSender({ settings: notify, key: () => key, now: () => new Date(), log })
}

async function runTheController(o: ServeOptions, parts: Parts & Readiness & { send: Sender }): Promise<void> {
  const { client, references, metrics, stop, problems } = parts
  const { clusterAccess, egress } = o.settings
  const caches = startCaches({ client, references, clusterAccess, egress, signal: stop, log: o.log, metrics })
  // where both are one process, admission is what others wait for
  if (!o.webhook) problems.push(() => (caches.hasSynced() ? undefined : NOT_FILLED))
  const identity = `${hostname()}_${process.pid}_${Date.now().toString(36)}`
  try {
    const { namespace, leaseDurationMs, signal, log, traces } = o
    const { libraryNamespace } = o.settings
    await runController({
      ...parts,
      caches,
      namespace,
      identity,
      leaseDurationMs,
      libraryNamespace,
      settingsHash: settingsHash(o.settings),
      egress,
      signal,
      log,
      traces,
    })
  } catch (error) {
    // a shutdown before the caches were filled is an ordinary one
    if (!stop.aborted && !o.signal.aborted) throw error
  }
}

async function runTheWebhook(o: ServeOptions, parts: Parts & Readiness) {
  const { client, keys, references, metrics, problems } = parts
  const source = await untilAnswered(() => certificates(o, client, metrics, parts.stop), {
    what: 'the serving certificate',
    ...o,
  })
  problems.push(() => source.problem())
  const app = createApp({
    lookup: references.lookup,
    quotasOf: references.quotasOf,
    read: (kind, namespace, name) => readLive(client, kind, namespace, name),
    operator: o.controllerUser ?? (await untilAnswered(() => whoAmI(client), { what: 'our own name', ...o })),
    review: async ({ username = '', ...user }, attributes) =>
      (await reviewAccess(client, { username, ...user }, attributes, { timeoutMs: 3000 })).allowed,
    keys,
    settings: o.settings,
    metrics,
    traces: o.traces,
    log: o.log,
  })
  // who shares a port is sent requests from the moment on that he opens it, whatever his readiness says
  if (o.sharePort) await Promise.race([references.synced, aborted(o.signal)])
  o.signal.throwIfAborted()
  return startListener({
    fetch: app.fetch,
    source,
    port: o.port,
    sharePort: o.sharePort,
    log: o.log,
    onServing: ({ notAfter }) => metrics.serving(notAfter),
  }).catch(portTaken(o.port, '--port'))
}

function certificates(
  o: ServeOptions,
  client: Client,
  metrics: Metrics,
  signal: AbortSignal,
): Promise<CertificateSource> {
  const { log, certificateDirectory: directory } = o
  if (directory) return startFiles({ directory, signal, log, metrics })
  const isAddress = (host: string) => /^[0-9.]+$/.test(host) || host.includes(':')
  return startSelfSigned({
    client,
    namespace: o.namespace,
    secretName: CERTIFICATE_SECRET,
    dnsNames: o.hosts.filter((host) => !isAddress(host)),
    ipAddresses: o.hosts.filter(isAddress),
    webhookConfiguration: WEBHOOK_CONFIGURATION,
    validity: validityOf(o.certificateDurationMs),
    signal,
    log,
    metrics,
  })
}

/** An object that no cache has, straight from the API server. */
async function readLive(client: Client, kind: string, namespace: string, name: string) {
  const definition = kindOf(kind)
  const type = kind === CONFIG_MAP.kind ? CONFIG_MAP : definition && typeOf(definition)
  // the API server waits 5 s for the whole answer; what comes too late comes by a touch
  const signal = AbortSignal.timeout(2000)
  const object = type && (await client.get<KubeObject>(type, { namespace, name }, { signal }))
  if (!object || object.metadata.deletionTimestamp) return undefined
  return type === CONFIG_MAP ? referencedConfigMap(object) : referenced(kind, object.spec)
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  )
