import type { AgentJob } from '../../api/agentjob.ts'
import type { Pod } from '../../status/observed.ts'

/** A core/v1 Event, as far as it is shown. */
export interface CoreEvent {
  involvedObject: { kind?: string; name?: string }
  type?: string
  reason?: string
  message?: string
  count?: number
  series?: { count?: number; lastObservedTime?: string }
  eventTime?: string | null
  firstTimestamp?: string | null
  lastTimestamp?: string | null
}

/** A pod, and the node that it is on. */
export type PlacedPod = Pod & { spec?: { nodeName?: string } }

/** How many lines of a log's end are shown. */
export const TAIL_LINES = 8

/** Lines of a container's log, from its end. */
export interface LogTail {
  container: string
  lines: string[]
  /** By the status: the log itself is gone, or may not be read. */
  isKept?: true
}

/** All that is known of an AgentJob at one time. */
export interface Facts {
  job: AgentJob
  now: Date
  /** What commands need to reach it: ` -n team`, or nothing. */
  flags: string
  /** The Job of its newest run. */
  jobName?: string
  /** The newest pod of that Job. */
  pod?: PlacedPod
  events: CoreEvent[]
  log?: LogTail
  /** What could not be read, and in the API server's words why. */
  unread: string[]
}

/** When an Event was seen last; RFC 3339, or empty where nobody says. */
export const seenAt = ({ series, lastTimestamp, eventTime, firstTimestamp }: CoreEvent): string =>
  series?.lastObservedTime || lastTimestamp || eventTime || firstTimestamp || ''
