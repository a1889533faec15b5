import type { Fields } from '../api/isfields.ts'
import { trimmed } from '../api/paths.ts'
import type { UsedContext } from './contexts.ts'
import { type Fetch, gitFetch, urlFetch } from './fetch.ts'
import { type Mount, mountOf, type TextFile } from './files.ts'
import { CONTEXT_CONTAINER } from './names.ts'
import type { Settings } from './settings.ts'
import type { ContextBlock } from './taskmd.ts'

/** Who may read what is mounted out of a Secret: the kubelet lets the pod's group read it as well. */
const SECRET_MODE = 0o600

/** What contexts come to in a pod. */
export interface RenderedContexts {
  /** What of them belongs into task.md. */
  blocks: ContextBlock[]
  files: TextFile[]
  volumes: { name: string; [source: string]: unknown }[]
  /** What fetches the others, before the agent starts. */
  initContainers: Fields[]
  /** Each with the context that it is of, in its order. */
  mounts: { mount: Mount; isFolder: boolean; of: UsedContext }[]
}

/** Renders contexts: texts into task.md or as files, and what is not read here as volumes. */
export function renderContexts(
  contexts: readonly UsedContext[],
  workspaceDir: string,
  settings: Settings,
): RenderedContexts {
  const rendered: RenderedContexts = { blocks: [], files: [], volumes: [], initContainers: [], mounts: [] }
  for (const [index, used] of contexts.entries()) {
    const { source, mountPath, fileMode } = used
    const id = `${CONTEXT_CONTAINER}${index}`
    if (source.inline || source.configMap) {
      if (mountPath === undefined) rendered.blocks.push(...blocksOf(used))
      else placeTexts(rendered, used, id, trimmed(mountPath))
      continue
    }
    const place = trimmed(mountPath ?? `${trimmed(workspaceDir)}/contexts/${used.name}`)
    if (source.secret) mountSecret(rendered, used, id, place)
    else if (source.git) mountFetched(rendered, used, id, gitFetch(id, source.git, settings), place)
    else if (source.url) mountFetched(rendered, used, id, urlFetch(id, source.url, fileMode, settings), place)
    if (mountPath === undefined) rendered.blocks.push({ ...nameOf(used), type: source.type, path: place })
  }
  return rendered
}

const nameOf = ({ name, namespace }: UsedContext) => (name === undefined ? {} : { name, namespace })

/** The texts of a context, each under its key; one that stands in the context itself has none. */
const textsOf = ({ source: { inline }, texts = {} }: UsedContext): [string | undefined, string][] =>
  inline ? [[undefined, inline.content]] : Object.entries(texts).sort(([one], [other]) => (one < other ? -1 : 1))

/** Of a ConfigMap of which all keys are taken each text is told with its own. */
function blocksOf(used: UsedContext): ContextBlock[] {
  const { source } = used
  const all = source.configMap && source.configMap.key === undefined
  return textsOf(used).map(([key, text]) => ({
    ...nameOf(used),
    type: source.type,
    ...(all ? { key } : {}),
    text,
  }))
}

function placeTexts(rendered: RenderedContexts, used: UsedContext, id: string, mountPath: string): void {
  const mode = used.fileMode === undefined ? {} : { mode: used.fileMode }
  const isFolder = used.source.configMap !== undefined && used.source.configMap.key === undefined
  const texts = textsOf(used)
  if (!texts.length) return
  for (const [number, [key, text]] of texts.entries())
    rendered.files.push(
      isFolder ? { key: `${id}.${number}`, path: `${id}/${key}`, text, ...mode } : { key: id, text, ...mode },
    )
  rendered.mounts.push({ mount: mountOf(id, mountPath), isFolder, of: used })
}

function mountSecret(rendered: RenderedContexts, used: UsedContext, id: string, mountPath: string): void {
  const { name: secretName, key } = used.source.secret as { name: string; key?: string }
  const items = key === undefined ? {} : { items: [{ key, path: key }] }
  rendered.volumes.push({ name: id, secret: { secretName, defaultMode: used.fileMode ?? SECRET_MODE, ...items } })
  const mount: Mount = { name: id, mountPath, ...(key === undefined ? {} : { subPath: key }), readOnly: true }
  rendered.mounts.push({ mount, isFolder: key === undefined, of: used })
}

function mountFetched(
  rendered: RenderedContexts,
  used: UsedContext,
  id: string,
  fetch: Fetch,
  mountPath: string,
): void {
  const { containers, subPath, volumes } = fetch
  rendered.initContainers.push(...containers)
  rendered.volumes.push(...volumes)
  const mount: Mount = { name: id, mountPath, subPath, readOnly: true }
  // whether what Git has at a path is a folder nobody knows before
  rendered.mounts.push({ mount, isFolder: used.source.git !== undefined, of: used })
}
