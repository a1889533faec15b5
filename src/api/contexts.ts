import { z } from 'zod'
import { type ContextSpec, contextSources, contextType, memberRules } from './context.ts'
import { absolutePath, fileMode, objectName } from './fields.ts'
import { ruled } from './ruled.ts'

const use = ruled(
  z.object({
    name: objectName('Context to use; or else the context stands here, as in the spec of one.').optional(),
    type: contextType.optional(),
    ...contextSources,
    mountPath: absolutePath(
      'Where it is put: a file, or a folder. Left out, a text is part of task.md in the workspace, and anything else lies in its folder contexts.',
    ).optional(),
    fileMode: fileMode(
      'Permissions of the files; 0644 is assumed, and 0600 for a Secret. Not for what Git has, and not for a text that is part of task.md.',
    ).optional(),
  }),
  [
    {
      rule: 'has(self.name) != has(self.type)',
      message: 'must have a name, of a Context, or a type and its member, not both',
      holds: ({ name, type }) => (name === undefined) !== (type === undefined),
    },
    ...memberRules,
    {
      rule: "has(self.name) || has(self.mountPath) || !has(self.type) || self.type in ['Inline', 'ConfigMap']",
      message: 'must have a mountPath: it has no name by which it could lie in the workspace',
      holds: ({ name, mountPath, type }) =>
        name !== undefined || mountPath !== undefined || !['Secret', 'Git', 'Url'].includes(type ?? ''),
    },
  ],
)
/** A context as an AgentJob or an AgentRuntime uses it. */
export type ContextUse = z.output<typeof use>

/** `contexts` of an AgentJob or an AgentRuntime. */
export const contexts = (description: string) =>
  z.array(use).max(32).optional().meta({ description, 'x-kubernetes-list-type': 'atomic' })

/** The context that stands in an entry itself; undefined where it names one. */
export function inlineContext({
  name: _,
  mountPath: _1,
  fileMode: _2,
  ...source
}: ContextUse): ContextSpec | undefined {
  return source.type && (source as ContextSpec)
}
