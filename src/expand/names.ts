/** Names of the children, all derived, so that two creators meet in the same name. */
export const childNames = {
  job: (name: string, revision: string) => `${name}-${revision}`,
  cronJob: (name: string) => name,
  volume: (name: string) => `${name}-data`,
  serviceAccount: (name: string) => `${name}-runner`,
  policy: (name: string) => `${name}-egress`,
  config: (name: string, hash: string) => `${name}-config-${hash}`,
  /** Cluster-scoped; ":" is in no namespace's name, so that no two AgentJobs share one. */
  clusterRole: (namespace: string, name: string) => `agentjob:${namespace}:${name}`,
}

/** Begin of the names of init containers, and of volumes, that bring a context. */
export const CONTEXT_CONTAINER = 'context-'
/** The same of a skill. */
export const SKILL_CONTAINER = 'skill-'

/** Name of the init container that is asked whether there is anything to do, and of the volume with its answer. */
export const PRECHECK_CONTAINER = 'precheck'

/** Name of the container that reads the agent's outputs when the agent has ended. */
export const OUTPUTS_CONTAINER = 'outputs'

/** Name of the volume with the CAs that agents trust; with a prefix, because it is in pods whose authors name volumes, too. */
export const CA_VOLUME = 'agentjob-ca-bundle'

/** On every child and its pods; what the controller's watches select. */
export const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'agentjob' }
/** Label that holds the name of the AgentJob. */
export const JOB_LABEL = 'agentjob.io/agentjob'
/** Label of cluster-scoped children, which no owner reference ties to their namespace. */
export const NAMESPACE_LABEL = 'agentjob.io/namespace'
export const QUEUE_LABEL = 'kueue.x-k8s.io/queue-name'
export const CONFIG_HASH_ANNOTATION = 'agentjob.io/config-hash'
/** Annotation of a Job that was not started by a CronJob. */
export const REVISION_ANNOTATION = 'agentjob.io/revision'
/** Annotation that holds the hash of what we last applied: what is gone from an expansion shows by it. */
export const APPLIED_ANNOTATION = 'agentjob.io/applied-hash'
/** Annotation of a Job: namespace/name of the AgentRuntime that it runs on. */
export const RUNTIME_ANNOTATION = 'agentjob.io/runtime'
/** Annotation of a Job of a schedule that waits, suspended, until its AgentRuntime has room for it. */
export const HELD_ANNOTATION = 'agentjob.io/held'
/** Annotation of a Job whose program prints what came of it: how to read that. */
export const DIALECT_ANNOTATION = 'agentjob.io/dialect'
/** Annotation of a Job that says what is kept of its log, where that is not as usual: `Never`. */
export const LOG_TAIL_ANNOTATION = 'agentjob.io/log-tail'
/** What the annotations of the pod template that are projected as files begin with: `agentjob.io/agent.json`. */
export const FILE_ANNOTATIONS = 'agentjob.io/'

/**
 * The labels of a child. `app.kubernetes.io/instance` is not among them: Argo CD takes whatever carries it for its own
 * and prunes what it does not find in Git.
 */
export const childLabels = (name: string): Record<string, string> => ({
  'app.kubernetes.io/name': 'agent',
  'app.kubernetes.io/part-of': 'agentjob',
  ...MANAGED_BY,
  [JOB_LABEL]: name,
})
