import type { AgentJob } from '../../api/agentjob.ts'

/** What kubectl, Flux and Argo CD make of an object. */
export type Kstatus = 'InProgress' | 'Failed' | 'Current' | 'Terminating'

/**
 * The status of a custom resource by the rules of kstatus, told anew from their description:
 * https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
 */
export function kstatusOf({ metadata, status }: AgentJob): Kstatus {
  if (metadata.deletionTimestamp) return 'Terminating'
  const { observedGeneration, conditions = [] } = status ?? {}
  if (observedGeneration !== undefined && observedGeneration !== metadata.generation) return 'InProgress'
  const abnormal = conditions.find(({ type, status }) => ['Reconciling', 'Stalled'].includes(type) && status === 'True')
  if (abnormal) return abnormal.type === 'Stalled' ? 'Failed' : 'InProgress'
  const ready = conditions.find(({ type }) => type === 'Ready')
  return ready && ready.status !== 'True' ? 'InProgress' : 'Current'
}
