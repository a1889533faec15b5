import type { ContainerState, Pod } from './observed.ts'

/**
 * What is told of a pod that Kubernetes took away from its agent, by the reason of its condition DisruptionTarget:
 * https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions
 */
const WORDS: Record<string, string> = {
  EvictionByEvictionAPI: 'the pod was evicted through the Eviction API, as "kubectl drain" does',
  PreemptionByScheduler: 'the pod had to give way to one of a higher priority',
  DeletionByTaintManager: 'the pod was deleted because of a taint of its node',
  DeletionByPodGC: 'the pod was deleted because its node is gone',
  TerminationByKubelet: 'the pod was ended by the kubelet of its node',
}

/** Reason of a run whose pod somebody deleted. */
export const POD_DELETED = 'PodDeleted'

/** Who has ended a pod from outside, before its agent had ended by itself; undefined where nobody has. */
export function disruptionOf(
  pod: Pod | undefined,
  agent: ContainerState | undefined,
): { reason: string; message: string } | undefined {
  const target = pod?.status?.conditions?.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True')
  if (target) {
    const reason = target.reason || target.type
    return { reason, message: WORDS[reason] ?? `the pod was taken away: ${target.message || reason}` }
  }
  if (!pod || !wasDeleted(pod, agent)) return undefined
  return { reason: POD_DELETED, message: 'the pod was deleted before the agent had ended' }
}

/** A deletionTimestamp is when the pod will be killed: the deletion was asked for a grace period earlier. */
function wasDeleted({ metadata }: Pod, agent: ContainerState | undefined): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata
  if (deletionTimestamp === undefined) return false
  const finishedAt = agent?.terminated?.finishedAt
  if (finishedAt === undefined) return true
  // times are whole seconds, and an agent may end at once when it is told to
  return Date.parse(finishedAt) >= Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000
}
