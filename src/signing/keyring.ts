import type { Expansion } from '../api/expansion.ts'
import type { Client } from '../kube/client.ts'
import { delay } from '../kube/delay.ts'
import type { Log } from '../kube/log.ts'
import type { KubeObject, PartialObjectMetadata } from '../kube/object.ts'
import { startReflector } from '../kube/reflector.ts'
import { Store } from '../kube/store.ts'
import { type Epochs, isSame, newestOf, onlyFirst, readEpochs, withFirst } from './epochs.ts'
import { loadSigningKey, SECRET, SIGNING_EPOCHS, SIGNING_SECRET } from './key.ts'
import type { SigningMetrics } from './metrics.ts'
import { epochOf, FIRST_EPOCH, type Identity, type SigningKey, sign, verify } from './signature.ts'

/** The keys as they are now. */
export interface Keys {
  /** The epoch of new signatures. */
  signs(): number
  /** The expansion, signed. */
  sign(expansion: Expansion, identity: Identity): Promise<Expansion>
  /**
   * Whether a stored expansion is one that we made for this object, under a key that is still good. Rejects where that
   * cannot be told: it names an epoch newer than those that are known, and the Secret cannot be read.
   */
  holds(expansion: unknown, identity: Identity): Promise<boolean>
}

/** Keys that are followed. */
export interface Keyring extends Keys {
  /** Calls when there are other keys, or another one signs, until the function that it gives is called. */
  onChange(listener: () => void): () => void
}

/**
 * Keys over what is known of them. What names a newer epoch than is known was signed by a replica that knew of a key
 * earlier: `learn` reads anew before it is judged, because a good expansion that is thrown away loses who asked for it.
 */
export const keysOf = (known: () => Epochs, learn: () => Promise<void>): Keys => ({
  signs: () => known().signs,
  sign(expansion, identity) {
    const { keys, signs } = known()
    return sign(expansion, identity, keys.get(signs) as SigningKey, signs)
  },
  async holds(expansion, identity) {
    const epoch = epochOf(expansion)
    if (epoch === undefined) return false
    if (epoch > newestOf(known())) await learn()
    const key = known().keys.get(epoch)
    return key !== undefined && verify(expansion, identity, key)
  },
})

/** Whose keys to follow. */
export interface KeyringOptions {
  client: Client
  /** The operator's own. */
  namespace: string
  signal: AbortSignal
  log: Log
  metrics?: SigningMetrics
  /** How long after a read that has failed the next one comes; 10 s unless said. */
  retryMs?: number
  /** How long after one read the next one comes at the earliest, whoever asks for it; 1 s unless said. */
  pauseMs?: number
}

/** The API server waits 5 s for the whole answer. */
const READ_MS = 2000
/** A connection that has died without a word is noticed before a rotation goes on to its next step, after 30 s. */
const WATCH_SECONDS = 20

/**
 * The keys out of the operator's Secrets, followed until `signal`. Rejects where they cannot be read to start with; later,
 * what cannot be read changes nothing, and is told of once. undefined where there are none yet, and we may not make the
 * first.
 *
 * Rights: get on both Secrets, list and watch on that of the epochs, and, for whoever is to make the first, create.
 */
export async function startKeyring(o: KeyringOptions): Promise<Keyring | undefined> {
  const listeners = new Set<() => void>()
  const reader = createReader(o)
  const atStart = await reader()
  if (!atStart) return undefined
  let known = atStart
  o.metrics?.signsUnder(known.signs)
  let failure: string | undefined
  async function read(): Promise<void> {
    try {
      const found = await reader()
      if (!found) throw new Error(`Secret ${o.namespace}/${SIGNING_SECRET} is gone; restore it from a backup`)
      failure = undefined
      if (isSame(found, known)) return
      known = found
      o.metrics?.signsUnder(found.signs)
      o.log.info({ epoch: found.signs, count: found.keys.size }, 'the signing keys have changed')
      for (const listener of listeners) listener()
    } catch (error) {
      const { message } = error as Error
      if (!o.signal.aborted && message !== failure)
        o.log.warn({ err: error, secret: SIGNING_EPOCHS }, 'the signing keys cannot be read; those that are known stay')
      failure = message
      throw error
    }
  }
  const learn = oneAtATime(read, o)
  follow(learn, o)
  return {
    ...keysOf(() => known, learn),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** Reads when the Secret has changed; its watch holds no key. */
function follow(learn: () => Promise<void>, o: KeyringOptions): void {
  const { client, namespace, signal, log, retryMs = 10_000 } = o
  let changes = 0
  async function catchUp(): Promise<void> {
    // each change has a read that begins after it; one that fails is tried again until the next change
    const change = ++changes
    for (let tries = 0; change === changes && !signal.aborted; tries++) {
      if (tries) await delay(retryMs, signal).catch(() => {})
      const isRead = await learn().then(
        () => true,
        () => false,
      )
      if (isRead) return
    }
  }
  const store = new Store<PartialObjectMetadata>(log)
  store.onChange(() => void catchUp())
  startReflector({
    ...{ client, namespace, signal, log, store, type: SECRET, watchSeconds: WATCH_SECONDS },
    fieldSelector: `metadata.name=${SIGNING_EPOCHS}`,
    transform: ({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata }),
  })
}

/** A read of what both Secrets say now; undefined where there is neither, and we may not make the first. */
function createReader({ client, namespace }: KeyringOptions): () => Promise<Epochs | undefined> {
  let first: SigningKey | undefined
  let isRotated = false
  const firstKey = async () => {
    first ??= await loadSigningKey(client, namespace)
    return first
  }
  return async () => {
    // before the first key: where that one is retired and gone, nobody is to make another
    const secret = await client.get<KubeObject>(SECRET, { namespace, name: SIGNING_EPOCHS }, { timeoutMs: READ_MS })
    if (!secret) {
      // nobody who lost it by mistake is to have a retired key back
      if (isRotated) throw new Error(`Secret ${namespace}/${SIGNING_EPOCHS} is gone; restore it from a backup`)
      const first = await firstKey()
      return first && onlyFirst(first)
    }
    const stored = refused(() => readEpochs(secret.data as Record<string, string> | undefined))
    const first = stored.oldest > FIRST_EPOCH ? undefined : await firstKey()
    const epochs = refused(() => withFirst(stored, first))
    isRotated = true
    return epochs
  }
  function refused<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      throw new Error(`Secret ${namespace}/${SIGNING_EPOCHS}: ${(error as Error).message}`)
    }
  }
}

/**
 * One read at a time, and one in a pause at most: whoever asks gets one that begins after that. So nobody who makes up
 * epochs has the API server asked more often.
 */
function oneAtATime(read: () => Promise<void>, { signal, pauseMs = 1000 }: KeyringOptions): () => Promise<void> {
  let next: Promise<void> | undefined
  let last: Promise<unknown> = Promise.resolve()
  return () => {
    next ??= last.then(() => {
      next = undefined
      const reading = read()
      last = reading.catch(() => {}).then(() => delay(pauseMs, signal).catch(() => {}))
      return reading
    })
    return next
  }
}
