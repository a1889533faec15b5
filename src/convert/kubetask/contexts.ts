import { type Fields, isFields } from '../../api/isfields.ts'
import { PATHS, trimmed } from '../../api/paths.ts'
import type { Around } from '../foreign.ts'
import { defined, type Reader } from '../reader.ts'
import { shown } from '../shown.ts'
import { fileModeOf } from './filemode.ts'
import { sourceOf, whyDropped } from './source.ts'

/** The folder that relative paths lie in. */
export interface Workspace {
  dir: string
  /** Whether it is only assumed, because the Agent is not among the input. */
  assumed?: boolean
}

/** The workspace of an Agent; of one that is not there, the one that KubeTask and we have by default. */
export function workspaceOf(agent: Fields | undefined): Workspace {
  const spec = agent?.spec
  const dir = isFields(spec) ? spec.workspaceDir : undefined
  return typeof dir === 'string' && dir.startsWith('/')
    ? { dir: trimmed(dir) }
    : { dir: PATHS.workspaceDir, assumed: agent === undefined }
}

/** The entries of `contexts` of a Task, an Agent or a TaskTemplate as ours; undefined where there are none. */
export function contextsOf(spec: Reader, around: Around, workspace: Workspace): Fields[] | undefined {
  const made = spec.each('contexts').flatMap((item) => {
    const context = contextOf(item, around, workspace)
    return context ? [item.made(context)] : []
  })
  return made.length ? made : undefined
}

/** One entry, told by its shape: `ref` or `inline`, a type with its member, or the name of a Context. */
function contextOf(item: Reader, around: Around, workspace: Workspace): Fields | undefined {
  if (item.has('type')) return embedded(item, 'context', workspace)
  const ref = item.inside('ref')
  if (ref) return reference(ref, around, workspace)
  const inline = item.inside('inline')
  if (inline) return embedded(inline, 'context', workspace)
  if (item.has('name')) return reference(item, around, workspace)
  item.drop('', 'has neither a type nor the name of a Context, so that nothing is known of it')
  return undefined
}

function embedded(item: Reader, name: string, workspace: Workspace): Fields | undefined {
  const source = sourceOf(item)
  if (!source) return undefined
  if (item.has('name'))
    item.drop('name', 'names it in the tag in task.md only; make it a Context of that name, if the name matters')
  return defined({ ...source, ...mountOf(item, source.type === 'Git', name, workspace) })
}

function reference(item: Reader, { find, namespace }: Around, workspace: Workspace): Fields | undefined {
  const name = item.take('name')
  const at = item.has('namespace') ? item.take('namespace') : namespace
  if (at !== namespace)
    item.drop(
      'namespace',
      `a Context is looked up in ${namespace} and in the library namespace; put a copy of it there, or move it to the library namespace`,
    )
  const context = find('Context', shown(at), shown(name))?.spec
  const type = isFields(context) ? context.type : undefined
  const why = whyDropped(type)
  if (why !== undefined) {
    item.drop('', `its Context is not carried over: ${why}`)
    return undefined
  }
  if (!context && !item.has('mountPath'))
    item.note(
      'name',
      `is not among the input; if it is of type Git, write mountPath: ${workspace.dir}/git-${shown(name)}, where KubeTask put it`,
    )
  return defined({ name, ...mountOf(item, type === 'Git', shown(name), workspace) })
}

/** mountPath and fileMode, the path absolute. */
function mountOf(item: Reader, isGit: boolean, name: string, { dir, assumed }: Workspace): Fields {
  const given = item.take('mountPath')
  if (given === undefined || given === '') {
    if (item.has('fileMode') && !isGit) item.drop('fileMode', 'goes with a mountPath')
    if (!isGit) return {}
    const mountPath = `${dir}/git-${name}`
    item.note('', `has no mountPath; ${mountPath} is written, where KubeTask put it; it is read-only`)
    return defined({ mountPath, fileMode: fileModeOf(item) })
  }
  return defined({ mountPath: absolute(item, given, { dir, assumed }), fileMode: fileModeOf(item) })
}

function absolute(item: Reader, given: unknown, { dir, assumed }: Workspace): unknown {
  if (typeof given !== 'string' || given.startsWith('/')) return given
  const path = `${dir}/${given.replace(/^(\.\/)+/, '')}`
  const why = assumed
    ? 'below workspaceDir, which is assumed because the Agent is not among the input'
    : 'below workspaceDir'
  item.note('mountPath', `is relative; ${path} is written, ${why}`)
  return path
}
