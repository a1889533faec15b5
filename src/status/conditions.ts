import type { Condition } from '../api/agentjobstatus.ts'
import { shortened } from './shortened.ts'

/** How many characters a message may have: the API server may refuse a child with a whole page. */
export const MAX_MESSAGE = 4096

/** A condition before it is known since when it holds. */
export type Claim = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

/** Conditions from claims: the time of the last transition stays where the status of the condition does. */
export function conditionsFrom(
  claims: Claim[],
  before: Condition[] = [],
  now: Date,
  observedGeneration: number | undefined,
): Condition[] {
  return claims.map((claim) => {
    const old = before.find(({ type }) => type === claim.type)
    const since = old?.status === claim.status ? old.lastTransitionTime : timestamp(now)
    const message = shortened(claim.message, MAX_MESSAGE)
    return {
      ...claim,
      message,
      lastTransitionTime: since,
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
    }
  })
}

/** A time as Kubernetes writes it: RFC 3339, seconds. */
export const timestamp = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`
