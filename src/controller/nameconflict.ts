import type { PartialObjectMetadata } from '../kube/object.ts'
import type { Failure } from '../status/observed.ts'
import { controllerOf } from './types.ts'

/** What an object that has the name of a child, but is not ours, means: wait for it, or leave it to people. */
export function conflictWith(live: PartialObjectMetadata, job: PartialObjectMetadata): Failure {
  const what = `${live.kind} ${live.metadata.name}`
  if (live.metadata.deletionTimestamp) return { reason: 'WaitingForDeletion', message: `${what} is being deleted` }
  const owner = controllerOf(live)
  if (owner?.kind === job.kind && owner.name === job.metadata.name && owner.apiVersion.startsWith('agentjob.io/'))
    return {
      reason: 'WaitingForDeletion',
      message: `${what} belongs to an earlier ${job.kind} of this name and is about to be deleted with it`,
    }
  return {
    reason: 'NameConflict',
    message: `${what} exists and does not belong to this ${job.kind}; delete it, or rename the ${job.kind}`,
    final: true,
  }
}
