import type { Rendered, Task } from './task.ts'

/** A task for the tests of this folder that says the least, and whatever else is given. */
export const task = (more: Partial<Task> = {}): Task => ({
  name: 'hello',
  namespace: 'agents',
  prompt: 'Say hello.',
  mcpServers: [],
  skills: [],
  repositories: [],
  paths: { home: '/home/agent', tmp: '/tmp', workspaceDir: '/workspace', files: '/etc/agentjob' },
  ...more,
})

/** The text of a rendered file, by its name; empty where there is none. */
export const fileOf = ({ files }: Rendered, name: string): string =>
  files.find(({ path }) => path.endsWith(`/${name}`))?.text ?? ''
