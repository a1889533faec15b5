import type { AgentJob } from '../../api/agentjob.ts'
import { isFields } from '../../api/isfields.ts'
import type { PartialObjectMetadata } from '../../kube/object.ts'
import { agentJobs } from '../agentjobs.ts'
import type { Cluster } from '../clusteroptions.ts'
import { threeWayPatch } from './threeway.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** An AgentJob as it is, undefined for a new one, and as it would be. */
export interface DryRun {
  live?: AgentJob
  dry: AgentJob
}

/**
 * What `kubectl apply` of a manifest would come to: admission answers, nothing is stored. An object that client-side apply
 * has made is patched as that does; every other one is applied by the server, by the name of kubectl. Nothing is taken
 * over from other managers: that is a refusal, as with kubectl.
 */
export async function dryRun(
  { client }: Cluster,
  manifest: PartialObjectMetadata,
  onWarning: (text: string) => void,
): Promise<DryRun> {
  const { namespace, name = '' } = manifest.metadata
  const key = { namespace, name }
  const live = await client.get<AgentJob & PartialObjectMetadata>(agentJobs, key)
  const options = { dryRun: true, fieldValidation: 'Strict', onWarning } as const
  const last = lastApplied(live)
  const dry =
    live && last
      ? await client.mergePatch<AgentJob & PartialObjectMetadata>(
          agentJobs,
          key,
          threeWayPatch(last, withAnnotations(manifest), { ...live }),
          { ...options, fieldManager: 'kubectl-client-side-apply' },
        )
      : await client.apply(agentJobs, manifest, { ...options, fieldManager: 'kubectl' })
  return { live, dry: dry as AgentJob }
}

/** As kubectl sends it: there is always one, its note of the manifest, so that those of others are not taken for gone. */
const withAnnotations = ({ metadata, ...rest }: PartialObjectMetadata) => ({
  ...rest,
  metadata: { ...metadata, annotations: metadata.annotations ?? {} },
})

/** The manifest that client-side apply has noted; undefined where there is none that can be read. */
function lastApplied(live: AgentJob | undefined): Record<string, unknown> | undefined {
  try {
    const last: unknown = JSON.parse(live?.metadata.annotations?.[LAST_APPLIED] ?? 'null')
    return isFields(last) ? last : undefined
  } catch {
    return undefined
  }
}
