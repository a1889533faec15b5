import type { Client } from '../kube/client.ts'
import type { KubeObject, ResourceType } from '../kube/object.ts'
import { loadKey } from '../signing/key.ts'
import { type NotificationKey, notificationKey } from './signature.ts'

/** Name of the Secret in the operator's namespace with the key, and of the ConfigMap beside it with its public half. */
export const NOTIFICATION_KEY = 'agentjob-notification-key'
/** Key of the ConfigMap. */
export const PUBLIC_KEY = 'publicKey'

const CONFIG_MAP: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
}

/**
 * The key that notifications are signed with, out of the operator's Secret, which whoever starts first makes. Its public
 * half goes into a ConfigMap, for receivers. Refuses a Secret whose key has another length than 32 bytes.
 */
export async function loadNotificationKey(client: Client, namespace: string): Promise<NotificationKey> {
  const seed = await loadKey(client, { namespace, name: NOTIFICATION_KEY })
  if (!seed) throw new Error(`there is no Secret ${namespace}/${NOTIFICATION_KEY}, and we may not make it`)
  if (seed.length !== 32)
    throw new Error(`Secret ${namespace}/${NOTIFICATION_KEY}: data.key must hold 32 bytes, it holds ${seed.length}`)
  const key = notificationKey(seed)
  const published: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name: NOTIFICATION_KEY, labels: { 'app.kubernetes.io/part-of': 'agentjob' } },
    data: { [PUBLIC_KEY]: key.publicKey },
  }
  await client.apply<KubeObject>(CONFIG_MAP, published, { fieldManager: 'agentjob', force: true })
  return key
}
