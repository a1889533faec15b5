import type { ChildResource } from '../../api/expansion.ts'
import type { Finding } from '../../api/finding.ts'
import type { NamedAgentJob } from '../input.ts'
import type { RenderedPod } from '../pod.ts'
import type { Resolved } from '../references.ts'
import type { Settings } from '../settings.ts'
import { beyond } from './ceiling.ts'
import { renderCiliumPolicy } from './cilium.ts'
import { destinationsOf, hostsOf, saysEgress } from './destinations.ts'
import { type Opened, renderNetworkPolicy } from './networkpolicy.ts'
import { egressHash } from './settings.ts'

/** In the place of the hash of settings: an AgentRuntime asks for limits, and the operator has them switched off. */
export const UNLIMITED = 'Off'

/** What an AgentJob opens for its pods. */
function openedBy(job: NamedAgentJob, resolved: Resolved, pod: RenderedPod): Opened {
  const { runtime, access } = resolved
  const asked = runtime?.spec.egress?.to ?? []
  const ofRuntime = asked.flatMap((entry, index) =>
    hostsOf(entry, job.metadata.namespace, { path: 'spec.runtimeRef', says: saysEgress(job, index) }),
  )
  return {
    destinations: [...destinationsOf(job, resolved, pod), ...ofRuntime],
    asked,
    hasAccess: access !== undefined,
  }
}

/** The policies of an AgentJob; none where the operator has them switched off. */
export function policiesOf(
  job: NamedAgentJob,
  resolved: Resolved,
  pod: RenderedPod,
  { egress }: Settings,
): ChildResource[] {
  if (!egress?.enabled) return []
  const opened = openedBy(job, resolved, pod)
  const policy = renderNetworkPolicy(job, opened, egress)
  return egress.hosts === 'Cilium' ? [policy, renderCiliumPolicy(job, opened, egress)] : [policy]
}

/** Whether a child is one of these policies. */
export const isPolicy = ({ kind }: Pick<ChildResource, 'kind'>): boolean =>
  kind === 'NetworkPolicy' || kind === 'CiliumNetworkPolicy'

/**
 * What an expansion says of where its pods may go: the hash of the settings that its policies are made with, UNLIMITED, or
 * nothing, where nobody asks for limits and there are none, or nobody knows the settings.
 */
export function egressMark(resolved: Resolved, { egress }: Settings): string | undefined {
  if (!egress) return undefined
  if (egress.enabled) return egressHash(egress)
  return resolved.runtime?.spec.egress ? UNLIMITED : undefined
}

/** What an AgentJob leads to, and may not, by the operator's ceiling. */
export function egressFaults(
  job: NamedAgentJob,
  resolved: Resolved,
  pod: RenderedPod,
  { egress }: Settings,
): Finding[] {
  if (!egress?.enabled || !egress.ceiling.enabled) return []
  return beyond(job, openedBy(job, resolved, pod), egress)
}

/** What whoever writes an AgentJob should know of where its pods go. */
export function egressWarnings(job: NamedAgentJob, resolved: Resolved, settings: Settings): Finding[] {
  const { egress } = settings
  if (egressMark(resolved, settings) === UNLIMITED)
    return [
      {
        path: 'spec.runtimeRef',
        message: `AgentRuntime "${job.spec.runtimeRef}" has egress, and nothing limits where its pods go: egress is switched off in this cluster; ask whoever runs AgentJob here to set egress.enabled`,
      },
    ]
  if (egress?.enabled && egress.hosts === 'Ports' && resolved.access && !egress.apiServer.length)
    return [
      {
        path: 'spec.clusterAccessRef',
        message:
          "the agent has rights at the Kubernetes API, and its NetworkPolicy does not let it go there: egress.apiServer of the operator's settings names no address; ask whoever runs AgentJob here to set it",
      },
    ]
  return []
}
