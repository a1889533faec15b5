import { fieldPath } from '../../api/finding.ts'
import { type Fields, isFields, type Refuse } from './shape.ts'

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe']
const HOOKS = ['postStart', 'preStop']
const ACTIONS = ['httpGet', 'tcpSocket']

/**
 * Refuses what reaches the network of the node: host ports, and hosts of probes and lifecycle hooks, which the kubelet
 * calls from there (Pod Security "baseline").
 */
export function refuseHostAccess(container: Fields, path: string, refuse: Refuse): void {
  if (Array.isArray(container.ports))
    for (const [index, port] of container.ports.entries())
      if (isFields(port) && port.hostPort)
        refuse(fieldPath(['ports', index, 'hostPort'], path), 'is never allowed; an agent stays in its own network')
  for (const probe of PROBES) refuseHosts(container[probe], `${path}.${probe}`, refuse)
  const { lifecycle } = container
  if (isFields(lifecycle)) for (const hook of HOOKS) refuseHosts(lifecycle[hook], `${path}.lifecycle.${hook}`, refuse)
}

function refuseHosts(handler: unknown, path: string, refuse: Refuse): void {
  if (!isFields(handler)) return
  for (const kind of ACTIONS) {
    const action = handler[kind]
    if (isFields(action) && action.host)
      refuse(`${path}.${kind}.host`, 'cannot be set, because the kubelet calls it from the network of the node')
  }
}
