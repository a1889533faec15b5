import type { AgentJobStatus, SkipReason } from '../../api/agentjobstatus.ts'
import { nextRun } from '../../api/schedule.ts'
import { deriveStatus } from '../derive.ts'
import { nextLook } from '../nextlook.ts'
import type { Observed } from '../observed.ts'
import { type Given, observed, running, scheduledJob } from './observed.ts'

/** From when until when something is so, in seconds from the start. */
export type Span = [from: number, until: number]

/** What happens to a schedule in a cluster. */
export interface Story {
  schedule: string
  concurrencyPolicy: 'Allow' | 'Forbid' | 'Replace'
  startingDeadlineSeconds?: number
  /** How many seconds the runs take, in turn. */
  take: number[]
  /** How many Jobs are kept once they have ended. */
  keep: number
  suspended: Span[]
  /** Something that it refers to is not there. */
  missing: Span[]
  /** Nobody looks after CronJobs. */
  outage: Span[]
  /** No Job may be created. */
  full: Span[]
  /** Our own controller is away. */
  away: Span[]
  /** How many seconds the clock of who looks after CronJobs is ahead of ours. */
  ahead: number
  seconds: number
}

/** What came of it. */
export interface Told {
  /** Every Job that there ever was, by when it was due; milliseconds since 1970. */
  jobs: { at: number; start: number; end: number }[]
  /** Every status that was written. */
  statuses: { now: number; status: AgentJobStatus }[]
}

export const START = Date.parse('2026-05-04T09:00:00Z')
const STEP = 5
const iso = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** Whether a time, in milliseconds since 1970, lies in one of the spans. */
export const isIn = (spans: Span[], ms: number): boolean =>
  spans.some(([from, until]) => ms >= START + from * 1000 && ms < START + until * 1000)

/** A schedule in a cluster whose CronJobs are looked after as Kubernetes does it, and what we make of it. */
export function play(story: Story): Told {
  const told: Told = { jobs: [], statuses: [] }
  const cluster = { last: undefined as number | undefined, isSuspended: false, refusals: [] as string[] }
  let [status, look, seenSince, before] = [
    undefined as AgentJobStatus | undefined,
    0,
    undefined as Date | undefined,
    '',
  ]
  for (let now = START; now <= START + story.seconds * 1000; now += STEP * 1000) {
    const isHeld = isIn(story.suspended, now) || isIn(story.missing, now)
    const isAway = isIn(story.away, now)
    if (isAway) seenSince = undefined
    else {
      seenSince ??= new Date(now)
      cluster.isSuspended = isHeld
    }
    if (!isIn(story.outage, now) && !cluster.isSuspended) lookAfter(story, cluster, told.jobs, now)
    const kept = told.jobs.filter((job, n) => job.end >= now - STEP * 1000 || told.jobs.length - n <= story.keep)
    const given: Given = {
      schedule: story.schedule,
      concurrencyPolicy: story.concurrencyPolicy,
      startingDeadlineSeconds: story.startingDeadlineSeconds,
      suspend: isIn(story.suspended, now),
      problems: isIn(story.missing, now) ? [{ reason: 'ReferenceNotFound', path: 'spec.runtimeRef', message: '' }] : [],
      cronJob: {
        metadata: { name: 'a', uid: 'uid-cron', creationTimestamp: iso(START) },
        spec: { suspend: cluster.isSuspended },
        status: cluster.last === undefined ? {} : { lastScheduleTime: iso(cluster.last) },
      },
      runs: kept.map((job) => runOf(job, now)),
      refusals: cluster.refusals,
      seenSince,
      now: new Date(now),
    }
    const state = JSON.stringify([given.suspend, given.problems, given.cronJob, given.runs])
    if (isAway || (state === before && now < look)) continue
    before = state
    const seen: Observed = observed({ ...given, status })
    status = deriveStatus(seen)
    if (JSON.stringify(status) !== JSON.stringify(told.statuses.at(-1)?.status)) told.statuses.push({ now, status })
    look = nextLook(status, seen.job.spec, seen.now)?.getTime() ?? Number.POSITIVE_INFINITY
  }
  return told
}

function runOf({ at, end, start }: Told['jobs'][number], now: number) {
  const conditions = [{ type: 'Complete', status: 'True', lastTransitionTime: iso(end) }]
  const ended = { startTime: iso(start), completionTime: iso(end), succeeded: 1, conditions }
  return now < end
    ? { job: scheduledJob(iso(at), { status: { startTime: iso(start), active: 1 } }), pods: [running()] }
    : { job: scheduledJob(iso(at), { status: ended }), pods: [] }
}

/** One look of Kubernetes' CronJob controller, as syncCronJob has it. */
function lookAfter(
  { schedule, concurrencyPolicy, startingDeadlineSeconds: deadline, take, full, ahead }: Story,
  cluster: { last: number | undefined; refusals: string[] },
  jobs: Told['jobs'],
  now: number,
): void {
  const clock = now + ahead * 1000
  let due: number | undefined
  for (let fire = fireAfter(schedule, cluster.last ?? START); fire <= clock; fire = fireAfter(schedule, fire))
    due = fire
  if (due === undefined || (deadline !== undefined && due + deadline * 1000 < clock)) return
  const active = jobs.filter(({ end }) => end > now)
  if (concurrencyPolicy === 'Forbid' && active.length) return
  if (isIn(full, now)) {
    const name = `a-${due / 60_000}`
    cluster.refusals.push(`Error creating job: jobs.batch "${name}" is forbidden: exceeded quota: few`)
    return
  }
  if (concurrencyPolicy === 'Replace') for (const job of active) job.end = now
  jobs.push({ at: due, start: now, end: now + (take[jobs.length % take.length] as number) * 1000 })
  cluster.last = due
}

/** All times of a schedule until then, in milliseconds since 1970. */
export function firesUntil(schedule: string, until: number): number[] {
  const fires: number[] = []
  for (let fire = fireAfter(schedule, START); fire <= until; fire = fireAfter(schedule, fire)) fires.push(fire)
  return fires
}

const fires = new Map<string, number>()
function fireAfter(schedule: string, ms: number): number {
  const key = `${schedule} ${ms}`
  const fire = fires.get(key) ?? nextRun(schedule, 'Etc/UTC', new Date(ms))?.getTime() ?? Number.POSITIVE_INFINITY
  fires.set(key, fire)
  return fire
}

/** What was told of the times of a schedule, the newest word on each row. */
export function rowsOf({ statuses }: Told): { from: number; until: number; count: number; reason: SkipReason }[] {
  const rows = new Map<string, { from: number; until: number; count: number; reason: SkipReason }>()
  for (const { status } of statuses)
    for (const { scheduledAt, until = scheduledAt, count = 1, reason } of status.skips ?? [])
      rows.set(scheduledAt, { from: Date.parse(scheduledAt), until: Date.parse(until), count, reason })
  return [...rows.values()]
}
