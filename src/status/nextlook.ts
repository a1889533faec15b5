import type { AgentJob } from '../api/agentjob.ts'
import type { AgentJobStatus, Skip } from '../api/agentjobstatus.ts'
import { type Due, endOf, fireAfter, GRACE } from './fires.ts'

/** How late, in seconds, a look may be so that one write tells both of a skip and of the next run. */
const LATE = 600

/** The last time of a row of skips, in milliseconds since 1970. */
export const lastOf = ({ scheduledAt, until }: Skip): number => Date.parse(until ?? scheduledAt)

/** Whether what is due comes right after a skip. */
export const followsOn = (due: Due, skip: Skip | undefined) =>
  skip !== undefined && fireAfter(due, lastOf(skip)) === Date.parse(due.time)

/**
 * When a status has something to tell that no change of an object brings up: a time of the schedule to which nothing has
 * come. Undefined where there is nothing to wait for, as in a pause that has been told of.
 */
export function nextLook({ due, skips, nextRunTime }: AgentJobStatus, spec: AgentJob['spec'], now: Date) {
  const { startingDeadlineSeconds: deadline } = spec
  const at = (time: number) => (Number.isFinite(time) ? new Date(time + GRACE) : undefined)
  if (nextRunTime !== undefined) {
    const next = Date.parse(nextRunTime)
    if (!due) return at(next)
    const soon = deadline !== undefined && deadline <= LATE ? deadline : undefined
    const late =
      Date.parse(due.time) <= now.getTime() ? endOf(due, Date.parse(due.time), soon) : Number.POSITIVE_INFINITY
    return at(Math.min(late, soon === undefined ? next : endOf(due, next, soon)))
  }
  if (!due?.heldBy) return undefined
  const isTold = skips?.[0]?.reason === due.heldBy && followsOn(due, skips[0])
  return isTold ? undefined : at(endOf(due, Date.parse(due.time), deadline))
}
