import type { AgentJob } from '../api/agentjob.ts'
import type { ChildResource } from '../api/expansion.ts'
import { CONTEXT_CONTAINER, SKILL_CONTAINER } from '../expand/names.ts'

interface Template {
  spec?: { initContainers?: { name?: string; image?: string }[] }
}
interface Spec {
  template?: Template
  jobTemplate?: { spec?: { template?: Template } }
}

/** Whether a message speaks of an image that fetches contexts or skills, and not of the agent's. */
export const isFetchImage = ({ expansion }: AgentJob, message: string): boolean =>
  (expansion?.resources ?? []).flatMap(imagesOf).some((image) => message.includes(`"${image}"`))

function imagesOf({ spec }: ChildResource): string[] {
  const { template, jobTemplate } = (spec ?? {}) as Spec
  const { initContainers = [] } = (template ?? jobTemplate?.spec?.template)?.spec ?? {}
  return initContainers.flatMap(({ name = '', image = '' }) =>
    [CONTEXT_CONTAINER, SKILL_CONTAINER].some((prefix) => name.startsWith(prefix)) ? [image] : [],
  )
}
