import { randomBytes } from 'node:crypto'
import type { Client } from './client.ts'
import { isNotFound } from './errors.ts'
import { createEventSeries, type EventSeries, type ObjectReference } from './eventseries.ts'
import type { Log } from './log.ts'
import type { PartialObjectMetadata, ResourceType } from './object.ts'
import { microTime } from './time.ts'

/** Tells people what happened to an object; returns at once and never throws. */
export type EventRecorder = (
  regarding: PartialObjectMetadata,
  type: 'Normal' | 'Warning',
  /** UpperCamelCase, at most 128 characters. */
  reason: string,
  /** For people; cut at 1024 bytes of UTF-8. */
  message: string,
) => void

/** Who reports. */
export interface EventRecorderOptions {
  client: Client
  /** reportingController: a qualified name, such as agentjob.io/controller. */
  component: string
  /** reportingInstance: the pod's name. */
  instance: string
  /** Milliseconds since the epoch. */
  now: () => number
  log: Log
}

/** Where Events are served. */
export const EVENTS: ResourceType = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
}

const MAX_QUEUED = 1000
const MAX_NOTE = 1024

/**
 * Writes events.k8s.io/v1 Events (served since Kubernetes 1.19; `kubectl describe` and core/v1 show the same objects),
 * which want eventTime, reportingController, reportingInstance, action, reason and note, in the namespace of the object,
 * or `default` for one without. The same event again within 10 minutes only counts up the `series` of the first one, the
 * one field of an Event that may change. Events wait in a queue of 1000, one is written at a time, and an object may
 * have 25 at once and one more each minute; what is beyond that is dropped, and so is what the server does not take.
 */
export function createEventRecorder(o: EventRecorderOptions): EventRecorder {
  const queue = new Set<EventSeries>()
  const series = createEventSeries(o.now)
  let writing = false

  async function drain() {
    if (writing) return
    writing = true
    for (const event of queue) {
      queue.delete(event)
      const { namespace, name } = event.regarding
      const failed = (err: unknown) =>
        o.log.warn({ namespace, name, reason: event.reason, err }, 'an event could not be written')
      await write(event, o).catch(failed)
    }
    writing = false
  }

  return (regarding, type, reason, message) => {
    const note = cutToBytes(message, MAX_NOTE)
    const event = series.count({ regarding: referenceTo(regarding), type, reason, note })
    if (!event || queue.size >= MAX_QUEUED) {
      const { namespace, name } = regarding.metadata
      o.log.debug({ namespace, name, reason }, 'an event was dropped')
      return
    }
    queue.add(event)
    void drain()
  }
}

async function write(event: EventSeries, o: EventRecorderOptions): Promise<void> {
  if (event.written) {
    try {
      const patch = { series: { count: event.count, lastObservedTime: microTime(event.lastSeen) } }
      await o.client.mergePatch(EVENTS, event.written, patch)
      return
    } catch (error) {
      // Events live for an hour only.
      if (!isNotFound(error)) throw error
    }
  }
  const { metadata } = await o.client.create(EVENTS, render(event, o))
  event.written = { namespace: metadata.namespace, name: metadata.name! }
}

function cutToBytes(text: string, max: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= max) return text
  const mark = '…'
  // Half a character at the cut would become U+FFFD.
  return (
    bytes
      .subarray(0, max - Buffer.byteLength(mark))
      .toString()
      .replace(/\uFFFD$/, '') + mark
  )
}

function referenceTo({ apiVersion, kind, metadata }: PartialObjectMetadata): ObjectReference {
  const { name = '', namespace, uid = '', resourceVersion } = metadata
  return { apiVersion, kind, namespace, name, uid, resourceVersion }
}

function render(event: EventSeries, o: EventRecorderOptions) {
  const { name, namespace } = event.regarding
  const repeated = { count: event.count, lastObservedTime: microTime(event.lastSeen) }
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace: namespace ?? 'default', name: `${name.slice(0, 236)}.${randomBytes(8).toString('hex')}` },
    eventTime: microTime(event.lastSeen),
    series: event.count > 1 ? repeated : undefined,
    type: event.type,
    reason: event.reason,
    // Required, and not told apart from the reason here.
    action: event.reason,
    note: event.note,
    regarding: event.regarding,
    reportingController: o.component,
    reportingInstance: o.instance,
  }
}
