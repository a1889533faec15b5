import { fieldPath } from '../../api/finding.ts'
import { containerSecurityContext } from '../hardening.ts'
import { refuseHostAccess } from './hostaccess.ts'
import type { PodSpec } from './overlay.ts'
import { mergeSecurityContext } from './securitycontext.ts'
import { allowed, type Fields, hasShape, isFields, isLabel, isList, type Refuse, type Shape } from './shape.ts'
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
      refuseFields(container, OF_AGENT, ELSEWHERE_OF_AGENT, at, refuse)
      spec.containers = [merge(agent, container, spec.volumes, at, refuse), ...others]
      continue
    }
    if ([...spec.containers, ...(spec.initContainers ?? [])].some(({ name }) => name === container.name))
      refuse(`${at}.name`, `is taken; there is a container ${container.name} already`)
    if (container.image === undefined) refuse(`${at}.image`, 'is required')
    refuseFields(container, OF_OTHERS, {}, at, refuse)
    const hardened = merge({ securityContext: containerSecurityContext() }, container, spec.volumes, at, refuse)
    spec[list] = [...(spec[list] ?? []), hardened]
  }
}

function refuseFields(
  container: Fields,
  fields: Record<string, Shape>,
  elsewhere: Record<string, string>,
  path: string,
  refuse: Refuse,
): void {
  for (const [key, value] of Object.entries(container)) {
    const at = fieldPath([key], path)
    if (allowed(key, fields, elsewhere, at, refuse)) hasShape(value, fields[key] as Shape, at, refuse)
  }
  refuseHostAccess(container, path, refuse)
}

function merge(ours: Fields, given: Fields, volumes: Fields[], path: string, refuse: Refuse): Fields {
  const merged = { ...ours, ...given }
  if (isFields(given.securityContext))
    merged.securityContext = mergeSecurityContext(
      'container',
      ours.securityContext as Fields,
      given.securityContext,
      `${path}.securityContext`,
      refuse,
    )
  if (isList(given.volumeMounts)) {
    const own = (ours.volumeMounts ?? []) as Fields[]
    refuseBadMounts(given.volumeMounts, own, volumes, `${path}.volumeMounts`, refuse)
    merged.volumeMounts = [...own, ...given.volumeMounts]
  }
  return merged
}
