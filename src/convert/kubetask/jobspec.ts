import { parseDuration } from '../../api/duration.ts'
import type { Fields } from '../../api/isfields.ts'
import type { Around } from '../foreign.ts'
import { defined, members, type Reader } from '../reader.ts'
import { shown } from '../shown.ts'
import { FOREVER, ttlOf } from './config.ts'
import { contextsOf, workspaceOf } from './contexts.ts'
import { templateOf } from './template.ts'

const NOTHING_BUT_CONTEXTS = 'Do what the contexts below say.'

/** What a Task says, as the spec of an AgentJob; a CronTask says the same in its taskTemplate. */
export function jobSpec(spec: Reader, around: Around): Fields {
  const template = templateOf(spec, around)
  const agent = agentOf(spec, template, around)
  const workspace = workspaceOf(agent.object)
  const contexts = [
    ...((template && contextsOf(template, around, workspace)) ?? []),
    ...(contextsOf(spec, around, workspace) ?? []),
  ]
  spec.note('', spec.has('timeout') ? TTL_NOTE : `${NO_LIMIT}; ${TTL_NOTE}`)
  return defined({
    runtimeRef: agent.name,
    prompt: promptOf(spec, template, contexts.length > 0),
    contexts: contexts.length ? contexts : undefined,
    timeoutSeconds: timeoutOf(spec),
    ttlSecondsAfterFinished: ttlOf(around),
    humanInTheLoop: humanInTheLoop(spec),
  })
}

const NO_LIMIT = 'has no time limit in KubeTask; timeoutSeconds is a year, write what you mean'
const TTL_NOTE =
  'ttlSecondsAfterFinished takes the Job, its pod and its log away, and leaves the AgentJob, where KubeTask deletes the Task'

function promptOf(spec: Reader, template: Reader | undefined, hasContexts: boolean): unknown {
  const description = spec.has('description') ? spec.take('description') : template?.take('description')
  if (description !== undefined && description !== '') return description
  if (!hasContexts) return description
  spec.note('', `has no description; "${NOTHING_BUT_CONTEXTS}" is written, because a prompt must not be empty`)
  return NOTHING_BUT_CONTEXTS
}

/** The Agent of a Task: by name, or by name and namespace; `default` where none is named. */
function agentOf(spec: Reader, template: Reader | undefined, around: Around): { name: unknown; object?: Fields } {
  const named = agentRefOf(spec, around) ?? (template && agentRefOf(template, around))
  if (named) return named
  const byTemplate = spec.inside('templateRef')
  const name = byTemplate ? byTemplate.take('name') : 'default'
  return { name, object: around.find(byTemplate ? 'AgentTemplate' : 'Agent', around.namespace, shown(name)) }
}

function agentRefOf(spec: Reader, { find, namespace }: Around): { name: unknown; object?: Fields } | undefined {
  const ref = spec.inside('agentRef')
  const name = ref ? ref.take('name') : spec.take('agentRef')
  if (name === undefined || name === '') return undefined
  const at = ref?.has('namespace') ? ref.take('namespace') : namespace
  if (at !== namespace)
    ref?.drop(
      'namespace',
      `an AgentRuntime is looked up in ${namespace} and in the library namespace, and its runs stay in ${namespace}; put a copy of it and of its Secrets there`,
    )
  return { name, object: find('Agent', shown(at), shown(name)) }
}

function timeoutOf(spec: Reader): unknown {
  const given = spec.take('timeout')
  if (given === undefined) return FOREVER
  const duration = typeof given === 'string' ? parseDuration(given) : undefined
  if (duration === undefined) {
    spec.fail('timeout', `is ${shown(given)}, which is no duration; write one such as 90s or 1h30m`)
    return undefined
  }
  return Math.max(1, Math.ceil(duration / 1000))
}

function humanInTheLoop(spec: Reader): Fields | undefined {
  const given = members(spec.inside('humanInTheLoop'), ['enabled', 'keepAlive'])
  return Object.keys(given).length ? given : undefined
}
