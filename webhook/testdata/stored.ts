import type { AgentJob } from '../../src/api/agentjob.ts'
import type { AdmissionRequest } from '../review.ts'
import { type Given, RUNTIME, request, type There, webhook, written } from './webhook.ts'

/** The AgentJob agents/hello as it comes to be stored, and what is asked about it later. */

const OPERATOR = { username: 'system:serviceaccount:agentjob:agentjob' }
/** What its signature is bound to. */
export const IDENTITY = { namespace: 'agents', name: 'hello' }

/** The webhook where its AgentRuntime is. */
export const world = (more: Given = {}) => webhook({ there: [RUNTIME], ...more })

/** An AgentJob as it is stored after somebody has created it. */
export async function created(
  spec: object = {},
  given: Given = {},
  who: Partial<AdmissionRequest> = {},
): Promise<AgentJob> {
  const { allowed, object, status } = await world(given).admit(request(written(spec), who))
  if (!allowed) throw new Error(status?.message)
  return object
}

/** A request that writes the object as it is stored, save for what is given. */
export const touch = (old: AgentJob, more: object = {}, who: Partial<AdmissionRequest> = { userInfo: OPERATOR }) =>
  request({ ...old, ...more }, { ...who, oldObject: old })

/** A ClusterAccess, and the spec that names it. */
export const READER: There = [
  'ClusterAccess',
  'reader',
  { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
]
export const naming = { clusterAccessRef: 'reader' }
/** Settings with a library namespace. */
export const library = { libraryNamespace: 'library' }
