/** Home of the agent, an emptyDir; the path that thurkube's images know. */
export const HOME = '/home/agent'

/** For what is thrown away, an emptyDir. */
export const TMP = '/tmp'

/** Where things lie in the agent's container, unless its AgentRuntime says otherwise. */
export const PATHS = {
  configPath: '/etc/agentjob',
  persistPath: '/var/lib/agentjob',
  workspaceDir: '/workspace',
}

/** A path without the slashes at its end. */
export const trimmed = (path: string): string => path.replace(/\/+$/, '')

/** Where the agent finds what it is told. */
export const configFile = ({ configPath }: { configPath: string }): string => `${trimmed(configPath)}/agent.json`

/** Where the agent finds its whole task, where its runtime is of dialect task-md. */
export const taskFile = ({ workspaceDir }: { workspaceDir: string }): string => `${trimmed(workspaceDir)}/task.md`
