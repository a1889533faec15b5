import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import type { Expansion } from '../api/expansion.ts'
import type { EgressSettings } from '../expand/egress/settings.ts'
import type { Client } from '../kube/client.ts'
import type { EventRecorder } from '../kube/events.ts'
import type { Log } from '../kube/log.ts'
import type { Outbox } from '../notify/outbox.ts'
import type { Keyring } from '../signing/keyring.ts'
import type { Caches } from './caches.ts'
import type { Grave } from './graves.ts'
import type { ControllerMetrics, Distrust } from './metrics.ts'
import type { Written } from './newest.ts'
import { createPlaces, type Places } from './places.ts'
import type { DayCount } from './runsaday.ts'
import type { Vain } from './touch.ts'
import type { RunTraces } from './traces.ts'

/** What every step of a reconcile needs. */
export interface Context {
  client: Client
  caches: Caches
  keys: Keyring
  record: EventRecorder
  now: () => Date
  log: Log
  /** Aborts when this process is no longer the leader: nothing is written after that. */
  signal: AbortSignal
  memory: Memory
  /** Since when this process leads, and sees every Job that comes and goes. */
  since: Date
  metrics?: ControllerMetrics
  traces?: RunTraces
  /** The namespace whose objects everybody may name. */
  libraryNamespace?: string
  /** Of the settings that stand in pods, as expansions have it. */
  settingsHash?: string
  /** Where agents' pods may go; anywhere, where it is not given. */
  egress?: EgressSettings
  /** Delivers what is owed to those who are to be told of the end of runs. */
  outbox: Outbox
  /** Has an AgentJob looked at, by `namespace/name`; what is urgent, before others. */
  enqueue: (key: string, o?: { urgent?: boolean }) => void
}

/** What the leader remembers between reconciles; all of it can be lost at any time. */
export interface Memory {
  /** The status that we wrote last, until the cache has moved on from the version that it was derived from. */
  written: Map<string, Written>
  /** By uid, the status before a write of which it is not known yet whether it was done: what is new has to be told. */
  untold: Map<string, AgentJobStatus | undefined>
  /** Last states of Jobs and pods that are gone, until they stand in a status. */
  graves: Map<string, Grave>
  /** uid/resourceVersion of children on which an apply changed nothing. */
  unchangeable: Map<string, string>
  /** AgentJobs to read live before a Job is created: those of the take-over, and those whose POST had no clear answer. */
  unread: Set<string>
  /** Why expansions of the cache are not ours, each with the spec and the name that it came with; undefined: they are. */
  verified: WeakMap<Expansion, Distrust | undefined>
  /** Touches that have changed nothing, by the uid of the AgentJob. */
  vain: Map<string, Vain>
  /** By uid, how often this leader has asked admission once more about an AgentJob that something is in the way of. */
  judged: Map<string, number>
  places: Places
  /** What this leader knows of the runs of today, by the uid of the AgentQuota. */
  days: Map<string, DayCount>
  /** What is being written to AgentQuotas, by their uid. */
  writing: Map<string, Promise<void>>
}

export const createMemory = (): Memory => ({
  written: new Map(),
  untold: new Map(),
  graves: new Map(),
  unchangeable: new Map(),
  unread: new Set(),
  verified: new WeakMap(),
  vain: new Map(),
  judged: new Map(),
  places: createPlaces(),
  days: new Map(),
  writing: new Map(),
})
