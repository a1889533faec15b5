import type { OwnKeys } from '../metadata.ts'

/** KubeTask's group, and the one it has had since it is called KubeOpenCode. */
export const GROUPS = ['kubetask.io', 'kubeopencode.io']

/** Whether an object is one of KubeOpenCode's. */
export const isOpenCode = (group: string): boolean => group === 'kubeopencode.io'

/** Annotations that end a run. */
export const STOPS = ['kubetask.io/terminate', 'kubetask.io/stop', 'kubeopencode.io/stop']

const NO_SESSIONS = 'asks for a session beside the run, which there is not; agentjob logs shows what the agent said'
const NO_STAGES = 'asks for an order between Tasks, which there is not; let a pipeline apply the one after the other'

export const OWN_KEYS: OwnKeys = {
  isOwn: (key) => GROUPS.some((group) => key.startsWith(`${group}/`)),
  asks: {
    'kubetask.io/human-in-the-loop': NO_SESSIONS,
    'kubetask.io/resume-session': NO_SESSIONS,
    'kubetask.io/depends-on': NO_STAGES,
  },
}
