/** What users do to one AgentJob, or to what belongs to it. */
export type Operation =
  /** `stranger` puts a Job of somebody else's under the name of its first Job before. */
  | { kind: 'create'; stranger?: boolean }
  /** A change of the spec, by which it runs again. */
  | { kind: 'change'; prompt: string }
  | { kind: 'suspend'; suspend: boolean }
  | { kind: 'rerun' }
  | { kind: 'stop' }
  | { kind: 'label' }
  /** The manifest that it was created from, once more. */
  | { kind: 'apply' }
  | { kind: 'delete' }
  /** Deletes its Job once the status says how it ended, as the Job's TTL would. */
  | { kind: 'clean-up' }
  | { kind: 'recreate' }
  /** Of a child of a kind, if there is one by then. */
  | { kind: 'delete-child'; child: string }
  | { kind: 'edit-child'; child: string }
  /** `kubectl create job --from=cronjob/…` */
  | { kind: 'trigger' }
  /** Creates or changes an object that AgentJobs refer to. */
  | { kind: 'reference'; reference: 'AgentRuntime' | 'AgentRole'; name: string; content: string }

export type Step = { atMs: number } & Operation

/** An AgentJob from its creation on. */
export interface Life {
  /** Empty where the API server is to choose one. */
  name: string
  spec: Record<string, unknown>
  steps: Step[]
}

/** Name of the AgentRuntime that all AgentJobs of a schedule share. */
export const RUNTIME = 'shared'
