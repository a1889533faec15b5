import type { Fates } from './fates.ts'
import { METADATA, OF_CONTROLLER } from './metadata.ts'

/** Fields that are called the same here and mean the same. */
const same = (...paths: string[]): Fates => Object.fromEntries(paths.map((path) => [path, { to: path }]))

export const AGENT_JOB: Fates = {
  ...METADATA,
  ...same('spec.prompt', 'spec.instructions', 'spec.model', 'spec.runtimeRef', 'spec.authRef', 'spec.roleRef'),
  ...same('spec.skillRef', 'spec.mcpServerRefs', 'spec.repositoryRefs'),
  'spec.clusterAccessRef': {
    to: 'spec.clusterAccessRef',
    note: 'whoever applies this needs the verb use on the ClusterAccess, or every right in it',
  },
  'spec.schedule': { to: 'spec.schedule', sometimes: 'without one, redeploy: OnChange is written' },
  'spec.timezone': { to: 'spec.timezone' },
  'spec.suspend': { to: 'spec.suspend', sometimes: 'running pods are left alone; agentjob stop ends a run' },
  'spec.timeoutSeconds': { to: 'spec.timeoutSeconds', sometimes: 'at least 1' },
  'spec.persist': { to: 'spec.persist', sometimes: 'the volume is a new one; copy what is on the old one' },
  'spec.env': { to: 'spec.env', sometimes: 'wins over the token of the AgentAuth, which won before' },
  ...same('spec.envFrom', 'spec.resources'),
  status: { left: OF_CONTROLLER },
}

export const AGENT_RUNTIME: Fates = {
  ...METADATA,
  ...same('spec.image', 'spec.command', 'spec.authEnvVar', 'spec.configPath', 'spec.persistPath'),
}

export const AGENT_AUTH: Fates = { ...METADATA, ...same('spec.secretRef.name', 'spec.secretRef.key') }

export const AGENT_ROLE: Fates = { ...METADATA, ...same('spec.allowedTools') }

export const AGENT_SKILL: Fates = { ...METADATA, ...same('spec.repo', 'spec.name', 'spec.ref') }

export const MCP_SERVER: Fates = {
  ...METADATA,
  ...same('spec.command'),
  'spec.args': { to: 'spec.args', sometimes: 'dropped beside a url: they go with a command' },
  'spec.url': { to: 'spec.url', sometimes: 'exactly one of command and url' },
}

export const REPOSITORY: Fates = {
  ...METADATA,
  ...same('spec.owner', 'spec.name'),
  'spec.tokenSecretRef': {
    to: 'spec.tokenSecretRef',
    note: 'does something now: the agent gets the token in REPOSITORY_NAME_TOKEN, and in GH_TOKEN where it is the only one for github.com',
  },
}

export const CLUSTER_ACCESS: Fates = {
  ...METADATA,
  'spec.rules': {
    to: 'spec.rules',
    note: 'scope: Cluster is written, because the rules hold in the whole cluster; whoever applies this must hold every right in it; scope: Namespace is enough for most',
  },
}
