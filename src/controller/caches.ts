import type { AgentJob } from '../api/agentjob.ts'
import { type Fields, isFields } from '../api/isfields.ts'
import type { EgressSettings } from '../expand/egress/settings.ts'
import { JOB_LABEL, MANAGED_BY, NAMESPACE_LABEL, RUNTIME_ANNOTATION } from '../expand/names.ts'
import type { Client } from '../kube/client.ts'
import { EVENTS } from '../kube/events.ts'
import type { Log } from '../kube/log.ts'
import type { KubeMetrics } from '../kube/metrics.ts'
import type { KubeObject, ObjectMeta, PartialObjectMetadata, ResourceType } from '../kube/object.ts'
import type { Selection } from '../kube/options.ts'
import { type Reflector, startReflector } from '../kube/reflector.ts'
import { Store } from '../kube/store.ts'
import type { ReferenceCaches } from '../references/caches.ts'
import type { Job, Pod } from '../status/observed.ts'
import { BY_REGARDING, FAILED_CREATE, FAILED_MOUNT, type Note, regardingKeyOf, toNote } from './notes.ts'
import { createOutline, isAsleep, isFinished, type SleepingAgentJob, type Told } from './outline.ts'
import { AGENT_JOB, childTypes, JOB, ownerUid, POD } from './types.ts'

export type CachedAgentJob = AgentJob & PartialObjectMetadata
/** A Job without its template; `uses` names the ServiceAccount and the ConfigMaps that its pods need. */
export type CachedJob = Job & PartialObjectMetadata & { metadata: ObjectMeta & { name: string }; uses: string[] } & Told
export type CachedPod = Pod &
  PartialObjectMetadata & { spec?: { activeDeadlineSeconds?: number; nodeName?: string } } & Told

/** All that the controller knows of the cluster. */
export interface Caches {
  /** In outline, but for those that have changed or been looked at since keepWhole(true). */
  agentJobs: Store<CachedAgentJob | SleepingAgentJob>
  jobs: Store<CachedJob>
  pods: Store<CachedPod>
  /** The other children, by kind; without those of ClusterAccess and egress where these are switched off. */
  children: Map<string, Store<KubeObject>>
  /** Why Jobs, of whomever, have no pods. */
  failedCreates: Store<Note>
  /** Why pods, of whomever, do not start. */
  failedMounts: Store<Note>
  references: ReferenceCaches
  outline: (job: CachedAgentJob) => SleepingAgentJob
  /** Whether AgentJobs that come are kept whole: only who leads looks into them. */
  keepWhole(isWhole: boolean): void
  synced: Promise<unknown>
  hasSynced(): boolean
}

/** Indexes of the stores. */
const BY_OWNER = 'owner'
export const BY_REFERENCE = 'reference'
/** Jobs that have not ended, by the AgentRuntime that they run on. */
export const BY_RUNTIME = 'runtime'
/** Jobs that have not ended, and AgentJobs that are not at rest, by their namespace. */
export const BY_NAMESPACE = 'namespace'
/** The key under which AgentJobs that look an object up are found. */
export const referenceKey = (kind: string, namespace: string | undefined, name: string | undefined): string =>
  `${kind}/${namespace}/${name}`

/**
 * What an owner has in a store: in its own namespace, or cluster-scoped. An object of another namespace can claim an
 * owner as well, but owner references lead into no other namespace.
 */
export const ownedBy = <T>(
  store: { byIndex(index: string, key: string): T[] },
  { metadata }: PartialObjectMetadata,
): T[] =>
  [metadata.namespace, undefined].flatMap((namespace) => store.byIndex(BY_OWNER, ownerKey(namespace, metadata.uid)))

/** The children of a kind that an AgentJob has, its Jobs apart. */
export function childrenOf({ children }: Caches, kind: string, owner: PartialObjectMetadata): KubeObject[] {
  const store = children.get(kind)
  return store ? ownedBy(store, owner) : []
}

const ownerKey = (namespace: string | undefined, uid: string | undefined) => `${namespace ?? ''}/${uid ?? ''}`

/** `namespace/name` of the AgentJob that a child's labels name. */
export function agentJobKeyOf({ metadata }: PartialObjectMetadata): string | undefined {
  const name = metadata.labels?.[JOB_LABEL]
  const namespace = metadata.namespace ?? metadata.labels?.[NAMESPACE_LABEL]
  return name && namespace ? `${namespace}/${name}` : undefined
}

/** What is labelled as ours. */
export const OURS: Selection = {
  labelSelector: Object.entries(MANAGED_BY)
    .map((pair) => pair.join('='))
    .join(','),
}

/** Lists and watches AgentJobs and everything that is labelled as ours, until `signal`. */
export function startCaches(o: {
  client: Client
  references: ReferenceCaches
  clusterAccess: boolean
  egress?: EgressSettings
  signal: AbortSignal
  log: Log
  metrics?: KubeMetrics
}): Caches {
  const reflectors: Reflector[] = []
  const cache = <T extends PartialObjectMetadata>(
    type: ResourceType,
    transform?: (object: T) => T,
    selector?: Selection,
  ) => {
    const store = new Store<T>(o.log)
    reflectors.push(startReflector<T>({ ...o, type, store, transform, ...selector }))
    return store
  }
  const outline = createOutline()
  let isWhole = false
  const agentJobs = cache<CachedAgentJob | SleepingAgentJob>(AGENT_JOB, (object) => {
    const job = withoutBallast(object) as CachedAgentJob
    return isWhole ? job : outline(job)
  })
  const jobs = cache<CachedJob>(JOB, toCachedJob, OURS)
  const pods = cache<CachedPod>(POD, toCachedPod, OURS)
  const children = new Map(childTypes(o).map((type) => [type.kind, cache<KubeObject>(type, withoutData, OURS)]))
  const failedCreates = cache<Note>(EVENTS, toNote, FAILED_CREATE)
  const failedMounts = cache<Note>(EVENTS, toNote, FAILED_MOUNT)
  for (const store of [failedCreates, failedMounts]) store.index(BY_REGARDING, regardingKeyOf)
  agentJobs.index(BY_REFERENCE, (job) =>
    (job.expansion?.references ?? []).map(({ kind, namespace, name }) => referenceKey(kind, namespace, name)),
  )
  jobs.index(BY_RUNTIME, (job) => [(!isFinished(job) && job.metadata.annotations?.[RUNTIME_ANNOTATION]) || []].flat())
  jobs.index(BY_NAMESPACE, (job) => (isFinished(job) ? [] : [job.metadata.namespace ?? '']))
  agentJobs.index(BY_NAMESPACE, (job) => (isAsleep(job) ? [] : [job.metadata.namespace ?? '']))
  const byOwner = (object: PartialObjectMetadata) => [ownerKey(object.metadata.namespace, ownerUid(object))]
  for (const store of [jobs, pods, ...children.values()]) store.index(BY_OWNER, byOwner)
  return {
    agentJobs,
    jobs,
    pods,
    children,
    failedCreates,
    failedMounts,
    references: o.references,
    outline,
    keepWhole(whole) {
      isWhole = whole
      if (!whole) for (const job of agentJobs.values()) if (!isAsleep(job)) agentJobs.swap(job, outline(job))
    },
    synced: Promise.all([o.references.synced, ...reflectors.map(({ synced }) => synced)]),
    hasSynced: () => o.references.hasSynced() && reflectors.every((reflector) => reflector.hasSynced()),
  }
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** An AgentJob as it is cached: without what others keep in it, and without an expansion that has no shape. */
export function withoutBallast<T extends PartialObjectMetadata>(object: T): T {
  delete object.metadata.managedFields
  delete object.metadata.annotations?.[LAST_APPLIED]
  const { expansion } = object as T & { expansion?: unknown }
  if (expansion && !hasShape(expansion)) (object as { expansion?: unknown }).expansion = undefined
  return object
}

/**
 * Whether an expansion can be indexed and told of before its signature is verified. Anybody may write anything there,
 * and what is wrong with one object must not stop the watch of all: of `{toString: 1}` not even a text can be made.
 */
function hasShape(expansion: object): boolean {
  const fields = expansion as Record<string, unknown>
  const areHashes = HASHES.every((field) => fields[field] === undefined || isHash(fields[field]))
  return (
    areHashes &&
    Object.entries(SHAPES).every(([field, isSound]) => {
      const list = fields[field]
      return Array.isArray(list) && list.every((item) => isFields(item) && isSound(item))
    })
  )
}

/** What logs and traces tell of an expansion: nobody writes sentences of his own there. */
const HASHES = ['revision', 'configHash', 'specHash', 'inputHash', 'referencesHash']
const isHash = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{0,64}$/.test(value)

const areTexts = (...values: unknown[]) => values.every((value) => typeof value === 'string')

const SHAPES: Record<'references' | 'problems' | 'resources', (item: Fields) => boolean> = {
  references: ({ kind, namespace, name, hash }) => areTexts(kind, namespace, name, hash),
  problems: ({ reason, path, message }) => areTexts(reason, path, message),
  resources: ({ kind, metadata }) => isFields(metadata) && areTexts(kind, metadata.name),
}

/** ConfigMaps of ours are immutable: their names say what is in them. */
function withoutData(object: KubeObject): KubeObject {
  if (object.kind === 'ConfigMap') delete object.data
  return object
}

type JobObject = CachedJob & {
  spec?: Job['spec'] & { template?: { spec?: PodSpec }; activeDeadlineSeconds?: number }
}
interface PodSpec {
  serviceAccountName?: string
  volumes?: { configMap?: { name?: string } }[]
}

/** A Job in the form in which it is cached: its template, and the prompt in it, left out. */
export function toCachedJob(object: CachedJob): CachedJob {
  const { spec, status, metadata, apiVersion, kind } = object as JobObject
  const pod = spec?.template?.spec
  const names = [pod?.serviceAccountName, ...(pod?.volumes ?? []).map(({ configMap }) => configMap?.name)]
  return {
    apiVersion,
    kind,
    metadata,
    spec: { suspend: spec?.suspend, backoffLimit: spec?.backoffLimit, podFailurePolicy: spec?.podFailurePolicy },
    status,
    uses: names.filter((name) => name !== undefined),
  }
}

/** That no node takes it, that it is taken away from its agent. */
const POD_CONDITIONS = ['PodScheduled', 'DisruptionTarget']

/** A pod without what is not looked at. */
export function toCachedPod({ apiVersion, kind, metadata, spec, status }: CachedPod): CachedPod {
  const { annotations: _, ...rest } = metadata
  return {
    apiVersion,
    kind,
    metadata: rest,
    spec: { activeDeadlineSeconds: spec?.activeDeadlineSeconds, nodeName: spec?.nodeName },
    status: {
      phase: status?.phase,
      reason: status?.reason,
      message: status?.message,
      conditions: status?.conditions?.filter(({ type }) => POD_CONDITIONS.includes(type)),
      containerStatuses: status?.containerStatuses?.map(({ name, state }) => ({ name, state })),
      initContainerStatuses: status?.initContainerStatuses?.map(({ name, state }) => ({ name, state })),
    },
  }
}
