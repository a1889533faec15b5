import { agentAuth } from './agentauth.ts'
import { agentJob } from './agentjob.ts'
import { agentQuota } from './agentquota.ts'
import { agentRole } from './agentrole.ts'
import { agentRuntime } from './agentruntime.ts'
import { agentSkill } from './agentskill.ts'
import { clusterAccess } from './clusteraccess.ts'
import { context } from './context.ts'
import type { KindDefinition } from './kind.ts'
import { mcpServer } from './mcpserver.ts'
import { repository } from './repository.ts'

/** Every kind of the group, in the order in which people meet them. */
export const kinds: KindDefinition[] = [
  agentJob,
  agentRuntime,
  agentAuth,
  agentRole,
  agentSkill,
  mcpServer,
  repository,
  context,
  clusterAccess,
  agentQuota,
]

/** The kind of that name, or undefined. */
export const kindOf = (name: string): KindDefinition | undefined => kinds.find((kind) => kind.kind === name)
