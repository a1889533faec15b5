import { type Fields, isFields } from '../../api/isfields.ts'
import type { Around, ForeignKind, Named } from '../foreign.ts'
import { noTraces, type Reader, readerOf } from '../reader.ts'
import { shown } from '../shown.ts'
import { contextsOf, workspaceOf } from './contexts.ts'
import { TASK_TEMPLATE } from './taskfates.ts'

/** Where the spec of a Task stands in an object of either kind. */
const taskSpecOf = ({ kind, object }: Named): Fields => {
  const spec = isFields(object.spec) ? object.spec : {}
  if (kind === 'Task') return spec
  const inner = isFields(spec.taskTemplate) ? spec.taskTemplate.spec : undefined
  return isFields(inner) ? inner : {}
}

/** The namespace and the name of the TaskTemplate that a spec names. */
function refOf(spec: Fields, namespace: string): { namespace: string; name: string } | undefined {
  const ref = spec.taskTemplateRef
  if (!isFields(ref) || ref.name === undefined) return undefined
  return { namespace: shown(ref.namespace ?? namespace), name: shown(ref.name) }
}

/**
 * The spec of the TaskTemplate that a Task names, to be read beside its own; undefined where there is none. What is to be
 * said of it is said of the TaskTemplate itself.
 */
export function templateOf(spec: Reader, { find, namespace }: Around): Reader | undefined {
  const reader = spec.inside('taskTemplateRef')
  const ref = refOf({ taskTemplateRef: spec.peek('taskTemplateRef') }, namespace)
  if (!reader || !ref) return undefined
  const template = find('TaskTemplate', ref.namespace, ref.name)
  if (!template) {
    spec.drop(
      'taskTemplateRef',
      `there is no TaskTemplate ${ref.namespace}/${ref.name} in the input; convert them together`,
    )
    return undefined
  }
  for (const key of ['name', 'namespace']) reader.take(key)
  reader.note('name', 'what the TaskTemplate says is written in; a later change of it does not reach this AgentJob')
  return isFields(template.spec) ? readerOf(template.spec, noTraces()) : undefined
}

/** A TaskTemplate becomes no object: what it says is written into the Tasks that name it. */
export const taskTemplate: ForeignKind = {
  kind: 'TaskTemplate',
  fates: TASK_TEMPLATE,
  make(object, around) {
    for (const key of ['apiVersion', 'kind', 'metadata']) object.take(key)
    const own = object.peek('spec')
    const users = ['Task', 'CronTask'].flatMap(around.all).filter((named) => {
      const ref = refOf(taskSpecOf(named), named.namespace)
      return ref && around.find('TaskTemplate', ref.namespace, ref.name)?.spec === own
    })
    if (!users.length) {
      object.drop('', 'becomes no object, and no Task in the input names it; convert it with those that do')
      return []
    }
    object.note('', 'becomes no object; what it says is written into the AgentJobs of the Tasks that name it')
    const spec = object.inside('spec')
    if (!spec) return []
    for (const key of ['description', 'agentRef']) spec.take(key)
    contextsOf(spec, around, workspaceOf(undefined))
    return []
  },
}
