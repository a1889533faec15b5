import type { ChildResource } from '../../api/expansion.ts'
import type { Finding } from '../../api/finding.ts'
import type { NamedAgentJob } from '../input.ts'
import type { RenderedPod } from '../pod.ts'
import type { Resolved } from '../references.ts'
import type { Settings } from '../settings.ts'
import { beyond } from './ceiling.ts'
import { renderCiliumPolicy } from './cilium.ts'
import { destinationsOf, hostsOf, saysEgress } from './destinations.ts'
import { isMetadata } from './metadata.ts'
import { isOpenedBy, type Opened, once, renderNetworkPolicy } from './networkpolicy.ts'
import { egressHash } from './settings.ts'

/** In the place of the hash of settings: an AgentRuntime asks for limits, and the operator has them switched off. */
export const UNLIMITED = 'Off'

/** What an AgentJob opens for its pods. */
function openedBy(job: NamedAgentJob, resolved: Resolved, pod: RenderedPod, { pods }: Settings): Opened {
  const { runtime, access } = resolved
  const asked = runtime?.spec.egress?.to ?? []
  const ofRuntime = asked.flatMap((entry, index) =>
    hostsOf(entry, job.metadata.namespace, { path: 'spec.runtimeRef', says: saysEgress(job, index) }),
  )
  return {
    destinations: [...destinationsOf(job, resolved, pod, pods), ...ofRuntime],
    asked,
    hasAccess: access !== undefined,
  }
}

/** The policies of an AgentJob; none where the operator has them switched off. */
export function policiesOf(
  job: NamedAgentJob,
  resolved: Resolved,
  pod: RenderedPod,
  settings: Settings,
): ChildResource[] {
  const { egress } = settings
  if (!egress?.enabled) return []
  const opened = openedBy(job, resolved, pod, settings)
  const policy = renderNetworkPolicy(job, opened, egress)
  // in this order: on the way from Ports to Cilium the NetworkPolicy loses what the other one opens
  return egress.hosts === 'Cilium' ? [renderCiliumPolicy(job, opened, egress), policy] : [policy]
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

/** What an AgentJob leads to, and may not: what is beyond the operator's ceiling, and without one the metadata of clouds. */
export function egressFaults(job: NamedAgentJob, resolved: Resolved, pod: RenderedPod, settings: Settings): Finding[] {
  const { egress } = settings
  if (!egress?.enabled) return []
  const opened = openedBy(job, resolved, pod, settings)
  return egress.ceiling.enabled ? beyond(opened, egress, (index) => saysEgress(job, index)) : unmeant(job, opened)
}

/** Addresses of nodes and clouds that a URL leads to, and no AgentRuntime names as such. */
function unmeant(job: NamedAgentJob, { destinations, asked }: Opened): Finding[] {
  const wrong = destinations.flatMap(({ place, user, isOperators }): Finding[] => {
    if (isOperators || place.kind !== 'address' || !isMetadata(place.cidr)) return []
    if (asked.some((entry) => isOpenedBy(place.cidr, entry))) return []
    const message = `${user.says}${place.cidr} is an address of nodes or of the cloud's metadata; if it is meant, name it in cidrs of egress.to of AgentRuntime "${job.spec.runtimeRef}"`
    return [{ path: user.path, message }]
  })
  return once(wrong)
}

/** What whoever writes an AgentJob should know of where its pods go. */
export function egressWarnings(
  job: NamedAgentJob,
  resolved: Resolved,
  pod: RenderedPod,
  settings: Settings,
): Finding[] {
  const { egress } = settings
  if (egressMark(resolved, settings) === UNLIMITED)
    return [
      {
        path: 'spec.runtimeRef',
        message: `AgentRuntime "${job.spec.runtimeRef}" has egress, and nothing limits where its pods go: egress is switched off in this cluster; ask whoever runs AgentJob here to set egress.enabled`,
      },
    ]
  if (!egress?.enabled) return []
  const warnings = likeServices(job, openedBy(job, resolved, pod, settings))
  if (egress.hosts === 'Ports' && resolved.access && !egress.apiServer.length)
    warnings.push({
      path: 'spec.clusterAccessRef',
      message:
        "the agent has rights at the Kubernetes API, and its NetworkPolicy does not let it go there: egress.apiServer of the operator's settings names no address; ask whoever runs AgentJob here to set it",
    })
  return warnings
}

/** Names of two labels that end with the AgentJob's own namespace, as those of its Services may. */
function likeServices({ metadata: { namespace } }: NamedAgentJob, { destinations }: Opened): Finding[] {
  const found = destinations.flatMap(({ place, user, isOperators }): Finding[] => {
    if (isOperators || place.kind !== 'name' || place.name.split('.').slice(1).join('.') !== namespace) return []
    const message = `${user.says}${place.name} is taken for a host outside of the cluster; if a Service of this namespace is meant, write ${place.name}.svc`
    return [{ path: user.path, message }]
  })
  return once(found)
}
