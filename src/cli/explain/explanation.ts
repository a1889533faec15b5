import type { Condition, Run } from '../../api/agentjobstatus.ts'
import { AGENT_CONTAINER } from '../../expand/pod.ts'
import type { ContainerState } from '../../status/observed.ts'
import { isTerminal } from '../../status/run.ts'
import { causeOf } from './cause.ts'
import { type CoreEvent, type Facts, type LogTail, type PlacedPod, seenAt, TAIL_LINES } from './facts.ts'
import { nextSteps } from './nextsteps.ts'

/** An event as it is shown. */
export interface ToldEvent {
  /** RFC 3339. */
  at: string
  type: string
  /** `Pod hello-43c397f0-x2k4s`. */
  about: string
  reason: string
  message: string
  count: number
}

/** Where a container of a pod stands, in words. */
export interface ToldContainer {
  name: string
  state: string
}

/** Why an AgentJob stands where it stands, and what to do: what `agentjob explain -o json` prints. Times are RFC 3339. */
export interface Explanation {
  namespace?: string
  name?: string
  phase: string
  since?: string
  reason?: string
  cause: string
  remedy?: string
  nextRunTime?: string
  /** Those that are not as they should be. */
  conditions: Pick<Condition, 'type' | 'status' | 'reason' | 'message' | 'lastTransitionTime'>[]
  /** The newest run. */
  run?: Omit<Run, 'result' | 'sessionId' | 'usage' | 'logTail'>
  pod?: { name: string; phase?: string; node?: string; containers: ToldContainer[] }
  /** The last ones, the newest last. */
  events: ToldEvent[]
  log?: LogTail
  /** What could not be read, and why. */
  unread: string[]
  /** Commands to go on with. */
  next: string[]
}

const MAX_EVENTS = 8

/** What there is to say of an AgentJob, from what is known of it. */
export function explain(facts: Facts): Explanation {
  const { job, events, pod, log, unread, jobName } = facts
  const { status, metadata } = job
  const cause = causeOf(facts)
  const run = status?.runs?.find((one) => one.jobName === jobName) ?? cause.run
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    phase: status?.phase ?? 'Pending',
    since: since(facts),
    reason: status?.reason,
    cause: cause.cause,
    remedy: cause.remedy,
    nextRunTime: status?.nextRunTime,
    conditions: (status?.conditions ?? []).filter(isWrong).map(shownCondition),
    run: run && withoutWords(run),
    pod: pod && shownPod(pod),
    events: [...events]
      .sort((a, b) => (seenAt(a) < seenAt(b) ? -1 : 1))
      .slice(-MAX_EVENTS)
      .map(shownEvent),
    log: log ?? (run && keptOf(run)),
    unread,
    next: nextSteps(facts, cause),
  }
}

/** Since when it is in its phase. */
function since({ job: { status, metadata } }: Facts): string | undefined {
  const { phase = 'Pending', completionTime, startTime, conditions = [] } = status ?? {}
  if (isTerminal(phase)) return completionTime
  if (phase === 'Running') return startTime
  // no condition changes with these
  if (['Suspended', 'Scheduled', 'Queued'].includes(phase)) return undefined
  const said = ['Stalled', 'Reconciling', 'Ready'].map((type) => conditions.find((one) => one.type === type))
  return said.find((one) => one !== undefined)?.lastTransitionTime ?? metadata.creationTimestamp
}

/** Reconciling tells of what Ready does not know yet. */
const isWrong = ({ type, status }: Condition) =>
  status === (['Failed', 'Stalled', 'Reconciling'].includes(type) ? 'True' : 'False')

const shownCondition = ({ type, status, reason, message, lastTransitionTime }: Condition) => ({
  ...{ type, status, reason, message, lastTransitionTime },
})

const withoutWords = ({ result: _, sessionId: __, usage: ___, logTail: ____, ...run }: Run) => run

/** The end of a log that is gone, as far as the status has kept it. */
const keptOf = ({ logTail }: Run): LogTail | undefined =>
  logTail === undefined
    ? undefined
    : { container: AGENT_CONTAINER, lines: logTail.split('\n').slice(-TAIL_LINES), isKept: true }

const shownPod = ({ metadata, spec, status }: PlacedPod) => ({
  name: metadata.name,
  phase: status?.phase,
  node: spec?.nodeName,
  containers: [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map(
    ({ name, state }) => ({ name, state: stateOf(state) }),
  ),
})

function stateOf({ waiting, running, terminated }: ContainerState = {}): string {
  if (terminated)
    return `ended with exit code ${terminated.exitCode}${terminated.reason ? ` (${terminated.reason})` : ''}`
  if (running) return 'running'
  return waiting?.reason ? `waiting (${waiting.reason})` : 'waiting'
}

const shownEvent = (event: CoreEvent): ToldEvent => ({
  at: seenAt(event),
  type: event.type ?? 'Normal',
  about: `${event.involvedObject.kind} ${event.involvedObject.name}`,
  reason: event.reason ?? '',
  message: event.message ?? '',
  count: event.series?.count ?? event.count ?? 1,
})
