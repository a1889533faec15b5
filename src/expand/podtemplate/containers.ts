import { fieldPath } from '../../api/finding.ts'
import { containerSecurityContext } from '../hardening.ts'
import { refuseHostAccess } from './hostaccess.ts'
import type { PodSpec } from './overlay.ts'
import { mergeSecurityContext } from './securitycontext.ts'
import { allowed, type Fields, hasShape, isLabel, type Refuse, type Shape } from './shape.ts'
import { refuseBadMounts } from './volumes.ts'

/** Fields of the agent's own container that a podTemplate may set. */
const OF_AGENT: Record<string, Shape> = {
  lifecycle: 'map',
  livenessProbe: 'map',
  name: 'text',
  securityContext: 'map',
  startupProbe: 'map',
  stdin: 'boolean',
  tty: 'boolean',
  volumeDevices: 'list',
  volumeMounts: 'list',
  workingDir: 'text',
}

const ELSEWHERE_OF_AGENT: Record<string, string> = {
  image: "is the AgentRuntime's image",
  imagePullPolicy: "is the AgentRuntime's imagePullPolicy",
  command: "is the AgentRuntime's command",
  args: 'are the args of the AgentRuntime',
  env: 'is spec.env',
  envFrom: 'is spec.envFrom',
  resources: 'is spec.resources',
}

/** Fields of any other container. */
const OF_OTHERS: Record<string, Shape> = {
  ...OF_AGENT,
  args: 'texts',
  command: 'texts',
  env: 'list',
  envFrom: 'list',
  image: 'text',
  imagePullPolicy: 'text',
  ports: 'list',
  readinessProbe: 'map',
  resizePolicy: 'list',
  resources: 'map',
  restartPolicy: 'text',
  restartPolicyRules: 'list',
  stdinOnce: 'boolean',
  terminationMessagePath: 'text',
  terminationMessagePolicy: 'text',
}

/** Adds containers to a pod's own, and what is given of the agent's container to that one. */
export function mergeContainers(
  spec: PodSpec,
  list: 'containers' | 'initContainers',
  given: Fields[],
  path: string,
  refuse: Refuse,
): void {
  for (const [index, container] of given.entries()) {
    const at = fieldPath([index], path)
    const [agent, ...others] = spec.containers as [Fields, ...Fields[]]
    if (!isLabel(container.name, `${at}.name`, refuse)) continue
    if (list === 'containers' && container.name === agent.name) {
      const fields = fieldsOf(container, OF_AGENT, ELSEWHERE_OF_AGENT, at, refuse)
      spec.containers = [merge(agent, fields, spec.volumes, at, refuse), ...others]
      continue
    }
    if ([...spec.containers, ...(spec.initContainers ?? [])].some(({ name }) => name === container.name))
      refuse(`${at}.name`, `is taken; there is a container ${container.name} already`)
    if (container.image === undefined) refuse(`${at}.image`, 'is required')
    const fields = fieldsOf(container, OF_OTHERS, {}, at, refuse)
    const hardened = merge({ securityContext: containerSecurityContext() }, fields, spec.volumes, at, refuse)
    spec[list] = [...(spec[list] ?? []), hardened]
  }
}

/** The fields of a container that may be set, each of the shape that it should have; the others are refused. */
function fieldsOf(
  container: Fields,
  shapes: Record<string, Shape>,
  elsewhere: Record<string, string>,
  path: string,
  refuse: Refuse,
): Fields {
  refuseHostAccess(container, path, refuse)
  return Object.fromEntries(
    Object.entries(container).filter(([key, value]) => {
      const at = fieldPath([key], path)
      return allowed(key, shapes, elsewhere, at, refuse) && hasShape(value, shapes[key] as Shape, at, refuse)
    }),
  )
}

function merge(ours: Fields, given: Fields, volumes: Fields[], path: string, refuse: Refuse): Fields {
  const merged = { ...ours, ...given }
  if (given.securityContext) {
    const [context, wanted] = [ours.securityContext as Fields, given.securityContext as Fields]
    merged.securityContext = mergeSecurityContext('container', context, wanted, `${path}.securityContext`, refuse)
  }
  if (given.volumeMounts) {
    const [own, wanted] = [(ours.volumeMounts ?? []) as Fields[], given.volumeMounts as Fields[]]
    refuseBadMounts(wanted, own, volumes, `${path}.volumeMounts`, refuse)
    merged.volumeMounts = [...own, ...wanted]
  }
  return merged
}
