import type { Phase } from '../api/agentjobstatus.ts'
import { withoutUser } from '../api/withoutuser.ts'
import { CONTEXT_CONTAINER, OUTPUTS_CONTAINER, PRECHECK_CONTAINER, SKILL_CONTAINER } from '../expand/names.ts'
import { disruptionOf } from './disruption.ts'
import type { ChildCondition, ContainerState, Pod } from './observed.ts'
import { hasRun } from './pods.ts'

/** How a run has failed, in one word and, where somebody has said it, in a sentence. */
export interface Ending {
  phase: Phase
  reason: string
  message?: string
}

/** Reason of a Job that its podFailurePolicy has ended: https://pkg.go.dev/k8s.io/api/batch/v1#JobReasonPodFailurePolicy */
export const POLICY = 'PodFailurePolicy'

/** How a Job's last pod, or what is left of the Job, says that a run has failed; `said` is its program's word for it. */
export function endingOf(
  failed: ChildCondition,
  pod: Pod | undefined,
  agent: ContainerState | undefined,
  said?: string,
): Ending {
  const ending = causeOf(failed, pod, agent)
  if (ending.phase !== 'Failed') return ending
  const message = ending.message ?? said
  return { ...ending, message: failed.reason === POLICY ? untried(message ?? exitOf(agent), failed) : message }
}

/** Why nothing was tried again, where there were attempts left. */
const untried = (message: string | undefined, failed: ChildCondition) =>
  `${message ?? failed.message ?? 'the run failed'}; spec.retry.onFailures does not name that, so that it is not tried again`

function exitOf(agent: ContainerState | undefined): string | undefined {
  const { exitCode, reason } = agent?.terminated ?? {}
  return exitCode
    ? `the agent exited with code ${exitCode}${reason && reason !== 'Error' ? ` (${reason})` : ''}`
    : undefined
}

function causeOf(failed: ChildCondition, pod: Pod | undefined, agent: ContainerState | undefined): Ending {
  const { reason, message } = pod?.status ?? {}
  if ([reason, failed.reason].includes('DeadlineExceeded')) return { phase: 'TimedOut', reason: 'DeadlineExceeded' }
  if (reason) return { phase: 'Failed', reason, message }
  const taken = disruptionOf(pod, agent)
  if (taken) return { phase: 'Failed', ...taken }
  // a sidecar, which ends after the agent, is an init container as well
  const before = hasRun(agent) ? undefined : beforeTheAgent(pod)
  if (before) return { phase: 'Failed', ...before }
  // of an agent that ended well, in a pod that did not, the Job knows more
  const exited = agent?.terminated?.exitCode ? agent.terminated.reason : undefined
  if (exited && UNSTARTED.includes(exited))
    return { phase: 'Failed', reason: exited, message: `the agent could not be started: ${agent?.terminated?.message}` }
  return { phase: 'Failed', reason: exited || failed.reason || 'Failed' }
}

/** Words of the container runtime for a command that is not there, or cannot be run. */
const UNSTARTED = ['StartError', 'ContainerCannotRun']

/** What went wrong before the agent was started: a context could not be fetched, a precheck or a container of the user's own. */
function beforeTheAgent(pod: Pod | undefined): Omit<Ending, 'phase'> | undefined {
  const failed = pod?.status?.initContainerStatuses?.find(
    ({ name, state }) => name !== OUTPUTS_CONTAINER && state?.terminated?.exitCode,
  )
  if (!failed) return undefined
  const { exitCode, message = '' } = failed.state?.terminated ?? {}
  const [, kind = failed.name] = OURS.exec(failed.name) ?? []
  const { what, reason } = STEPS[kind] ?? { what: 'the agent was not started', reason: 'InitContainerFailed' }
  return {
    reason,
    message: `${what}: container ${failed.name} exited with code ${exitCode}${message.trim() ? `: ${withoutUser(message.trim())}` : ''}`,
  }
}

const STEPS: Record<string, { what: string; reason: string }> = {
  [CONTEXT_CONTAINER]: { what: 'a context could not be fetched', reason: 'ContextFailed' },
  [SKILL_CONTAINER]: { what: 'a skill could not be fetched', reason: 'SkillFailed' },
  [PRECHECK_CONTAINER]: { what: 'the precheck failed', reason: 'PrecheckFailed' },
}
const OURS = new RegExp(`^(${CONTEXT_CONTAINER}|${SKILL_CONTAINER})\\d+(-check|-find)?$`)
