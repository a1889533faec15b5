import { Buffer } from 'node:buffer'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { ChildResource } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import { hash } from '../api/hash.ts'
import { agentConfig, MAX_ANNOTATION_BYTES } from './agentconfig.ts'
import { configFile, environment, HOME } from './environment.ts'
import { containerSecurityContext, podSecurityContext } from './hardening.ts'
import type { NamedAgentJob } from './input.ts'
import { CONFIG_ANNOTATION, CONFIG_HASH_ANNOTATION, childLabels, childNames } from './names.ts'
import { overlay, type PodTemplate } from './podtemplate/overlay.ts'
import type { Resolved } from './references.ts'

/** Name of the agent's container. */
export const AGENT_CONTAINER = 'agent'
const CONFIG_FILE = 'agent.json'

/** A pod template and what has to exist before it. */
export interface RenderedPod {
  template: PodTemplate
  /** The ConfigMap that holds agent.json, where it is too large for an annotation. */
  config?: ChildResource
  errors: Finding[]
}

/** Renders the pod that runs the agent: hardened, its configuration in annotations, the AgentJob's podTemplate on top. */
export function renderPod(
  job: NamedAgentJob,
  runtime: AgentRuntimeSpec,
  resolved: Resolved,
  configHash: string,
): RenderedPod {
  const name = job.metadata.name
  const text = agentConfig(job.spec, resolved)
  const config = Buffer.byteLength(text) > MAX_ANNOTATION_BYTES ? configMap(job, text) : undefined
  const base: PodTemplate = {
    metadata: {
      labels: childLabels(name),
      annotations: { [CONFIG_HASH_ANNOTATION]: configHash, ...(config ? {} : { [CONFIG_ANNOTATION]: text }) },
    },
    spec: {
      ...defined({
        runtimeClassName: runtime.runtimeClassName,
        imagePullSecrets: runtime.imagePullSecrets,
        priorityClassName: job.spec.priorityClassName,
        serviceAccountName: resolved.access ? childNames.serviceAccount(name) : runtime.serviceAccountName,
      }),
      restartPolicy: 'Never',
      // the pod's own deadline, not the Job's: a Job that hits its deadline deletes the pod, its log and its result
      activeDeadlineSeconds: job.spec.timeoutSeconds,
      automountServiceAccountToken: resolved.access !== undefined,
      enableServiceLinks: false,
      securityContext: podSecurityContext(),
      containers: [container(job, runtime, resolved)],
      volumes: [
        { name: 'agent-config', ...(config ? configVolume(config) : annotationVolume()) },
        { name: 'tmp', emptyDir: {} },
        { name: 'home', emptyDir: {} },
        ...(job.spec.persist ? [{ name: 'data', persistentVolumeClaim: { claimName: childNames.volume(name) } }] : []),
      ],
    },
  }
  return { config, ...overlay(base, job.spec.podTemplate ?? {}) }
}

function container(job: NamedAgentJob, runtime: AgentRuntimeSpec, resolved: Resolved): Record<string, unknown> {
  return {
    name: AGENT_CONTAINER,
    image: runtime.image,
    ...defined({
      imagePullPolicy: runtime.imagePullPolicy,
      command: runtime.command,
      args: runtime.args,
      envFrom: job.spec.envFrom,
      resources: job.spec.resources ?? runtime.resources,
    }),
    env: environment(job, runtime, resolved),
    securityContext: containerSecurityContext(),
    // the result; of a failure without one the end of the log
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: mounts(job, runtime),
  }
}

function mounts(job: NamedAgentJob, runtime: AgentRuntimeSpec) {
  const ours = [
    // by subPath, so that a later edit of the annotation does not reach a running agent
    { name: 'agent-config', mountPath: configFile(runtime), subPath: CONFIG_FILE, readOnly: true },
    { name: 'tmp', mountPath: '/tmp' },
    { name: 'home', mountPath: HOME },
  ]
  if (!job.spec.persist) return ours
  const mountPath = runtime.persistPath.replace(/\/+$/, '')
  // a volume may well be the home that outlives the runs
  return [...ours.filter((mount) => mount.mountPath !== mountPath), { name: 'data', mountPath }]
}

const annotationVolume = () => ({
  downwardAPI: {
    items: [{ path: CONFIG_FILE, fieldRef: { fieldPath: `metadata.annotations['${CONFIG_ANNOTATION}']` } }],
  },
})

const configVolume = (config: ChildResource) => ({ configMap: { name: config.metadata.name } })

function configMap(job: NamedAgentJob, text: string): ChildResource {
  const { name, namespace } = job.metadata
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: childNames.config(name, hash(text, 10)), namespace, labels: childLabels(name) },
    immutable: true,
    data: { [CONFIG_FILE]: text },
  }
}

/** The members that have a value. */
const defined = <T extends Record<string, unknown>>(members: T): Partial<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>
