import type { Phase } from '../api/agentjobstatus.ts'
import { CONTEXT_CONTAINER, SKILL_CONTAINER } from '../expand/names.ts'
import { disruptionOf } from './disruption.ts'
import type { ChildCondition, ContainerState, Pod } from './observed.ts'

/** How a run has failed, in one word and, where somebody has said it, in a sentence. */
export interface Ending {
  phase: Phase
  reason: string
  message?: string
}

/** How a Job's last pod, or what is left of the Job, says that a run has failed. */
export function endingOf(failed: ChildCondition, pod: Pod | undefined, agent: ContainerState | undefined): Ending {
  const { reason, message } = pod?.status ?? {}
  if ([reason, failed.reason].includes('DeadlineExceeded')) return { phase: 'TimedOut', reason: 'DeadlineExceeded' }
  if (reason) return { phase: 'Failed', reason, message }
  const taken = disruptionOf(pod, agent)
  if (taken) return { phase: 'Failed', ...taken }
  const before = beforeTheAgent(pod)
  if (before) return { phase: 'Failed', ...before }
  // of an agent that ended well, in a pod that did not, the Job knows more
  const exited = agent?.terminated?.exitCode ? agent.terminated.reason : undefined
  return { phase: 'Failed', reason: exited || failed.reason || 'Failed' }
}

/** What went wrong before the agent was started: a context could not be fetched, or a container of the user's own. */
function beforeTheAgent(pod: Pod | undefined): Omit<Ending, 'phase'> | undefined {
  const failed = pod?.status?.initContainerStatuses?.find(({ state }) => state?.terminated?.exitCode)
  if (!failed) return undefined
  const { exitCode, message = '' } = failed.state?.terminated ?? {}
  const [, kind = ''] = OURS.exec(failed.name) ?? []
  const { what, reason } = FETCHES[kind] ?? { what: 'the agent was not started', reason: 'InitContainerFailed' }
  return {
    reason,
    message: `${what}: container ${failed.name} exited with code ${exitCode}${message.trim() ? `: ${withoutUser(message.trim())}` : ''}`,
  }
}

const FETCHES: Record<string, { what: string; reason: string }> = {
  [CONTEXT_CONTAINER]: { what: 'a context could not be fetched', reason: 'ContextFailed' },
  [SKILL_CONTAINER]: { what: 'a skill could not be fetched', reason: 'SkillFailed' },
}
const OURS = new RegExp(`^(${Object.keys(FETCHES).join('|')})\\d+(-check|-find)?$`)
/** A user's name is a token at some hosts; who reads a status need not be one who reads logs. */
const withoutUser = (text: string) => text.replace(/(https?:\/\/)[^/@\s]+@/g, '$1…@')
