import { readFile } from 'node:fs/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../api/duration.ts'
import { withoutEffect } from '../expand/egress/settings.ts'
import { LOG_LEVELS, type LogLevel } from '../expand/settings.ts'
import { WEBHOOK_SERVICE } from '../install/names.ts'
import type { Connection } from '../kube/connection.ts'
import type { Log } from '../kube/log.ts'
import { serviceAccountConnection } from '../kube/serviceaccount.ts'
import { EXIT, Failure } from './exit.ts'
import { readSettings } from './settings.ts'

const IN_CLUSTER_NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

const HELP = `
Examples:
  agentjob serve                    # in a cluster, as its Deployment runs it
  agentjob serve --only webhook     # several; one or two with --only controller
  agentjob serve --kubeconfig k --host 10.0.0.5     # outside, registered by URL

SIGTERM ends it in order: readiness fails, the lease is given back, requests are
answered for --grace seconds.`

interface Flags {
  only?: 'webhook' | 'controller'
  namespace?: string
  settings?: string
  port: number
  sharePort?: boolean
  healthPort: number
  host?: string[]
  certificates?: string
  certificateDuration: number
  controllerUser?: string
  grace: number
  leaseDuration: number
  logLevel: LogLevel
  kubeconfig?: string
  context?: string
}

/** `agentjob serve`: the operator. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('run the operator: the admission webhook and the controller')
    .addOption(new Option('--only <part>', 'run one of the two').choices(['webhook', 'controller']))
    .option('-n, --namespace <namespace>', "the operator's own namespace; the pod's, or else agentjob-system")
    .option('--settings <file>', "the operator's settings (YAML)")
    .option('--port <port>', 'port of the webhook (TLS)', port, 9443)
    .option('--share-port', 'share that port with others that are started so; it is opened when the caches are filled')
    .option('--health-port <port>', 'port of /healthz, /readyz and /metrics (HTTP)', port, 8080)
    .option('--host <host...>', 'names and addresses by which the API server reaches the webhook')
    .option('--certificates <directory>', 'folder with tls.crt, tls.key and ca.crt; without it: self-signed, renewed')
    .addOption(
      new Option(
        '--certificate-duration <duration>',
        'for how long a certificate is valid that is self-signed; 30s at least',
      )
        .argParser(certificateDuration)
        .default(90 * 24 * 3_600_000, '2160h'),
    )
    .option(
      '--controller-user <name>',
      "who the controller is to the API server, where its account is not the webhook's",
    )
    .option('--grace <seconds>', 'how long requests are answered after SIGTERM', seconds, 5)
    .option('--lease-duration <seconds>', 'how long other replicas wait for a leader that is gone', leaseSeconds, 15)
    .addOption(new Option('--log-level <level>').choices(LOG_LEVELS).default('info'))
    .option('--kubeconfig <file>', 'the cluster; in a pod: its own')
    .option('--context <name>', 'context of the kubeconfig')
    .addHelpText('after', HELP)
    .action(run)
}

async function run(flags: Flags): Promise<void> {
  const [{ createLog }, { endWhenUncaught }, { serve }] = await Promise.all([
    import('../serve/log.ts'),
    import('../serve/uncaught.ts'),
    import('../serve/serve.ts'),
  ])
  const unknown: string[] = []
  const settings = await readSettings(flags.settings, { onUnknown: (words) => unknown.push(words) })
  const namespace = flags.namespace ?? (await podNamespace()) ?? 'agentjob-system'
  const log = createLog(settings.logLevel ?? flags.logLevel)
  endWhenUncaught(log)
  // one of a newer version, which this one meets when it starts anew in the middle of an upgrade
  if (unknown.length) log.warn({ settings: unknown }, 'unknown settings are left out')
  const idle = withoutEffect(settings.egress)
  if (idle.length) log.warn({ settings: idle }, 'settings have no effect')
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      log.info({ signal }, 'shutting down')
      stop.abort()
    })
  if (flags.settings) void followSettings(flags, log, stop.signal)
  try {
    await serve({
      connection: await connectionOf(flags),
      namespace,
      webhook: flags.only !== 'controller',
      controller: flags.only !== 'webhook',
      settings,
      port: flags.port,
      sharePort: flags.sharePort,
      healthPort: flags.healthPort,
      hosts: flags.host ?? [`${WEBHOOK_SERVICE}.${namespace}.svc`],
      controllerUser: flags.controllerUser,
      certificateDirectory: flags.certificates,
      certificateDurationMs: flags.certificateDuration,
      graceMs: flags.grace * 1000,
      leaseDurationMs: flags.leaseDuration * 1000,
      log,
      traces: await tracesFor(log),
      signal: stop.signal,
      onListening: (ports) => log.info(ports, 'listening'),
    })
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), EXIT.failed)
  }
}

/** Of the settings the level of the log alone is followed: everything else would change what expansions are. */
async function followSettings({ settings, logLevel }: Flags, log: Log & { level: string }, signal: AbortSignal) {
  const { followLevel } = await import('../serve/followlevel.ts')
  const read = async () => (await readSettings(settings, { onUnknown: () => {} })).logLevel
  await followLevel({ read, otherwise: logLevel, log, signal })
}

/** OpenTelemetry's own variables say whether there is somebody to send traces to; else none of it is loaded. */
async function tracesFor(log: Log) {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SDK_DISABLED } = process.env
  const isWanted = OTEL_EXPORTER_OTLP_ENDPOINT || OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
  if (!isWanted || OTEL_SDK_DISABLED === 'true') return undefined
  return (await import('../serve/traces.ts')).startTraces(log)
}

/** In a pod its own cluster, unless somebody names another: a controller does not look into a home directory first. */
async function connectionOf({ kubeconfig, context }: Flags): Promise<Connection> {
  const named = kubeconfig || context || process.env.KUBECONFIG
  const pod = named ? undefined : serviceAccountConnection()
  return pod ?? (await import('../kube/connection.ts')).loadConnection({ kubeconfig, context })
}

async function podNamespace(): Promise<string | undefined> {
  return (await readFile(IN_CLUSTER_NAMESPACE, 'utf8').catch(() => '')).trim() || undefined
}

function port(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0 && value <= 65535) return value
  throw new InvalidArgumentError('must be a port, 0 to 65535 (0: any that is free).')
}

function certificateDuration(text: string): number {
  const value = parseDuration(text)
  if (value !== undefined && value >= 30_000) return value
  throw new InvalidArgumentError('must be a duration such as 2160h, of 30s at least.')
}

function leaseSeconds(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  throw new InvalidArgumentError('must be a whole number of seconds, 1 or more.')
}

function seconds(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value >= 0) return value
  throw new InvalidArgumentError('must be a number of seconds.')
}
