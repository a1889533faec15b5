import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { ChildResource } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import type { Fields } from '../api/isfields.ts'
import { HOME, TMP, taskFile, trimmed } from '../api/paths.ts'
import { type RenderedCredentials, renderCredentials } from './credentials.ts'
import { podSeconds } from './deadlines.ts'
import { environment } from './environment.ts'
import { caFolder, resourcesOf, withEveryPods } from './everypod.ts'
import { SCRATCH } from './fetch.ts'
import { type Mount, placed, renderFiles, type TextFile } from './files.ts'
import { containerSecurityContext, podSecurityContext } from './hardening.ts'
import type { NamedAgentJob } from './input.ts'
import { CONFIG_HASH_ANNOTATION, childLabels, childNames, PRECHECK_CONTAINER } from './names.ts'
import { withOutputs } from './outputs.ts'
import { misplaced } from './placement.ts'
import { overlay, type PodTemplate } from './podtemplate/overlay.ts'
import { precheckBlock, precheckFolder, precheckMount, withPrecheck } from './precheck.ts'
import type { Resolved } from './references.ts'
import { type RenderedContexts, renderContexts } from './rendercontexts.ts'
import { sessionsOf } from './resume.ts'
import type { Settings } from './settings.ts'
import { taskMarkdown } from './taskmd.ts'
import { type Told, tell } from './told.ts'

/** Name of the agent's container. */
export const AGENT_CONTAINER = 'agent'

/** A pod template and what has to exist before it. */
export interface RenderedPod {
  template: PodTemplate
  /** The ConfigMap that holds what the agent is told, where it is too large for annotations. */
  config?: ChildResource
  /** Of a program that prints what came of it. */
  dialect?: string
  /** The AgentRuntime that it runs on. */
  runtime?: Resolved['runtime']
  errors: Finding[]
  warnings: Finding[]
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
  const prompt = contexts.blocks.length ? taskMarkdown(job.spec.prompt, contexts.blocks) : job.spec.prompt
  const precheck = job.spec.precheck && precheckOf(job, runtime, contexts)
  const told = tell(job, runtime, resolved, prompt, settings, precheck)
  const given = filesOf(told, contexts, taskFile(runtime), precheck?.prompt ?? prompt)
  const files = renderFiles(job, given.files)
  const plain: PodTemplate = {
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
      activeDeadlineSeconds: podSeconds(job.spec),
      automountServiceAccountToken: resolved.access !== undefined,
      enableServiceLinks: false,
      securityContext: podSecurityContext(),
      ...initContainers(job, runtime, settings, [...contexts.initContainers, ...(told.skills?.initContainers ?? [])]),
      containers: [
        container(job, runtime, resolved, settings, {
          ...{ told, credentials },
          mounts: mountsOf(job, runtime, given.mounts, [
            ...sessionsOf(told.sessions).mounts,
            ...credentials.mounts,
            ...contexts.mounts.map(({ mount }) => mount),
            ...(told.skills?.mounts ?? []),
            ...(precheck ? [precheckMount(runtime)] : []),
          ]),
        }),
      ],
      volumes: [
        files.volume,
        { name: 'tmp', emptyDir: {} },
        { name: 'home', emptyDir: {} },
        { name: 'workspace', emptyDir: {} },
        ...credentials.volumes,
        ...fetched(contexts, told),
        ...(precheck ? [{ name: PRECHECK_CONTAINER, emptyDir: {} }] : []),
        ...(job.spec.persist ? [{ name: 'data', persistentVolumeClaim: { claimName: childNames.volume(name) } }] : []),
      ],
    },
  }
  const completed = (pod: PodTemplate) => withOutputs(withPrecheck(withEveryPods(pod, settings), job, runtime), runtime)
  const { template, errors } = overlays(completed(plain), job, runtime)
  const own = { sessions: told.sessions, precheck: precheck && precheckFolder(runtime), ca: caFolder(settings) }
  return {
    // once more, because a podTemplate may have changed what the agent has, and brought init containers
    template: completed(template),
    ...{ config: files.config, dialect: told.dialect, runtime: resolved.runtime, warnings: told.warnings },
    errors: [...told.errors, ...misplaced(runtime, job.spec.persist, credentials, contexts, own), ...errors],
  }
}

/** How the agent is told of its precheck's output: in a prompt that says where it is. */
function precheckOf({ spec }: NamedAgentJob, runtime: AgentRuntimeSpec, { blocks }: RenderedContexts) {
  const block = precheckBlock(runtime)
  return { block, prompt: taskMarkdown(spec.prompt, [...blocks, block]) }
}

/** Texts that the agent finds as files: what its program is told, its whole task where there are contexts, and those. */
function filesOf(told: Told, contexts: RenderedContexts, task: string, prompt: string) {
  const isTold = contexts.blocks.length === 0 || told.files.some(({ path }) => path === task)
  const own = placed([...told.files, ...(isTold ? [] : [{ path: task, text: prompt }])])
  const files: TextFile[] = [...own.map(({ file }) => file), ...contexts.files]
  return { files, mounts: own.map(({ mount }) => mount) }
}

/** With the agent's own resources, which costs nothing: it starts when they have ended. */
function initContainers(job: NamedAgentJob, runtime: AgentRuntimeSpec, settings: Settings, containers: Fields[]) {
  if (!containers.length) return {}
  const resources = defined({ resources: resourcesOf(job, runtime, settings) })
  return { initContainers: containers.map((container) => ({ ...container, ...resources })) }
}

/** The volumes of contexts and skills, and what is needed to fetch either. */
function fetched(contexts: RenderedContexts, { skills }: Told) {
  const isFetched = contexts.initContainers.length > 0 || (skills?.initContainers.length ?? 0) > 0
  return [...contexts.volumes, ...(skills?.volumes ?? []), ...(isFetched ? [SCRATCH] : [])]
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
  credentials: RenderedCredentials
  mounts: Mount[]
}

function container(
  job: NamedAgentJob,
  runtime: AgentRuntimeSpec,
  resolved: Resolved,
  settings: Settings,
  { told, credentials, mounts }: Parts,
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
      resources: resourcesOf(job, runtime, settings),
    }),
    env: environment(job, runtime, resolved, [...told.env, ...sessionsOf(told.sessions).env], credentials.env),
    securityContext: containerSecurityContext(),
    // the result; of a failure without one the end of the log
    terminationMessagePolicy: runtime.logTail === 'Never' ? 'File' : 'FallbackToLogsOnError',
    volumeMounts: mounts,
  }
}

function mountsOf(job: NamedAgentJob, runtime: AgentRuntimeSpec, told: Mount[], others: Mount[]): Mount[] {
  const mounts: Mount[] = [
    ...told,
    { name: 'tmp', mountPath: TMP },
    { name: 'home', mountPath: HOME },
    { name: 'workspace', mountPath: trimmed(runtime.workspaceDir) },
    ...others,
    ...(job.spec.persist ? [{ name: 'data', mountPath: trimmed(runtime.persistPath) }] : []),
  ]
  // one in each place: the workspace may be the home, and a volume the home or the workspace that outlives the runs
  return [...new Map(mounts.map((mount) => [mount.mountPath, mount])).values()]
}

/** The members that have a value. */
function defined<T extends Record<string, unknown>>(members: T): Partial<T> {
  const given: Partial<T> = {}
  for (const field in members) if (members[field] !== undefined) given[field] = members[field]
  return given
}
