import { Phase } from '../api/agentjobstatus.ts'
import type { Reference } from '../api/expansion.ts'
import { JOB_LABEL } from '../expand/names.ts'
import type { ObjectMeta, PartialObjectMetadata } from '../kube/object.ts'
import { epochOf } from '../signing/signature.ts'
import type { CachedAgentJob, CachedJob, CachedPod } from './caches.ts'

/*
 * AgentJobs at rest are most of those that there are, and each holds a prompt and an expansion. The cache keeps what
 * tells when to look at them again.
 */

/** What the cache keeps of an AgentJob at rest: its version, and the look-ups and the signing key whose change ends the rest. */
export interface SleepingAgentJob extends PartialObjectMetadata {
  expansion: { references: Reference[] }
  /** To be counted. */
  phase: Phase | undefined
  /** Of its signature. */
  epoch: number | undefined
  asleep: true
  /** Has been touched since, and is not awake yet. */
  touched?: true
}

/** Marks what the cache keeps no more than an outline of, because a status tells of it. */
export interface Told {
  told?: true
}

export const isAsleep = (job: CachedAgentJob | SleepingAgentJob): job is SleepingAgentJob => 'asleep' in job

/**
 * Outlines of AgentJobs. Most of them look the same things up: they share one list of them, out of `lists`, which knows a
 * list for as long as somebody holds it.
 */
export function createOutline(lists = new Map<string, WeakRef<Reference[]>>()) {
  const collected = new FinalizationRegistry<string>((key) => {
    // another one may have come in its place
    if (!lists.get(key)?.deref()) lists.delete(key)
  })
  function shared(references: Reference[]): Reference[] {
    const key = JSON.stringify(references)
    const known = lists.get(key)?.deref()
    if (known) return known
    lists.set(key, new WeakRef(references))
    collected.register(references, key)
    return references
  }
  return ({
    apiVersion,
    kind,
    metadata: { namespace, name, uid, resourceVersion },
    expansion,
    status,
  }: CachedAgentJob): SleepingAgentJob => ({
    apiVersion,
    kind,
    metadata: { namespace, name, uid, resourceVersion },
    expansion: { references: shared(expansion?.references ?? []) },
    // one string for all of them
    phase: Phase.options.find((phase) => phase === status?.phase),
    epoch: epochOf(expansion),
    asleep: true,
  })
}

/** A Job that has ended, without how it went; undefined for one that has not. */
export function outlineOfJob(run: CachedJob): CachedJob | undefined {
  const end = run.status?.conditions?.find(isEnd)
  if (!end) return undefined
  const { apiVersion, kind, spec, uses } = run
  const metadata = { ...traits(run), name: run.metadata.name }
  return { apiVersion, kind, metadata, spec, uses, status: ENDED[end.type], told: true }
}

const ENDED: Record<string, CachedJob['status']> = Object.fromEntries(
  ['Complete', 'Failed'].map((type) => [type, { conditions: [{ type, status: 'True' }] }]),
)
/** Whether a Job has come to its end. */
export const isFinished = ({ status }: CachedJob): boolean => status?.conditions?.some(isEnd) ?? false

const isEnd = ({ type, status }: { type: string; status: string }) => type in ENDED && status === 'True'

/** A pod without how it went. */
export function outlineOfPod(pod: CachedPod): CachedPod {
  const { apiVersion, kind, status } = pod
  const metadata = { ...traits(pod), name: pod.metadata.name }
  return { apiVersion, kind, metadata, status: { phase: status?.phase }, told: true }
}

/** What tells whose an object is, and which state of it. */
function traits({ metadata }: PartialObjectMetadata): ObjectMeta {
  const { namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, annotations, ownerReferences } =
    metadata
  const labels = { [JOB_LABEL]: metadata.labels?.[JOB_LABEL] ?? '' }
  return {
    ...{ namespace, uid, resourceVersion, creationTimestamp, annotations, ownerReferences, labels },
    ...(deletionTimestamp ? { deletionTimestamp } : {}),
  }
}
