import type { EgressSettings } from '../expand/egress/settings.ts'
import type { Client } from '../kube/client.ts'
import { delay } from '../kube/delay.ts'
import { createEventRecorder } from '../kube/events.ts'
import { startElection } from '../kube/lease.ts'
import type { Log } from '../kube/log.ts'
import type { KubeMetrics } from '../kube/metrics.ts'
import { objectKey, type PartialObjectMetadata } from '../kube/object.ts'
import type { Store } from '../kube/store.ts'
import { Outbox, type OutboxMetrics } from '../notify/outbox.ts'
import type { Sender } from '../notify/send.ts'
import type { Keyring } from '../signing/keyring.ts'
import { agentJobKeyOf, BY_REFERENCE, type Caches, referenceKey } from './caches.ts'
import { type Context, createMemory } from './context.ts'
import { clusterScopedOwners } from './finalizer.ts'
import { bury, buryPod, withFirstDeletion } from './graves.ts'
import { identityByKey } from './identity.ts'
import { isDue } from './line.ts'
import { lookAtAll, lookAtOlder } from './lookatall.ts'
import type { ControllerMetrics } from './metrics.ts'
import { phasesOf } from './phases.ts'
import { dayBegins, isSeen, limitChanged, quotaChanged } from './places.ts'
import { Queue, type QueueMetrics } from './queue.ts'
import { reconcile } from './reconcile.ts'
import { nextDay, quotaSeen } from './runsaday.ts'
import { createQuotaTeller } from './tellquotas.ts'
import type { RunTraces } from './traces.ts'
import { LEASE } from './types.ts'

/** How many AgentJobs are worked on at a time. */
const CONCURRENCY = 16

export interface ControllerOptions {
  client: Client
  caches: Caches
  keys: Keyring
  /** The operator's own namespace, where the Lease is. */
  namespace: string
  /** Unlike any other replica's: the pod's name. */
  identity: string
  /** How long others wait for a leader that is gone; it gives up earlier, and tries often, in client-go's proportions. */
  leaseDurationMs: number
  /** The namespace whose objects everybody may name. */
  libraryNamespace?: string
  /** Of the settings that stand in pods, as expansions have it. */
  settingsHash?: string
  /** Where agents' pods may go. */
  egress?: EgressSettings
  /** Sends notifications. */
  send: Sender
  signal: AbortSignal
  log: Log
  metrics?: KubeMetrics & QueueMetrics & ControllerMetrics & OutboxMetrics
  traces?: RunTraces
}

/** Stands for election until `signal`, and works as long as it is the leader. Resolves when its last write is done. */
export async function runController(o: ControllerOptions): Promise<void> {
  await o.caches.synced
  const record = createEventRecorder({
    client: o.client,
    component: 'agentjob',
    instance: o.identity,
    now: Date.now,
    log: o.log,
  })
  await startElection({
    client: o.client,
    namespace: o.namespace,
    name: LEASE,
    identity: o.identity,
    leaseDurationMs: o.leaseDurationMs,
    renewDeadlineMs: (o.leaseDurationMs * 2) / 3,
    retryPeriodMs: (o.leaseDurationMs * 2) / 15,
    now: Date.now,
    signal: o.signal,
    log: o.log,
    metrics: o.metrics,
    onStarted: (leader) => lead(o, leader, record),
  })
}

async function lead(o: ControllerOptions, signal: AbortSignal, record: Context['record']): Promise<void> {
  const memory = createMemory()
  for (const { metadata } of o.caches.agentJobs.values()) if (metadata.uid) memory.unread.add(metadata.uid)
  const now = () => new Date()
  const enqueue = (key: string, o?: { urgent?: boolean }) => queue.add(key, o)
  const ctx: Context = {
    ...{ ...o, record, memory, signal, now, since: now() },
    outbox: new Outbox({ ...o, signal, now, onSettled: (key) => enqueue(key) }),
    enqueue,
  }
  const queue: Queue = new Queue({
    reconcile: (key) => (signal.aborted ? Promise.resolve(undefined) : reconcile(ctx, key)),
    concurrency: CONCURRENCY,
    log: o.log,
    about: (key) => identityByKey(o.caches, key),
    metrics: o.metrics,
  })
  o.caches.keepWhole(true)
  o.metrics?.phases(() => phasesOf(o.caches))
  const unsubscribe = subscribe(ctx, queue)
  for (const key of clusterScopedOwners(ctx)) queue.add(key)
  void followDays(ctx)
  await lookAtAll(ctx, queue)
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  o.metrics?.phases(undefined)
  for (const stop of unsubscribe) stop()
  await queue.close()
  o.caches.keepWhole(false)
}

/** As often also in between: a clock can be set, and a count can end after midnight that began before it. */
const HOUR_MS = 3_600_000

/** Wakes those who wait for another day, once for all of them: each would have to find out whose turn it is. */
async function followDays(ctx: Context): Promise<void> {
  while (!ctx.signal.aborted) {
    const now = ctx.now()
    await delay(Math.min(HOUR_MS, nextDay(now).getTime() + 1000 - now.getTime()), ctx.signal).catch(() => {})
    if (!ctx.signal.aborted) dayBegins(ctx)
  }
}

/** Every event only says which AgentJob to look at. */
function subscribe(ctx: Context, queue: Queue): (() => void)[] {
  const { caches, memory } = ctx
  const enqueueOwner = (object: PartialObjectMetadata | undefined) => {
    const key = object && agentJobKeyOf(object)
    if (key) queue.add(key)
  }
  const watch = <T extends PartialObjectMetadata>(store: Store<T>) =>
    store.onChange(({ object, previous }) => {
      enqueueOwner(object)
      if (previous && agentJobKeyOf(previous) !== agentJobKeyOf(object)) enqueueOwner(previous)
    })
  const quotas = createQuotaTeller(ctx)
  for (const { metadata } of caches.references.stores.get('AgentQuota')?.values() ?? [])
    quotas.changed(metadata.namespace)
  return [
    ctx.keys.onChange(() => {
      // what held may not hold any more
      memory.verified = new WeakMap()
      memory.vain.clear()
      void lookAtOlder(ctx, queue)
    }),
    caches.jobs.onChange(({ object }) => quotas.changed(object.metadata.namespace)),
    caches.agentJobs.onChange(({ type, object }) => {
      const key = objectKey(object)
      if (type === 'deleted') {
        queue.forget(key)
        const { written, untold, unread, vain, judged } = memory
        for (const known of [written, untold, unread, vain, judged]) known.delete(object.metadata.uid ?? '')
      }
      // what we have written ourselves asks for nothing
      const isOurs = memory.written.get(object.metadata.uid ?? '')?.resourceVersion === object.metadata.resourceVersion
      queue.add(key, { urgent: type !== 'deleted' && !isOurs && isDue(ctx, object) })
    }),
    caches.jobs.onChange(({ type, object }) => {
      // first: to those who ask who is next, a run that is gone would seem to be still to start
      if (type === 'deleted') bury(memory, object)
      isSeen(ctx, object, type === 'deleted')
    }),
    caches.pods.onChange(({ type, object, previous }) => {
      const pod = withFirstDeletion(object, previous)
      if (type === 'deleted') buryPod(memory, pod)
      else if (pod !== object) caches.pods.swap(object, pod)
    }),
    watch(caches.jobs),
    watch(caches.pods),
    ...[...caches.children.values()].flatMap((store) => [
      watch(store),
      store.onChange(({ type, object }) => type === 'deleted' && memory.unchangeable.delete(object.metadata.uid ?? '')),
    ]),
    ...[
      { notes: caches.failedCreates, about: caches.jobs },
      { notes: caches.failedMounts, about: caches.pods },
    ].map(({ notes, about }) =>
      notes.onChange(({ object: { regarding } }) => enqueueOwner(about.get(regarding.namespace, regarding.name ?? ''))),
    ),
    ...[...caches.references.stores].map(([kind, store]) =>
      store.onChange(({ type, object, previous }) => {
        const { metadata, referenced } = object
        if (kind === 'AgentRuntime') limitChanged(ctx, objectKey({ metadata }))
        if (kind === 'AgentQuota' && type !== 'deleted' && quotaSeen(ctx, object))
          quotaChanged(ctx, metadata.namespace ?? '', [object, object])
        // a label of it, or what an expansion does not show
        if (type === 'modified' && previous?.referenced?.hash === referenced?.hash) return
        if (kind === 'AgentQuota' && type === 'deleted') memory.days.delete(metadata.uid ?? '')
        if (kind === 'AgentQuota') quotas.changed(metadata.namespace)
        if (kind === 'AgentQuota')
          quotaChanged(ctx, metadata.namespace ?? '', [previous, type === 'deleted' ? undefined : { referenced }])
        const key = referenceKey(kind, metadata.namespace, metadata.name)
        for (const dependent of caches.agentJobs.byIndex(BY_REFERENCE, key)) queue.add(objectKey(dependent))
      }),
    ),
  ]
}
