import type { Client, JsonPatchOperation } from '../src/kube/client.ts'
import type { PartialObjectMetadata, ResourceType } from '../src/kube/object.ts'

/** Where MutatingWebhookConfigurations are served. */
export const WEBHOOK_CONFIGURATIONS: ResourceType = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  namespaced: false,
}

interface WebhookConfiguration extends PartialObjectMetadata {
  webhooks?: { name: string; clientConfig: { caBundle?: string; service?: { namespace: string } } }[]
}

/** Whose CA it is, and where it belongs. */
export interface Publication {
  /** Name of the MutatingWebhookConfiguration. */
  name: string
  /** Namespace of whoever publishes it. */
  namespace: string
  /** PEM. */
  ca: string
}

/**
 * Makes a CA the caBundle of every webhook of a MutatingWebhookConfiguration, and writes nothing where it is that
 * already. Says how many were changed; undefined where there is no such configuration. Rejects where one of them is a
 * Service of another namespace: two operators would overwrite each other without end, and admission would fail in turns.
 */
export async function publishCa(client: Client, { name, namespace, ca }: Publication): Promise<number | undefined> {
  const configuration = await client.get<WebhookConfiguration>(WEBHOOK_CONFIGURATIONS, { name })
  if (!configuration) return undefined
  const theirs = configuration.webhooks?.map(({ clientConfig }) => clientConfig.service?.namespace ?? namespace)
  const other = theirs?.find((one) => one !== namespace)
  if (other)
    throw new Error(
      `MutatingWebhookConfiguration ${name} is of namespace ${other}, and this operator's is ${namespace}: a cluster has one`,
    )
  const caBundle = Buffer.from(ca).toString('base64')
  const stale = (configuration.webhooks ?? []).flatMap((webhook, i) =>
    webhook.clientConfig.caBundle === caBundle ? [] : [{ i, name: webhook.name }],
  )
  if (stale.length === 0) return 0
  const operations = stale.flatMap(({ i, name }): JsonPatchOperation[] => [
    // the place in the list is the only address there is; somebody may have changed the list
    { op: 'test', path: `/webhooks/${i}/name`, value: name },
    { op: 'add', path: `/webhooks/${i}/clientConfig/caBundle`, value: caBundle },
  ])
  await client.jsonPatch(WEBHOOK_CONFIGURATIONS, { name }, operations, { fieldManager: 'agentjob' })
  return stale.length
}
