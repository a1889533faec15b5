import type { AgentJobStatus, Run } from '../api/agentjobstatus.ts'
import { objectKey } from '../kube/object.ts'
import type { Owed } from '../notify/outbox.ts'
import { isOwed } from '../status/notifications.ts'
import { payloadOf } from '../status/payload.ts'
import type { CachedAgentJob } from './caches.ts'
import type { Context } from './context.ts'

/** Has delivered what a status that is stored says is owed; returns at once. */
export function deliverOwed(ctx: Context, job: CachedAgentJob, { runs = [] }: AgentJobStatus): void {
  const { notify } = job.spec
  const owed = notify ? runs.filter(isOwed).map((run) => owedFor(job, notify.url, run)) : []
  ctx.outbox.owe(objectKey(job), owed)
}

const owedFor = (job: CachedAgentJob, url: string, run: Run): Owed => ({
  id: run.uid as string,
  url,
  since: new Date(run.notification?.since ?? 0),
  body: () => JSON.stringify(payloadOf(job, run)),
})

/** Tells of notifications that were given up since the status before, and of those that newer runs have driven out of it. */
export function announceNotifications(ctx: Context, job: CachedAgentJob, { runs = [] }: AgentJobStatus): void {
  const now = new Map(runs.map((run) => [run.uid, run]))
  for (const before of job.status?.runs?.filter(isOwed) ?? []) {
    const run = now.get(before.uid)
    const why = run ? failureOf(run) : 'ten newer runs have taken its place'
    if (why) ctx.record(job, 'Warning', 'NotifyFailed', `nobody was told that ${before.jobName} ended: ${why}`)
  }
}

const failureOf = ({ notification }: Run) =>
  notification?.state === 'Failed' ? (notification.message ?? 'it was given up') : undefined
