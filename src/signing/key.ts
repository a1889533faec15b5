import { randomBytes } from 'node:crypto'
import type { Client } from '../kube/client.ts'
import { isAlreadyExists, isForbidden } from '../kube/errors.ts'
import type { KubeObject, ObjectKey, ResourceType } from '../kube/object.ts'
import type { SigningKey } from './signature.ts'

/** Where Secrets are. */
export const SECRET: ResourceType = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true }
/** Name of the Secret in the operator's namespace with the first key; its key is `key`. */
export const SIGNING_SECRET = 'agentjob-signing-key'
/** Name of the Secret beside it with the keys that came later, and which of them all are good; see readEpochs. */
export const SIGNING_EPOCHS = 'agentjob-signing-epochs'

/**
 * The first signing key, out of the operator's Secret; undefined where there is none yet, and we may not make it. Refuses a
 * Secret whose key is shorter than 32 bytes.
 */
export async function loadSigningKey(client: Client, namespace: string): Promise<SigningKey | undefined> {
  const bytes = await loadKey(client, { namespace, name: SIGNING_SECRET })
  if (!bytes) return undefined
  if (bytes.length < 32)
    throw new Error(
      `Secret ${namespace}/${SIGNING_SECRET}: data.key must hold at least 32 bytes, it holds ${bytes.length}`,
    )
  return bytes
}

/**
 * `data.key` of a Secret, of any length. Where there is no such Secret, whoever starts first makes it, if he may, with 32
 * random bytes; the name is the lock. undefined where there is none yet, and we may not make it.
 */
export async function loadKey(client: Client, at: ObjectKey): Promise<Uint8Array | undefined> {
  const secret = (await client.get<KubeObject>(SECRET, at)) ?? (await createKey(client, at))
  if (!secret) return undefined
  const data = (secret.data as Record<string, string> | undefined)?.key ?? ''
  return new Uint8Array(Buffer.from(data, 'base64'))
}

async function createKey(client: Client, { namespace, name }: ObjectKey): Promise<KubeObject | undefined> {
  try {
    return await client.create<KubeObject>(SECRET, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name, labels: { 'app.kubernetes.io/part-of': 'agentjob' } },
      immutable: true,
      data: { key: randomBytes(32).toString('base64') },
    })
  } catch (error) {
    if (isAlreadyExists(error)) return client.get<KubeObject>(SECRET, { namespace, name })
    if (isForbidden(error)) return undefined
    throw error
  }
}
