import type { Client } from '../../kube/client.ts'
import { isForbidden } from '../../kube/errors.ts'
import type { KubeObject, PartialObjectMetadata } from '../../kube/object.ts'
import type { Pod } from '../../status/observed.ts'
import { newest, waiting } from '../../status/run.ts'
import { podType } from '../logs.ts'

/** A Deployment, as far as its rollout needs it. */
export interface Deployment extends KubeObject {
  spec: { replicas: number; selector: { matchLabels: Record<string, string> } }
  status?: {
    observedGeneration?: number
    updatedReplicas?: number
    availableReplicas?: number
    replicas?: number
    conditions?: { type: string; status: string; message?: string }[]
  }
}

/** The pods that a Deployment selects; none where they may not be listed. */
export async function podsOf(client: Client, { metadata, spec }: Deployment): Promise<Pod[]> {
  const labelSelector = Object.entries(spec.selector.matchLabels)
    .map((label) => label.join('='))
    .join(',')
  try {
    const { namespace } = metadata
    return (await client.list<Pod & PartialObjectMetadata>(podType, { namespace, labelSelector })).items
  } catch (error) {
    if (isForbidden(error)) return []
    throw error
  }
}

/**
 * What a rollout waits for, counted as "kubectl rollout status" does, with the kubelet's or the scheduler's words for why a
 * pod does not start; undefined where it is through. Beyond kubectl's it waits for pods that end, because these may answer
 * by the old settings; not longer than their time is, as one on a node that is gone ends never. `now` is in milliseconds.
 */
export function whatIsMissing(deployment: Deployment, pods: Pod[], now: number): string | undefined {
  const missing = missingOf(deployment, pods, now)
  const staying = pods.filter(({ metadata }) => !metadata.deletionTimestamp)
  // what an old one waits for is over with it
  const version = versionOf(newest(staying))
  const stuck = newest(staying.filter((pod) => versionOf(pod) === version && waiting(pod)))
  const { conditions = [], updatedReplicas = 0 } = deployment.status ?? {}
  const refusal = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')?.message
  if (missing && refusal) return `${missing}; ${refusal}`
  // as long as there is no new one, the newest is an old one
  if (missing === undefined || stuck === undefined || updatedReplicas === 0) return missing
  const { reason, message = '' } = waiting(stuck) ?? {}
  return `${missing}; pod ${stuck.metadata.name}: ${[reason, message.split('\n')[0]].filter(Boolean).join(': ')}`
}

/** By what Deployments tell the pods of one version from those of another. */
const versionOf = (pod: Pod | undefined) => pod?.metadata.labels?.['pod-template-hash']

function missingOf({ metadata, spec, status = {} }: Deployment, pods: Pod[], now: number): string | undefined {
  const { observedGeneration = 0, updatedReplicas: updated = 0, availableReplicas = 0, replicas = 0 } = status
  if (observedGeneration < (metadata.generation ?? 0)) return 'its rollout has not begun'
  if (updated < spec.replicas)
    return `${updated} of ${spec.replicas} pods ${updated === 1 ? 'has' : 'have'} the new version`
  const old = replicas - spec.replicas
  if (old > 0) return `${old} old ${old === 1 ? 'pod is' : 'pods are'} still there`
  if (availableReplicas < spec.replicas)
    return `${availableReplicas} of ${spec.replicas} pods ${availableReplicas === 1 ? 'is' : 'are'} ready`
  const ending = pods.filter(({ metadata: { deletionTimestamp: end } }) => end && Date.parse(end) > now).length
  return ending ? `${ending} old ${ending === 1 ? 'pod is' : 'pods are'} still ending` : undefined
}
