import type { PartialObjectMetadata } from '../kube/object.ts'
import type { Failure } from '../status/observed.ts'
import { controllerOf } from './types.ts'

/** What an object that has the name of a child, but is not ours, means: wait for it, or leave it to people. */
export function conflictWith(live: PartialObjectMetadata, job: PartialObjectMetadata): Failure {
  const what = `${live.kind} ${live.metadata.name}`
  if (live.metadata.deletionTimestamp) return { reason: 'WaitingForDeletion', message: `${what} is being deleted` }
  if (isOfPredecessor(live, job))
    return {
      reason: 'WaitingForDeletion',
      message: `${what} belongs to an earlier ${job.kind} of this name and is about to be deleted with it`,
    }
  return {
    reason: 'NameConflict',
    message: `${what} exists and does not belong to this ${job.kind}`,
    final: true,
  }
}

/** Whether a child belongs to another AgentJob of the same name; there is one at a time. */
export function isOfPredecessor(live: PartialObjectMetadata, job: PartialObjectMetadata): boolean {
  const owner = controllerOf(live)
  return (
    owner?.kind === job.kind &&
    owner.name === job.metadata.name &&
    owner.uid !== job.metadata.uid &&
    owner.apiVersion.startsWith('agentjob.io/')
  )
}
