import { type Finding, fieldPath } from '../api/finding.ts'
import { containerSecurityContext, weakenings } from './hardening.ts'

type Fields = Record<string, unknown>
/** A pod template as far as the overlay knows it. */
export interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> }
  spec: Fields & { containers: Fields[]; initContainers?: Fields[]; volumes: Fields[] }
}

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** Fields of a pod's spec that a podTemplate may set as they are. */
const FREE = [
  'affinity',
  'dnsConfig',
  'dnsPolicy',
  'hostAliases',
  'hostname',
  'imagePullSecrets',
  'nodeSelector',
  'overhead',
  'preemptionPolicy',
  'readinessGates',
  'resourceClaims',
  'runtimeClassName',
  'schedulerName',
  'setHostnameAsFQDN',
  'shareProcessNamespace',
  'subdomain',
  'terminationGracePeriodSeconds',
  'tolerations',
  'topologySpreadConstraints',
]
const MERGED = ['containers', 'initContainers', 'securityContext', 'volumes']
/** Fields that have a place of their own in the API, and the ones that would open the sandbox. */
const ELSEWHERE: Record<string, string> = {
  activeDeadlineSeconds: 'is spec.timeoutSeconds',
  automountServiceAccountToken: 'is not for a podTemplate; spec.clusterAccessRef gives the pod rights and a token',
  priorityClassName: 'is spec.priorityClassName',
  restartPolicy: 'is always Never; spec.backoffLimit tries again',
  serviceAccountName: "is the AgentRuntime's serviceAccountName, or comes with spec.clusterAccessRef",
  hostIPC: 'is never allowed; an agent stays in its own namespaces',
  hostNetwork: 'is never allowed; an agent stays in its own namespaces',
  hostPID: 'is never allowed; an agent stays in its own namespaces',
  nodeName: 'is not for a podTemplate, because it bypasses the scheduler; use nodeSelector',
}
/** Fields of the agent's own container that a podTemplate may set. */
const OF_AGENT = [
  'name',
  'volumeMounts',
  'lifecycle',
  'livenessProbe',
  'startupProbe',
  'securityContext',
  'stdin',
  'tty',
  'workingDir',
  'volumeDevices',
]
const ELSEWHERE_OF_AGENT: Record<string, string> = {
  image: "is the AgentRuntime's image",
  command: "is the AgentRuntime's command",
  args: 'are the args of the AgentRuntime',
  env: 'is spec.env',
  envFrom: 'is spec.envFrom',
  resources: 'is spec.resources',
}
/** What the volumes of Pod Security "restricted" may be. */
const VOLUME_TYPES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

/**
 * Merges a podTemplate into a rendered pod template: it adds, and never takes away or weakens. Every refusal is
 * returned with the field that it is about.
 */
export function overlay(base: PodTemplate, given: Fields): { template: PodTemplate; errors: Finding[] } {
  const errors: Finding[] = []
  const template = structuredClone(base)
  for (const key of Object.keys(given))
    if (key !== 'metadata' && key !== 'spec')
      errors.push({
        path: fieldPath(['spec', 'podTemplate', key]),
        message: 'is unknown; a podTemplate has metadata and spec',
      })
  errors.push(...mergeMetadata(template, given.metadata))
  if (given.spec === undefined) return { template, errors }
  if (!isFields(given.spec)) errors.push({ path: 'spec.podTemplate.spec', message: 'must be an object' })
  else errors.push(...mergeSpec(template.spec, given.spec))
  return { template, errors }
}

const OURS = /^(([a-z0-9-]+\.)*agentjob\.io|app\.kubernetes\.io|kueue\.x-k8s\.io|batch\.kubernetes\.io)\//

function mergeMetadata(template: PodTemplate, given: unknown): Finding[] {
  const errors: Finding[] = []
  if (given === undefined) return errors
  if (!isFields(given)) return [{ path: 'spec.podTemplate.metadata', message: 'must be an object' }]
  for (const [key, value] of Object.entries(given)) {
    const path = fieldPath(['spec', 'podTemplate', 'metadata', key])
    if (key !== 'labels' && key !== 'annotations')
      errors.push({ path, message: 'cannot be set; allowed here: labels, annotations' })
    else if (!isFields(value)) errors.push({ path, message: 'must be a map of strings' })
    else
      for (const [name, text] of Object.entries(value)) {
        const entry = fieldPath(['spec', 'podTemplate', 'metadata', key, name])
        if (typeof text !== 'string') errors.push({ path: entry, message: 'must be a string; put it in quotes' })
        else if (OURS.test(name)) errors.push({ path: entry, message: 'is reserved; it is written by the expansion' })
        else template.metadata[key][name] = text
      }
  }
  return errors
}

function mergeSpec(spec: PodTemplate['spec'], given: Fields): Finding[] {
  const errors: Finding[] = []
  for (const [key, value] of Object.entries(given)) {
    const path = fieldPath(['spec', 'podTemplate', 'spec', key])
    if (FREE.includes(key)) spec[key] = mergeFree(spec[key], value)
    else if (key === 'securityContext') errors.push(...mergeSecurityContext(spec, value, path))
    else if (key === 'volumes') errors.push(...mergeVolumes(spec, value, path))
    else if (key === 'containers' || key === 'initContainers') errors.push(...mergeContainers(spec, key, value, path))
    else
      errors.push({
        path,
        message:
          (Object.hasOwn(ELSEWHERE, key) && ELSEWHERE[key]) ||
          `cannot be set; allowed here: ${[...FREE, ...MERGED].sort().join(', ')}`,
      })
  }
  return errors
}

const mergeFree = (ours: unknown, given: unknown): unknown => {
  if (Array.isArray(ours) && Array.isArray(given)) return [...ours, ...given]
  if (isFields(ours) && isFields(given)) return { ...ours, ...given }
  return given
}

function mergeSecurityContext(target: Fields, given: unknown, path: string): Finding[] {
  if (!isFields(given)) return [{ path, message: 'must be an object' }]
  const errors = weakenings(given, path)
  const { capabilities: _, ...rest } = given
  if (!errors.length) target.securityContext = { ...(target.securityContext as Fields), ...rest }
  return errors
}

function named(given: unknown, path: string, errors: Finding[]): [Fields & { name: string }, string][] {
  if (!Array.isArray(given)) {
    errors.push({ path, message: 'must be a list' })
    return []
  }
  const items: [Fields & { name: string }, string][] = []
  given.forEach((item, index) => {
    if (isFields(item) && typeof item.name === 'string')
      items.push([item as Fields & { name: string }, `${path}[${index}]`])
    else errors.push({ path: `${path}[${index}]`, message: 'must be an object with a name' })
  })
  return items
}

function mergeVolumes(spec: PodTemplate['spec'], given: unknown, path: string): Finding[] {
  const errors: Finding[] = []
  for (const [volume, at] of named(given, path, errors)) {
    const types = Object.keys(volume).filter((key) => key !== 'name')
    const bad = types.filter((type) => !VOLUME_TYPES.includes(type))
    if (spec.volumes.some((other) => other.name === volume.name))
      errors.push({ path: `${at}.name`, message: `there is a volume ${volume.name} already; take another name` })
    else if (bad.length || types.length !== 1)
      errors.push({
        path: bad.length ? `${at}.${bad[0]}` : at,
        message: `must be exactly one of ${VOLUME_TYPES.join(', ')}`,
      })
    else if (holdsToken(volume))
      errors.push({
        path: `${at}.projected`,
        message: 'cannot hold a serviceAccountToken; spec.clusterAccessRef gives the pod a token',
      })
    else spec.volumes.push(volume)
  }
  return errors
}

function holdsToken(volume: Fields): boolean {
  const sources = isFields(volume.projected) ? volume.projected.sources : undefined
  return Array.isArray(sources) && sources.some((source) => isFields(source) && 'serviceAccountToken' in source)
}

function mergeContainers(
  spec: PodTemplate['spec'],
  list: 'containers' | 'initContainers',
  given: unknown,
  path: string,
): Finding[] {
  const errors: Finding[] = []
  const agent = spec.containers[0] as Fields
  for (const [container, at] of named(given, path, errors)) {
    const context = container.securityContext === undefined ? {} : container.securityContext
    if (list === 'containers' && container.name === agent.name) errors.push(...mergeAgent(agent, container, at))
    else if (container.name === agent.name)
      errors.push({ path: `${at}.name`, message: `${agent.name} is the name of the agent's own container` })
    else if (!isFields(context)) errors.push({ path: `${at}.securityContext`, message: 'must be an object' })
    else {
      const weak = weakenings(context, `${at}.securityContext`)
      errors.push(...weak, ...hostPorts(container, at))
      const { capabilities: _, ...rest } = context
      const hardened = { ...container, securityContext: { ...containerSecurityContext(), ...rest } }
      if (list === 'containers') spec.containers.push(hardened)
      else spec.initContainers = [...(spec.initContainers ?? []), hardened]
    }
  }
  return errors
}

function hostPorts(container: Fields, path: string): Finding[] {
  const ports = Array.isArray(container.ports) ? container.ports : []
  return ports.flatMap((port, index) =>
    isFields(port) && port.hostPort
      ? [{ path: `${path}.ports[${index}].hostPort`, message: 'is never allowed; an agent stays in its own network' }]
      : [],
  )
}

function mergeAgent(agent: Fields, given: Fields, path: string): Finding[] {
  const errors: Finding[] = []
  for (const [key, value] of Object.entries(given)) {
    const at = `${path}.${key}`
    if (!OF_AGENT.includes(key))
      errors.push({
        path: at,
        message:
          (Object.hasOwn(ELSEWHERE_OF_AGENT, key) && ELSEWHERE_OF_AGENT[key]) ||
          `cannot be set; allowed here: ${OF_AGENT.join(', ')}`,
      })
    else if (key === 'securityContext') errors.push(...mergeSecurityContext(agent, value, at))
    else if (key === 'volumeMounts' && Array.isArray(value))
      agent.volumeMounts = [...(agent.volumeMounts as unknown[]), ...value]
    else agent[key] = value
  }
  return errors
}
