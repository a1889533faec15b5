import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { ChildResource } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import { HOME, TMP, trimmed } from '../api/paths.ts'
import { type RenderedCredentials, renderCredentials } from './credentials.ts'
import { environment } from './environment.ts'
import { type RenderedFiles, renderFiles } from './files.ts'
import { containerSecurityContext, podSecurityContext } from './hardening.ts'
import type { NamedAgentJob } from './input.ts'
import { CONFIG_HASH_ANNOTATION, childLabels, childNames } from './names.ts'
import { overlay, type PodTemplate } from './podtemplate/overlay.ts'
import type { Resolved } from './references.ts'
import { type Told, tell } from './told.ts'

/** Name of the agent's container. */
export const AGENT_CONTAINER = 'agent'

/** A pod template and what has to exist before it. */
export interface RenderedPod {
  template: PodTemplate
  /** The ConfigMap that holds what the agent is told, where it is too large for annotations. */
  config?: ChildResource
  errors: Finding[]
  warnings: Finding[]
}

/** Renders the pod that runs the agent: hardened, its configuration in annotations, the AgentJob's podTemplate on top. */
export function renderPod(
  job: NamedAgentJob,
  runtime: AgentRuntimeSpec,
  resolved: Resolved,
  configHash: string,
): RenderedPod {
  const name = job.metadata.name
  const told = tell(job, runtime, resolved)
  const files = renderFiles(job, told.files)
  const credentials = renderCredentials(runtime)
  const base: PodTemplate = {
    metadata: {
      labels: childLabels(name),
      annotations: { [CONFIG_HASH_ANNOTATION]: configHash, ...files.annotations },
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
      containers: [container(job, runtime, resolved, { told, files, credentials })],
      volumes: [
        files.volume,
        { name: 'tmp', emptyDir: {} },
        { name: 'home', emptyDir: {} },
        { name: 'workspace', emptyDir: {} },
        ...credentials.volumes,
        ...(job.spec.persist ? [{ name: 'data', persistentVolumeClaim: { claimName: childNames.volume(name) } }] : []),
      ],
    },
  }
  const { template, errors } = overlays(base, job, runtime)
  return { template, config: files.config, errors: [...told.errors, ...errors], warnings: told.warnings }
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

/** What a container gets from where. */
interface Parts {
  told: Told
  files: RenderedFiles
  credentials: RenderedCredentials
}

function container(
  job: NamedAgentJob,
  runtime: AgentRuntimeSpec,
  resolved: Resolved,
  { told, files, credentials }: Parts,
): Record<string, unknown> {
  const envFrom = [...credentials.envFrom, ...(job.spec.envFrom ?? [])]
  return {
    name: AGENT_CONTAINER,
    image: runtime.image,
    ...defined({
      imagePullPolicy: runtime.imagePullPolicy,
      command: told.command,
      args: told.args,
      envFrom: envFrom.length ? envFrom : undefined,
      resources: job.spec.resources ?? runtime.resources,
    }),
    env: environment(job, runtime, resolved, told.env, credentials.env),
    securityContext: containerSecurityContext(),
    // the result; of a failure without one the end of the log
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: mounts(job, runtime, files, credentials),
  }
}

function mounts(job: NamedAgentJob, runtime: AgentRuntimeSpec, files: RenderedFiles, credentials: RenderedCredentials) {
  const mounts = [
    ...files.mounts,
    { name: 'tmp', mountPath: TMP },
    { name: 'home', mountPath: HOME },
    { name: 'workspace', mountPath: trimmed(runtime.workspaceDir) },
    ...credentials.mounts,
    ...(job.spec.persist ? [{ name: 'data', mountPath: trimmed(runtime.persistPath) }] : []),
  ]
  // one in each place: the workspace may be the home, and a volume the home or the workspace that outlives the runs
  return [...new Map(mounts.map((mount) => [mount.mountPath, mount])).values()]
}

/** The members that have a value. */
const defined = <T extends Record<string, unknown>>(members: T): Partial<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>
