import type { AgentJob } from '../api/agentjob.ts'
import type { ChildResource } from '../api/expansion.ts'
import { CONTEXT_CONTAINER, SKILL_CONTAINER } from '../expand/names.ts'
import { podSpecOf } from './podspec.ts'

/** Whether a message speaks of an image that fetches contexts or skills, and not of the agent's. */
export const isFetchImage = ({ expansion }: AgentJob, message: string): boolean =>
  (expansion?.resources ?? []).flatMap(imagesOf).some((image) => message.includes(`"${image}"`))

const imagesOf = (child: ChildResource): string[] =>
  (podSpecOf(child)?.initContainers ?? []).flatMap(({ name = '', image = '' }) =>
    [CONTEXT_CONTAINER, SKILL_CONTAINER].some((prefix) => name.startsWith(prefix)) ? [image] : [],
  )
