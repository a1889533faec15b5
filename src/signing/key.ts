import { randomBytes } from 'node:crypto'
import type { Client } from '../kube/client.ts'
import { isAlreadyExists, isForbidden } from '../kube/errors.ts'
import type { KubeObject, ResourceType } from '../kube/object.ts'
import type { SigningKey } from './signature.ts'

const SECRET: ResourceType = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true }
/** Name of the Secret in the operator's namespace; its key is `key`. */
export const SIGNING_SECRET = 'agentjob-signing-key'

/**
 * The signing key out of the operator's Secret. Whoever starts first makes it, if he may; the name is the lock.
 * undefined where there is none yet, and we may not make it. Refuses a Secret whose key is shorter than 32 bytes.
 */
export async function loadSigningKey(client: Client, namespace: string): Promise<SigningKey | undefined> {
  const key = { namespace, name: SIGNING_SECRET }
  const secret = (await client.get<KubeObject>(SECRET, key)) ?? (await createKey(client, namespace))
  if (!secret) return undefined
  const data = (secret.data as Record<string, string> | undefined)?.key ?? ''
  const bytes = Buffer.from(data, 'base64')
  if (bytes.length < 32)
    throw new Error(
      `Secret ${namespace}/${SIGNING_SECRET}: data.key must hold at least 32 bytes, it holds ${bytes.length}`,
    )
  return new Uint8Array(bytes)
}

async function createKey(client: Client, namespace: string): Promise<KubeObject | undefined> {
  try {
    return await client.create<KubeObject>(SECRET, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: SIGNING_SECRET, labels: { 'app.kubernetes.io/part-of': 'agentjob' } },
      immutable: true,
      data: { key: randomBytes(32).toString('base64') },
    })
  } catch (error) {
    if (isAlreadyExists(error)) return client.get<KubeObject>(SECRET, { namespace, name: SIGNING_SECRET })
    if (isForbidden(error)) return undefined
    throw error
  }
}
