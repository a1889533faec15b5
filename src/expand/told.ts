import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Finding } from '../api/finding.ts'
import { HOME, TMP, trimmed } from '../api/paths.ts'
import { dialectOf } from '../dialects/dialect.ts'
import { asItIs, startCommand } from '../dialects/start.ts'
import type { NamedValue, RenderedFile, Task } from '../dialects/task.ts'
import { type EnvVar, mcpVariable, repositoryVariable } from './environment.ts'
import type { NamedAgentJob } from './input.ts'
import { keptForPeople } from './keptforpeople.ts'
import type { Resolved } from './references.ts'
import { notResumed, resumes } from './resume.ts'
import type { Settings } from './settings.ts'
import { type RenderedSkills, renderSkills } from './skills.ts'
import { type ContextBlock, tagOf } from './taskmd.ts'

/** What the agent is told, in the way of its program. */
export interface Told {
  /** Of the container; the image's own where they are left out. */
  command?: string[]
  args?: string[]
  /** Of a program that is started by us, so that its output is known. */
  dialect?: string
  env: EnvVar[]
  files: RenderedFile[]
  /** Of a program that looks for them in a folder. */
  skills?: RenderedSkills
  /** Where a program keeps its sessions that is to go on with one. */
  sessions?: string
  errors: Finding[]
  warnings: Finding[]
}

/** What a precheck has printed, as an agent is told of it. */
interface ToldPrecheck {
  block: ContextBlock & { path: string }
  /** The prompt that says where it is. */
  prompt: string
}

/** Tells a runtime's program what an AgentJob wants of it; `prompt` with the texts of its contexts. */
export function tell(
  job: NamedAgentJob,
  runtime: AgentRuntimeSpec,
  resolved: Resolved,
  prompt: string,
  settings: Settings,
  precheck?: ToldPrecheck,
): Told {
  const { render } = dialectOf(runtime.dialect)
  const task = taskOf(job, runtime, resolved, prompt)
  const plain = render(task)
  // what takes its prompt from stdin gets the output with it; what takes it out of a file of ours reads on
  const appended = plain.start?.stdin === undefined ? undefined : precheck && appendedOf(precheck)
  const {
    start,
    args,
    env,
    files,
    errors,
    warnings,
    skills: to,
  } = precheck && !appended ? render({ ...task, prompt: precheck.prompt }) : plain
  const { command, args: given } = runtime
  // a program gets them into the folder in which it looks for its user's; others fetch them by themselves
  const skills = start && to !== undefined ? renderSkills(resolved.skills, settings) : undefined
  const folders = (skills?.folders ?? []).map(({ name, from }) => ({ from, to: `${to}/${name}` }))
  const kept = keptForPeople(
    job.spec,
    start
      ? startCommand(
          { ...start, folders, cleared: job.spec.persist ? to : undefined, appended },
          task.paths.workspaceDir,
          runtime,
        )
      : { command, args: args?.map(asItIs) ?? given },
    resolved.runtime?.name,
  )
  return {
    ...kept.container,
    ...(start ? { dialect: runtime.dialect } : {}),
    env: env.map(({ name, value }) => ({ name, value: asItIs(value) })),
    files,
    skills,
    sessions: start?.resumed?.folder,
    errors: [...errors, ...(skills?.errors ?? []), ...kept.errors],
    warnings: [...warnings, ...(resolved.runtime ? notResumed(job.spec, runtime.dialect, start) : [])],
  }
}

const appendedOf = ({ block }: ToldPrecheck) => ({ from: block.path, to: `${TMP}/prompt.md`, tag: tagOf(block) })

/** What an AgentJob comes to with everything that it refers to. */
function taskOf(
  { metadata, spec }: NamedAgentJob,
  runtime: AgentRuntimeSpec,
  resolved: Resolved,
  prompt: string,
): Task {
  const { instructions, model } = spec
  return {
    ...{ name: metadata.name, namespace: metadata.namespace, prompt, instructions, model },
    // a role that is missing allows nothing
    allowedTools: resolved.role?.spec.allowedTools ?? (spec.roleRef ? [] : undefined),
    mcpServers: resolved.mcpServers.map(({ name, spec: { env, headers, ...server } }) => {
      const value = (item: { name: string; value?: string }): NamedValue =>
        item.value === undefined
          ? { name: item.name, variable: mcpVariable(name, item.name) }
          : { name: item.name, value: item.value }
      return { name, ...server, env: env?.map(value), headers: headers?.map(value) }
    }),
    skills: resolved.skills.map((skill) => skill.spec),
    repositories: resolved.repositories.map((repository) => ({
      name: repository.name,
      host: repository.spec.host,
      owner: repository.spec.owner,
      repo: repository.spec.name,
      tokenEnv: repository.spec.tokenSecretRef ? repositoryVariable(repository.name) : undefined,
    })),
    paths: {
      home: HOME,
      tmp: TMP,
      workspaceDir: trimmed(runtime.workspaceDir),
      files: trimmed(runtime.configPath),
    },
    templates: runtime.templates,
    resumes: resumes(spec),
  }
}
