import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { ChildResource } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import { configFile, HOME, trimmed } from '../api/paths.ts'
import { agentConfig } from './agentconfig.ts'
import { type RenderedCredentials, renderCredentials } from './credentials.ts'
import { environment } from './environment.ts'
import { type Mount, mountOf, renderFiles, type TextFile } from './files.ts'
import { containerSecurityContext, podSecurityContext } from './hardening.ts'
import type { NamedAgentJob } from './input.ts'
import { CONFIG_HASH_ANNOTATION, childLabels, childNames } from './names.ts'
import { misplaced } from './placement.ts'
import { overlay, type PodTemplate } from './podtemplate/overlay.ts'
import type { Resolved } from './references.ts'
import { type RenderedContexts, renderContexts } from './rendercontexts.ts'
import type { Settings } from './settings.ts'
import { taskMarkdown } from './taskmd.ts'

/** Name of the agent's container. */
export const AGENT_CONTAINER = 'agent'
const CONFIG_FILE = 'agent.json'
const TASK_FILE = 'task.md'

/** A pod template and what has to exist before it. */
export interface RenderedPod {
  template: PodTemplate
  /** The ConfigMap that holds the files, where they are too large for annotations. */
  config?: ChildResource
  errors: Finding[]
}

/** Renders the pod that runs the agent: hardened, its configuration in annotations, the AgentJob's podTemplate on top. */
export function renderPod(
  job: NamedAgentJob,
  runtime: AgentRuntimeSpec,
  resolved: Resolved,
  configHash: string,
  settings: Settings,
): RenderedPod {
  const name = job.metadata.name
  const credentials = renderCredentials(runtime)
  const contexts = renderContexts(resolved.contexts, runtime.workspaceDir, settings)
  const { annotations, volume, config } = renderFiles(job, filesOf(job, resolved, contexts))
  const mounts = mountsOf(job, runtime, credentials, contexts)
  const base: PodTemplate = {
    metadata: {
      labels: childLabels(name),
      annotations: { [CONFIG_HASH_ANNOTATION]: configHash, ...annotations },
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
      ...initContainers(job, runtime, contexts),
      containers: [container(job, runtime, resolved, credentials, mounts)],
      volumes: [
        volume,
        { name: 'tmp', emptyDir: {} },
        { name: 'home', emptyDir: {} },
        { name: 'workspace', emptyDir: {} },
        ...credentials.volumes,
        ...contexts.volumes,
        ...(job.spec.persist ? [{ name: 'data', persistentVolumeClaim: { claimName: childNames.volume(name) } }] : []),
      ],
    },
  }
  const { template, errors } = overlays(base, job, runtime)
  return { config, template, errors: [...misplaced(runtime, job.spec.persist, credentials, contexts), ...errors] }
}

/** With the agent's own resources, which costs nothing: it starts when they have ended. */
function initContainers({ spec }: NamedAgentJob, runtime: AgentRuntimeSpec, contexts: RenderedContexts) {
  if (!contexts.initContainers.length) return {}
  const resources = defined({ resources: spec.resources ?? runtime.resources })
  return { initContainers: contexts.initContainers.map((container) => ({ ...container, ...resources })) }
}

/** What the agent finds as files, whatever its program: what it is told, and its contexts. */
function filesOf({ spec }: NamedAgentJob, resolved: Resolved, { blocks, files }: RenderedContexts): TextFile[] {
  const task = blocks.length ? taskMarkdown(spec.prompt, blocks) : spec.prompt
  const told = { key: CONFIG_FILE, text: agentConfig(spec, resolved, task) }
  return [told, ...(blocks.length ? [{ key: TASK_FILE, text: task }] : []), ...files]
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
  volumeMounts: Mount[],
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
    volumeMounts,
  }
}

function mountsOf(
  job: NamedAgentJob,
  runtime: AgentRuntimeSpec,
  credentials: RenderedCredentials,
  contexts: RenderedContexts,
): Mount[] {
  const workspace = trimmed(runtime.workspaceDir)
  const mounts: Mount[] = [
    mountOf(CONFIG_FILE, configFile(runtime)),
    { name: 'tmp', mountPath: '/tmp' },
    { name: 'home', mountPath: HOME },
    { name: 'workspace', mountPath: workspace },
    ...(contexts.blocks.length ? [mountOf(TASK_FILE, `${workspace}/${TASK_FILE}`)] : []),
    ...credentials.mounts,
    ...contexts.mounts.map(({ mount }) => mount),
    ...(job.spec.persist ? [{ name: 'data', mountPath: trimmed(runtime.persistPath) }] : []),
  ]
  // one in each place: the workspace may be the home, and a volume the home or the workspace that outlives the runs
  return [...new Map(mounts.map((mount) => [mount.mountPath, mount])).values()]
}

/** The members that have a value. */
const defined = <T extends Record<string, unknown>>(members: T): Partial<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>
