import type { Run } from '../api/agentjobstatus.ts'
import type { Ending } from './ending.ts'
import type { ContainerState, Pod } from './observed.ts'

/** What is said of a run whose time was up before its agent had started. */
export const NEVER_STARTED = 'the agent never started'

/** Whether a pod that is known has an agent that never ran, of a run that has waited for it all the time. */
export const neverStarted = (
  pod: Pod | undefined,
  state: ContainerState | undefined,
  before: Run | undefined,
): before is Run => before?.phase === 'Pending' && pod !== undefined && !state?.running && !state?.terminated

/** A timeout says what the agent has waited for; the pod itself does not tell any more. */
export const timedOut = (ending: Ending, { reason }: Run): Ending =>
  ending.phase === 'TimedOut' ? { ...ending, message: reason ? `${NEVER_STARTED}: ${reason}` : NEVER_STARTED } : ending
