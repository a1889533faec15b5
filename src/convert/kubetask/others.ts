import type { ForeignKind } from '../foreign.ts'

const STAGES = 'is not carried over, because an AgentJob is one run, without stages'
const PIPELINE =
  'let Argo Workflows, Tekton or another pipeline apply the AgentJobs, as KubeTask itself came to recommend'

/** Kinds that have no counterpart, and what to do instead. */
const REASONS: Record<string, string> = {
  Workflow: `${STAGES}; ${PIPELINE}`,
  WorkflowRun: `${STAGES}; ${PIPELINE}`,
  CronWorkflow: `${STAGES}; ${PIPELINE}; one stage with one Task is an AgentJob with a schedule`,
  WebhookTrigger:
    'is not carried over, because nothing here listens to webhooks; let Argo Events or a small service apply an AgentJob with generateName for each event',
  Registry:
    'is not carried over, because nothing here watches images, skills and plugins; name them in AgentRuntime and AgentSkill',
}

export const others: ForeignKind[] = Object.entries(REASONS).map(([kind, reason]) => ({
  kind,
  fates: {},
  make(object) {
    object.drop('', reason)
    return []
  },
}))
