import { API_VERSION } from '../../src/api/kind.ts'
import type { KubeObject } from '../../src/kube/object.ts'

/** Stands in a body for the name that each object gets. */
export const PLACEHOLDER = 'name-placeholder'

const object = (kind: string, name: string, spec: object): KubeObject => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name },
  spec,
})

/** Four objects for AgentJobs to refer to. */
export const references = (): KubeObject[] => [
  object('AgentRuntime', 'claude-code', { image: 'registry.example.com/claude-code:1', authEnvVar: 'CLAUDE_TOKEN' }),
  object('AgentAuth', 'claude', { secretRef: { name: 'claude', key: 'token' } }),
  object('AgentRole', 'reviewer', { allowedTools: ['Bash', 'Read', 'Edit'] }),
  object('Repository', 'website', {
    owner: 'acme',
    name: 'website',
    tokenSecretRef: { name: 'github', key: 'token' },
  }),
]

const PROMPT = 'Look for pull requests whose checks fail, find out why, and mend them. Leave the others alone.'

/** An AgentJob that refers to all four, and brings about a Job or a CronJob and nothing else. */
export const agentJob = (name: string, spec: object = {}): KubeObject =>
  object('AgentJob', name, {
    runtimeRef: 'claude-code',
    authRef: 'claude',
    roleRef: 'reviewer',
    repositoryRefs: ['website'],
    prompt: PROMPT,
    ...spec,
  })

/** A schedule whose next run is far from any benchmark. */
export const schedule = (): { schedule: string } => {
  const month = ((new Date().getUTCMonth() + 6) % 12) + 1
  return { schedule: `0 0 1 ${month} *` }
}
