import { fieldPath } from '../../api/finding.ts'
import { mergeContainers } from './containers.ts'
import type { PodSpec } from './overlay.ts'
import { mergeSecurityContext } from './securitycontext.ts'
import { allowed, type Fields, hasShape, isFields, type Refuse, type Shape } from './shape.ts'
import { mergeVolumes } from './volumes.ts'

/** Fields that a podTemplate may set; a list is added to ours. */
const ALLOWED: Record<string, Shape> = {
  affinity: 'map',
  containers: 'list',
  dnsConfig: 'map',
  dnsPolicy: 'text',
  hostAliases: 'list',
  hostUsers: 'boolean',
  hostname: 'text',
  imagePullSecrets: 'list',
  initContainers: 'list',
  nodeSelector: 'map',
  preemptionPolicy: 'text',
  readinessGates: 'list',
  resourceClaims: 'list',
  resources: 'map',
  runtimeClassName: 'text',
  schedulerName: 'text',
  securityContext: 'map',
  setHostnameAsFQDN: 'boolean',
  shareProcessNamespace: 'boolean',
  subdomain: 'text',
  terminationGracePeriodSeconds: 'number',
  tolerations: 'list',
  topologySpreadConstraints: 'list',
  volumes: 'list',
}

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

/** Merges the spec of a podTemplate into a pod's. */
export function mergePodSpec(rendered: PodSpec, given: Fields, path: string, refuse: Refuse): PodSpec {
  // the volumes first, because the containers mount them
  const spec: PodSpec = {
    ...rendered,
    volumes: mergeVolumes(rendered.volumes, given.volumes, fieldPath(['volumes'], path), refuse),
  }
  for (const [key, value] of Object.entries(given)) {
    const at = fieldPath([key], path)
    if (!allowed(key, ALLOWED, ELSEWHERE, at, refuse) || !hasShape(value, ALLOWED[key] as Shape, at, refuse)) continue
    if (key === 'securityContext')
      spec[key] = mergeSecurityContext('pod', rendered[key] as Fields, value as Fields, at, refuse)
    else if (key === 'containers' || key === 'initContainers') mergeContainers(spec, key, value as Fields[], at, refuse)
    else if (key !== 'volumes') setField(spec, key, value, at, refuse)
  }
  return spec
}

function setField(spec: PodSpec, key: string, value: unknown, path: string, refuse: Refuse): void {
  if (Array.isArray(value)) spec[key] = [...((spec[key] as unknown[] | undefined) ?? []), ...value]
  else if (key === 'nodeSelector')
    spec[key] = mergeLabels(spec[key] as Fields | undefined, value as Fields, path, refuse)
  else if (isFields(spec[key]))
    refuse(path, 'is set already, by the AgentRuntime; a podTemplate adds and changes nothing')
  else if (spec[key] !== undefined && spec[key] !== value)
    refuse(path, `is ${spec[key]} already; a podTemplate adds and takes nothing away`)
  else spec[key] = value
}

function mergeLabels(rendered: Fields = {}, given: Fields, path: string, refuse: Refuse): Fields {
  for (const [key, value] of Object.entries(given))
    if (Object.hasOwn(rendered, key) && rendered[key] !== value)
      refuse(fieldPath([key], path), `is ${rendered[key]} already; a podTemplate adds and takes nothing away`)
  return { ...rendered, ...given }
}
