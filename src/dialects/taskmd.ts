import type { Finding } from '../api/finding.ts'
import { type ContextBlock, taskMarkdown } from '../expand/taskmd.ts'
import type { Dialect } from './dialect.ts'
import { repositoryList } from './instructions.ts'
import type { Task } from './task.ts'

/**
 * KubeTask's contract: the whole task is a file in the workspace, whose image and command are the AgentRuntime's.
 * https://github.com/kubeopencode/kubeopencode, docs/architecture.md
 */
export const taskMd: Dialect = {
  name: 'task-md',
  render: (task) => ({
    env: [
      { name: 'TASK_NAME', value: task.name },
      { name: 'TASK_NAMESPACE', value: task.namespace },
    ],
    files: [{ path: `${task.paths.workspaceDir}/task.md`, text: taskMarkdown(task.prompt, blocks(task)) }],
    errors: [],
    warnings: untold(task),
  }),
  readOutput: () => undefined,
}

function blocks({ namespace, instructions, repositories }: Task): ContextBlock[] {
  const list: ContextBlock[] = []
  const add = (name: string, text: string) => list.push({ name, namespace, type: 'AgentJob', text })
  if (instructions !== undefined) add('instructions', instructions)
  if (repositories.length) add('repositories', repositoryList(repositories))
  return list
}

function untold({ model, allowedTools, mcpServers, skills }: Task): Finding[] {
  const lost: [string, boolean][] = [
    ['spec.model', model !== undefined],
    ['spec.roleRef', allowedTools !== undefined],
    ['spec.mcpServerRefs', mcpServers.length > 0],
    ['spec.skillRefs', skills.length > 0],
  ]
  return lost.flatMap(([path, given]) =>
    given ? [{ path, message: 'has no place in task.md; an AgentRuntime of dialect task-md is not told of it' }] : [],
  )
}
