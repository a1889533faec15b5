import type { AgentJob } from '../api/agentjob.ts'
import { GROUP, VERSION } from '../api/kind.ts'
import { nearest } from '../api/unknownfields.ts'
import { isNotFound } from '../kube/errors.ts'
import type { PartialObjectMetadata, ResourceType } from '../kube/object.ts'
import type { Cluster } from './clusteroptions.ts'
import { EXIT, Failure } from './exit.ts'

/** Where AgentJobs are served. */
export const agentJobs: ResourceType = {
  group: GROUP,
  version: VERSION,
  kind: 'AgentJob',
  plural: 'agentjobs',
  namespaced: true,
}

/** `agentjob.agentjob.io/hello`, as kubectl names objects. */
export const shortName = (name: string): string => `agentjob.${GROUP}/${name}`

/** The AgentJob of that name; a Failure where there is none. */
export async function getAgentJob(cluster: Cluster, name: string): Promise<AgentJob> {
  const job = await cluster.client.get<AgentJob>(agentJobs, { namespace: cluster.namespace, name })
  if (job) return job
  throw await notFound(cluster, name)
}

/** Sets annotations of an AgentJob. Gives the object as admission has expanded it; warnings go to stderr. */
export async function annotate(cluster: Cluster, name: string, annotations: Record<string, string>): Promise<AgentJob> {
  const key = { namespace: cluster.namespace, name }
  const onWarning = (text: string) => void process.stderr.write(`Warning: ${text}\n`)
  try {
    const options = { fieldManager: 'agentjob-cli', onWarning }
    return await cluster.client.mergePatch<AgentJob>(agentJobs, key, { metadata: { annotations } }, options)
  } catch (error) {
    throw isNotFound(error) ? await notFound(cluster, name) : error
  }
}

/** That there is no AgentJob of that name, and the one that may have been meant; or that the kind itself is missing. */
export async function notFound({ client, namespace }: Cluster, name: string): Promise<Failure> {
  let near: string | undefined
  try {
    const names = client.pages<PartialObjectMetadata>(agentJobs, { namespace, accept: METADATA_ONLY })
    for await (const { items } of names) {
      const candidates = items.map(({ metadata }) => metadata.name ?? '')
      near = nearest(name, near ? [near, ...candidates] : candidates)
    }
  } catch (error) {
    if (isNotFound(error)) return missingKind()
  }
  const hint = near ? `; did you mean ${near}?` : ''
  return new Failure(`there is no AgentJob ${name} in namespace ${namespace}${hint}`, EXIT.notFound)
}
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json'

/** That this cluster does not serve AgentJobs. */
export const missingKind = (): Failure =>
  new Failure('this cluster does not know AgentJobs; "agentjob crds | kubectl apply -f -" installs them')
