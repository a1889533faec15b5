import { type AgentJob, agentJob } from '../api/agentjob.ts'
import { formatFinding } from '../api/finding.ts'
import { API_VERSION } from '../api/kind.ts'
import { GENERATED_DIGITS, MAX_NAME } from '../api/names.ts'
import { validate } from '../api/validate.ts'
import { Failure } from './exit.ts'

/** What `agentjob run` is asked for, beside the prompt. */
export interface RunFields {
  runtime: string
  name?: string
  auth?: string
  role?: string
  model?: string
  repo?: string[]
  skill?: string[]
  mcp?: string[]
  contextRef?: string[]
  /** Milliseconds. */
  timeout?: number
}

/** An AgentJob as it is sent to the API server, which knows its defaults. */
export type NewAgentJob = Pick<AgentJob, 'apiVersion' | 'kind' | 'metadata'> & { spec: Record<string, unknown> }

/** The AgentJob that runs a prompt once. A Failure with every error that the webhook would tell of, too. */
export function newAgentJob(prompt: string, o: RunFields): NewAgentJob {
  const fields = {
    runtimeRef: o.runtime,
    authRef: o.auth,
    roleRef: o.role,
    model: o.model,
    repositoryRefs: o.repo,
    skillRefs: o.skill,
    mcpServerRefs: o.mcp,
    contexts: o.contextRef?.map((name) => ({ name })),
    timeoutSeconds: o.timeout === undefined ? undefined : Math.ceil(o.timeout / 1000),
    prompt,
  }
  const job = {
    apiVersion: API_VERSION,
    kind: agentJob.kind,
    metadata: o.name === undefined ? { generateName: generateName(o.runtime) } : { name: o.name },
    spec: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
  }
  const { errors } = validate(agentJob, job)
  if (errors.length) throw new Failure(errors.map(formatFinding))
  return job
}

/** Room for a Job's name, and for the four characters that a name near the limit is warned of. */
const MOST = MAX_NAME.once - GENERATED_DIGITS - 5

/** `claude-code-`: what the name of a run on that runtime begins with. */
const generateName = (runtime: string) => `${runtime.replaceAll('.', '-').slice(0, MOST).replace(/-+$/, '')}-`
