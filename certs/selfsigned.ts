import { X509Certificate } from 'node:crypto'
import type { Client } from '../src/kube/client.ts'
import { createBackoff, delay } from '../src/kube/delay.ts'
import type { Log } from '../src/kube/log.ts'
import type { PartialObjectMetadata, ResourceType } from '../src/kube/object.ts'
import { startReflector } from '../src/kube/reflector.ts'
import { Store } from '../src/kube/store.ts'
import { publishCa, WEBHOOK_CONFIGURATIONS } from './cabundle.ts'
import { type HeldCertificate, holdCertificate } from './held.ts'
import { type CertificateMetrics, counted } from './metrics.ts'
import { type Bundle, nextRenewal, renew, VALIDITY, type Validity } from './renewal.ts'
import { SECRETS, shareBundle } from './secret.ts'
import type { Certificate, CertificateSource } from './source.ts'

/** Whose certificate to keep, and where. */
export interface SelfSignedOptions {
  client: Client
  /** The operator's own namespace. */
  namespace: string
  /** The Secret that replicas share. */
  secretName: string
  /** What the API server may call the webhook: agentjob.NAMESPACE.svc … */
  dnsNames: string[]
  ipAddresses: string[]
  /** Name of the MutatingWebhookConfiguration whose caBundle is kept; without it nobody's is. */
  webhookConfiguration?: string
  signal: AbortSignal
  log: Log
  metrics?: CertificateMetrics
  now?: () => Date
  validity?: Validity
  /** Waits, or rejects when the signal aborts; a timer unless said. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** However long nothing is due and nothing changes, both objects are looked at this often. */
const RESYNC_MS = 3_600_000

/**
 * A serving certificate of a CA of our own: made by the first replica that starts, kept in a Secret that all share
 * (kubernetes.io/tls, with ca.crt and ca.key), renewed in time, its CA kept in caBundle. Each look reads both objects
 * from the API server; watches only say when to look, because admission fails from the moment when somebody overwrites
 * caBundle until it is right again. A Secret that vanished is restored. Rejects when there is no certificate to start with.
 *
 * Rights: create, get, update, list and watch on the Secret; get, patch, list and watch on the webhook configuration.
 */
export async function startSelfSigned(o: SelfSignedOptions): Promise<CertificateSource> {
  const now = o.now ?? (() => new Date())
  const look = counted(lookAtSecret(o, now), o.metrics)
  const first = await look()
  const state: State = { published: !o.webhookConfiguration }
  const held = holdCertificate(certificateOf(first), { now, reason: () => state.failure })
  void keep({ ...o, now, look, held, state })
  return {
    ...held,
    problem() {
      const unpublished = state.failure && !state.published
      return held.problem() ?? (unpublished ? `the API server does not know the CA yet: ${state.failure}` : undefined)
    },
  }
}

interface State {
  /** Of the last look; undefined after a good one. */
  failure?: string
  /** caBundle has been right once, so that there is an API server that can reach this webhook. */
  published: boolean
}

interface Keeper extends SelfSignedOptions {
  now(): Date
  look(): Promise<Bundle>
  held: HeldCertificate
  state: State
}

/** Reads the Secret and renews what is due. */
function lookAtSecret(o: SelfSignedOptions, now: () => Date): () => Promise<Bundle> {
  let last: Bundle | undefined
  const { dnsNames, ipAddresses, validity = VALIDITY } = o
  const key = { namespace: o.namespace, name: o.secretName }
  return async () => {
    const bundle = await shareBundle(o.client, key, (stored) =>
      renew(stored ?? last, { dnsNames, ipAddresses, now: now(), validity }),
    )
    if (bundle.leaf.cert !== last?.leaf.cert) {
      const { notAfter } = certificateOf(bundle)
      o.log.info({ secret: o.secretName, notAfter }, 'a serving certificate was made or found')
    }
    last = bundle
    return bundle
  }
}

async function keep(o: Keeper): Promise<void> {
  const bell = watchBoth(o)
  const backoff = createBackoff({ baseMs: 500, capMs: 60_000, random: Math.random })
  while (!o.signal.aborted) {
    let pause: number
    try {
      const bundle = await o.look()
      await publish(o, bundle).finally(() => o.held.replace(certificateOf(bundle)))
      o.state.failure = undefined
      backoff.reset()
      pause = Math.min(nextRenewal(bundle, o.now()).getTime() - o.now().getTime(), RESYNC_MS)
    } catch (error) {
      if (o.signal.aborted) return
      o.state.failure = (error as Error).message
      o.log.warn({ err: error }, 'the serving certificate or its caBundle could not be kept')
      pause = backoff.next()
    }
    await bell.wait(pause)
  }
}

async function publish(o: Keeper, { cas }: Bundle): Promise<void> {
  const name = o.webhookConfiguration
  if (!name) return
  const changed = await publishCa(o.client, { name, namespace: o.namespace, ca: cas.join('') })
  if (changed === undefined) o.log.warn({ name }, 'there is no such MutatingWebhookConfiguration: nobody calls us')
  else o.state.published = true
  if (changed) o.log.info({ name, webhooks: changed }, 'caBundle written')
}

/** Waits, but only until something happens to the Secret or the webhook configuration. */
function watchBoth(o: Keeper): { wait(ms: number): Promise<void> } {
  let rung = new AbortController()
  const watch = (type: ResourceType, name: string, namespace?: string) => {
    const store = new Store<PartialObjectMetadata>(o.log)
    store.onChange(() => rung.abort())
    const transform = ({ apiVersion, kind, metadata }: PartialObjectMetadata) => ({ apiVersion, kind, metadata })
    const { client, signal, log } = o
    startReflector({ client, type, store, namespace, fieldSelector: `metadata.name=${name}`, transform, signal, log })
  }
  watch(SECRETS, o.secretName, o.namespace)
  if (o.webhookConfiguration) watch(WEBHOOK_CONFIGURATIONS, o.webhookConfiguration)
  return {
    async wait(ms) {
      await (o.wait ?? delay)(ms, AbortSignal.any([o.signal, rung.signal])).catch(() => {})
      rung = new AbortController()
    },
  }
}

function certificateOf({ leaf, cas }: Bundle): Certificate {
  return { ...leaf, ca: cas.join(''), notAfter: new X509Certificate(leaf.cert).validToDate }
}
