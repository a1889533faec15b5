import type { Peer } from '../foreign.ts'
import { agent } from './agent.ts'
import { config } from './config.ts'
import { context } from './context.ts'
import { cronTask } from './crontask.ts'
import { GROUPS } from './group.ts'
import { others } from './others.ts'
import { task } from './task.ts'
import { taskTemplate } from './template.ts'

/**
 * KubeTask, which is called KubeOpenCode since 2026: https://github.com/kubetask-io/kubetask. One version, v1alpha1, stood
 * for shapes that do not agree, so that an object's generation is told by its shape.
 */
export const kubeTask: Peer = {
  name: 'KubeTask',
  groups: GROUPS,
  versions: ['v1alpha1'],
  kinds: [
    config('KubeTaskConfig'),
    config('KubeOpenCodeConfig'),
    context,
    agent('Agent'),
    agent('AgentTemplate'),
    taskTemplate,
    task,
    cronTask,
    ...others,
  ],
}
