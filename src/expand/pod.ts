import { Buffer } from 'node:buffer'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { ChildResource } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import { hash } from '../api/hash.ts'
import { configFile, HOME, trimmed } from '../api/paths.ts'
import { agentConfig, MAX_ANNOTATION_BYTES } from './agentconfig.ts'
import { type RenderedCredentials, renderCredentials } from './credentials.ts'
import { environment } from './environment.ts'
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
  const credentials = renderCredentials(runtime)
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
      containers: [container(job, runtime, resolved, credentials)],
      volumes: [
        { name: 'agent-config', ...(config ? configVolume(config) : annotationVolume()) },
        { name: 'tmp', emptyDir: {} },
        { name: 'home', emptyDir: {} },
        { name: 'workspace', emptyDir: {} },
        ...credentials.volumes,
        ...(job.spec.persist ? [{ name: 'data', persistentVolumeClaim: { claimName: childNames.volume(name) } }] : []),
      ],
    },
  }
  return { config, ...overlays(base, job, runtime) }
}

/** The runtime's own additions first, then the AgentJob's. */
function overlays(base: PodTemplate, { spec }: NamedAgentJob, runtime: AgentRuntimeSpec) {
  const { podLabels, podAnnotations, scheduling } = runtime
  const given = {
    metadata: defined({ labels: podLabels, annotations: podAnnotations }),
    spec: defined({ ...scheduling }),
  }
  const shared = overlay(base, given)
  const own = overlay(shared.template, spec.podTemplate ?? {})
  // only one that was written without admission has such
  const errors = shared.errors.map(({ path, message }) => ({
    path: 'spec.runtimeRef',
    message: `AgentRuntime "${spec.runtimeRef}" has ${path.replace('spec.podTemplate.', '')}, which ${message}`,
  }))
  return { template: own.template, errors: [...errors, ...own.errors] }
}

function container(
  job: NamedAgentJob,
  runtime: AgentRuntimeSpec,
  resolved: Resolved,
  credentials: RenderedCredentials,
): Record<string, unknown> {
  const envFrom = [...credentials.envFrom, ...(job.spec.envFrom ?? [])]
  return {
    name: AGENT_CONTAINER,
    image: runtime.image,
    ...defined({
      imagePullPolicy: runtime.imagePullPolicy,
      command: runtime.command,
      args: runtime.args,
      envFrom: envFrom.length ? envFrom : undefined,
      resources: job.spec.resources ?? runtime.resources,
    }),
    env: environment(job, runtime, resolved, credentials.env),
    securityContext: containerSecurityContext(),
    // the result; of a failure without one the end of the log
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: mounts(job, runtime, credentials),
  }
}

function mounts(job: NamedAgentJob, runtime: AgentRuntimeSpec, credentials: RenderedCredentials) {
  const mounts = [
    // by subPath, so that a later edit of the annotation does not reach a running agent
    { name: 'agent-config', mountPath: configFile(runtime), subPath: CONFIG_FILE, readOnly: true },
    { name: 'tmp', mountPath: '/tmp' },
    { name: 'home', mountPath: HOME },
    { name: 'workspace', mountPath: trimmed(runtime.workspaceDir) },
    ...credentials.mounts,
    ...(job.spec.persist ? [{ name: 'data', mountPath: trimmed(runtime.persistPath) }] : []),
  ]
  // one in each place: the workspace may be the home, and a volume the home or the workspace that outlives the runs
  return [...new Map(mounts.map((mount) => [mount.mountPath, mount])).values()]
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
